"""A snapshot is complete, consistent, and holds nothing that is not every member's."""

import gzip
import hashlib
import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import InternalError, connection, transaction

from meetings.articles.models import Insight, InsightEvidence
from meetings.data.bulk import making, snapshot, writing
from meetings.data.bulk.manifests import NAME, Manifest
from meetings.data.bulk.tables import TABLES
from meetings.data.views.snapshots import SPEAKING
from meetings.records.models import Meeting, State
from meetings.transcripts.models import Segment
from tests.meetings.data.bulk.conftest import SAID, SECRET, lines
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

# Each needs transactions of its own, and tables emptied after it.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def taken(folder: Path) -> Manifest:
    return making.by_hand(folder)


def test_both_kinds_of_files_hold_the_same_rows_with_their_types(town, tmp_path: Path) -> None:
    manifest = taken(tmp_path / "out")
    for table in manifest.tables:
        for parquet, ndjson in zip(table.of_kind("parquet"), table.of_kind("ndjson"), strict=True):
            stem = parquet.name.removesuffix(".parquet")
            rows = pq.read_table(tmp_path / "out" / parquet.name).to_pylist()
            json_columns = {one["name"] for one in table.columns if one["kind"] == "json"}
            plain = [
                {
                    name: json.loads(value)
                    if name in json_columns
                    else value.isoformat().replace("+00:00", "Z")
                    if hasattr(value, "isoformat")
                    else value
                    for name, value in row.items()
                }
                for row in rows
            ]
            assert plain == lines(tmp_path / "out", stem)
            assert len(rows) == parquet.row_count == ndjson.row_count


def test_words_survive_character_by_character(town, tmp_path: Path) -> None:
    taken(tmp_path / "out")
    rows = [row for row in lines(tmp_path / "out", "segments-2026-03") if len(row["key"]) == 16]
    now = [row for row in rows if row["transcript_id"] == town.transcripts.current().get().pk]
    assert [row["text"] for row in now] == [said.text for said in SAID]
    assert [row["speaker"] for row in now] == ["Chair Ruiz", "Chair Ruiz", None]
    assert len(rows) == 4  # the version before it, too


def test_nothing_that_is_not_every_member_s_is_in_any_byte(town, tmp_path: Path) -> None:
    taken(tmp_path / "out")
    said = b"".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in (tmp_path / "out").iterdir()
        if path.suffix != ".parquet"  # the same rows, as another test says
    )
    assert b"The budget is approved." in said
    assert SECRET.encode() not in said
    assert b"@" not in said


def test_counts_are_those_of_what_is_published(town, tmp_path: Path) -> None:
    counts = {table.name: table.row_count for table in taken(tmp_path / "out").tables}
    assert counts["meetings"] == 2
    assert counts["segments"] == 5
    assert counts["articles"] == counts["sentences"] == counts["evidence"] == 1
    assert counts["clips"] == counts["clip_spans"] == 1


def test_manifest_tells_the_truth_about_each_file(town, tmp_path: Path) -> None:
    manifest = taken(tmp_path / "out")
    there = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert Manifest.read(there.pop(NAME)) == manifest
    assert {file.name for file in manifest.files()} == set(there)
    for file in manifest.files():
        assert file.size_bytes == len(there[file.name])
        assert file.sha256 == hashlib.sha256(there[file.name]).hexdigest()
    assert manifest.licence == django_settings.DATA_LICENSE
    assert [table.name for table in manifest.tables] == [table.name for table in TABLES]


def test_the_same_rows_give_the_same_bytes(town, tmp_path: Path) -> None:
    one, other = taken(tmp_path / "one"), taken(tmp_path / "other")
    hashes = [
        {file.name: file.sha256 for file in m.files() if file.kind == "ndjson"}
        for m in (one, other)
    ]
    assert hashes[0] == hashes[1]


def test_what_is_written_meanwhile_is_not_in_it(
    town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection publishes a meeting and withdraws one after the first table is read."""
    write, done = snapshot._write, []

    def meanwhile() -> None:
        transcribe(SAID, meeting=MeetingFactory(held_on=town.held_on))
        Segment.objects.filter(transcript__meeting=town).update(text="rewritten")
        Meeting.objects.filter(pk=town.pk).update(
            state=State.WITHDRAWN, withdrawn_reason="Recorded twice."
        )
        connection.close()

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        if not done:
            done.append(thread := threading.Thread(target=meanwhile))
            thread.start()
            thread.join()
        return write(*args, **kwargs)

    monkeypatch.setattr(snapshot, "_write", interrupted)
    manifest = taken(tmp_path / "out")
    counts = {table.name: table.row_count for table in manifest.tables}
    assert (counts["meetings"], counts["segments"]) == (2, 5)
    assert "rewritten" not in {row["text"] for row in lines(tmp_path / "out", "segments-2026-03")}
    assert done
    assert Meeting.objects.published().count() == 2


def test_it_reads_in_a_transaction_that_cannot_write(town) -> None:
    with (
        pytest.raises(InternalError, match="read-only"),
        snapshot._one_instant(),
    ):
        MeetingFactory()


def test_it_is_not_taken_within_a_transaction_of_others(town, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        taken(tmp_path / "out")
    assert list(tmp_path.glob("out")) == list(tmp_path.glob(".out*")) == []


def test_batches_become_row_groups(town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 2)
    taken(tmp_path / "out")
    file = pq.ParquetFile(tmp_path / "out" / "segments-2026-03.parquet")
    assert file.metadata.num_row_groups == 2
    assert [row["position"] for row in lines(tmp_path / "out", "segments-2026-03")] == [0, 0, 1, 2]


def test_insights_are_those_that_the_page_shows(town, tmp_path: Path) -> None:
    keys = list(
        Segment.objects.filter(transcript=town.transcripts.current().get()).values_list(
            "key", flat=True
        )
    )

    def insight(position: int, text: str, key: str, **more: Any) -> None:
        row = Insight.objects.create(
            meeting=town, position=position, kind="decision", text=text, language="en",
            writer="phrases", writer_version="1", transcript_version=2,
            created_at=datetime(2026, 3, 4, tzinfo=UTC), **more,
        )  # fmt: skip
        InsightEvidence.objects.create(
            insight=row, first_key=keys[0], last_key=key, start_ms=0, end_ms=1
        )

    insight(1, "Approved", keys[1])
    insight(2, "Stale", "0" * 16)
    insight(3, "Failed", keys[1], failed=[{"kind": "figure"}])
    insight(4, "Struck", keys[1], struck_at=datetime(2026, 3, 5, tzinfo=UTC))
    taken(tmp_path / "out")
    assert [row["text"] for row in lines(tmp_path / "out", "insights-2026-03")] == ["Approved"]
    assert len(lines(tmp_path / "out", "insight_evidence-2026-03")) == 1
    shown = Insight.objects.resting_in(town.transcripts.current().get())
    assert [row.text for row in shown] == ["Approved"]


def duck(query: str, folder: Path) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = duckdb.sql(query.replace("snapshot/", f"{folder}/")).fetchall()
    return found


def test_the_query_of_the_page_runs_in_duckdb(town, tmp_path: Path) -> None:
    taken(tmp_path / "out")
    assert duck(SPEAKING, tmp_path / "out") == [("Chair Ruiz", 12_000 / 60_000)]


def test_each_query_of_the_documentation_runs_in_duckdb(town, tmp_path: Path) -> None:
    page = (django_settings.BASE_DIR / "docs/data.md").read_text()
    queries = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    taken(tmp_path / "out")
    assert SPEAKING in queries[0]
    for query in queries:
        assert duck(query, tmp_path / "out"), query


def test_duckdb_counts_what_the_manifest_counts(town, tmp_path: Path) -> None:
    for table in taken(tmp_path / "out").tables:
        if table.row_count:
            for ending in writing.ENDINGS.values():
                read = f"SELECT count(*) FROM 'snapshot/{table.name}*{ending}'"
                assert duck(read, tmp_path / "out") == [(table.row_count,)], table.name


def test_an_empty_site_gives_a_snapshot_without_files(transactional_db, tmp_path: Path) -> None:
    manifest = taken(tmp_path / "out")
    assert manifest.row_count == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [NAME]


def test_the_command_writes_a_snapshot_and_says_how_large(town, tmp_path: Path, capsys) -> None:
    call_command("export_dataset", str(tmp_path / "new" / "out"))
    manifest = Manifest.read((tmp_path / "new" / "out" / NAME).read_bytes())
    assert f"{manifest.row_count:,} rows" in capsys.readouterr().out
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_dataset", str(tmp_path / "new" / "out"))


def test_the_command_leaves_a_folder_with_something_in_it_alone(town, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(CommandError):
        call_command("export_dataset", str(tmp_path / "mine"))
    assert [path.name for path in tmp_path.iterdir() if path.name != "media"] == ["mine"]
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
