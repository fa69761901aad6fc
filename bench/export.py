"""Bulk export: how much memory a snapshot of 4 million segments takes, how fast it is, how large.

Method: meetings of 2,000 segments each are put into the database by SQL, spread over 16 years,
until there are 4 million segments (`--quick` 100,000; `--segments N` for another number). Their
words are pairs of 2,000 sentences made of the words of `bench/intake.py`, so they compress better
than speech. Then `manage.py export_dataset` writes all of it in a process of its own, whose peak
memory the kernel tells when it ends (`ru_maxrss`: Python, Django and pyarrow included). DuckDB
counts the rows in the Parquet files of each table, and the segments in the NDJSON too, and each
count is compared with the database's own. What was put in is removed at the end.

The budget is the memory: 300 MB, however many segments there are. The last line is JSON.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

import duckdb
from django.db import connection

from bench.intake import WORDS
from meetings.data.bulk.manifests import NAME, Manifest
from meetings.records.models import Body, Meeting, Place
from meetings.transcripts.models import Segment, Speaker, Transcript

BUDGET_MB = 300
A_MEETING = 2_000  # segments
SENTENCES = 2_000
FILL = """
CREATE TEMPORARY TABLE sentences AS
SELECT words, number FROM unnest(%(sentences)s::text[]) WITH ORDINALITY AS all_of (words, number);

ANALYZE sentences;

INSERT INTO meetings_meeting
    (body_id, title, slug, held_on, state, published_at, withdrawn_reason, created_at)
SELECT %(body)s, 'Hearing ' || n, 'hearing', date '2010-01-01' + n * 37 %% 6000, 'published',
    now(), '', now()
FROM generate_series(1, %(meetings)s) AS n;

INSERT INTO meetings_speaker (meeting_id, name)
SELECT id, 'Speaker ' || n FROM meetings_meeting, generate_series(0, 7) AS n
WHERE body_id = %(body)s;

INSERT INTO meetings_transcript
    (meeting_id, language, version, is_current, format, segment_count, word_count, speaker_count,
     first_ms, last_ms, created_at, origin, note, made_by_name, doubts, reviewed_by_name)
SELECT id, 'en', 1, true, 'webvtt', %(a_meeting)s, 0, 8, 0, %(a_meeting)s * 6000, now(),
    'taken_in', '', '', '[]', ''
FROM meetings_meeting WHERE body_id = %(body)s;

INSERT INTO meetings_segment
    (transcript_id, position, key, speaker_id, start_ms, end_ms, text, confidence)
SELECT transcript.id, n, lpad(to_hex(n), 16, '0'), speaker.first + n / 7 %% 8, n * 6000,
    n * 6000 + 5000,
    one.words || ' ' || other.words, CASE WHEN n %% 5 = 0 THEN 0.9 END
FROM meetings_transcript AS transcript
JOIN meetings_meeting AS meeting ON meeting.id = transcript.meeting_id
JOIN (SELECT meeting_id, min(id) AS first FROM meetings_speaker GROUP BY meeting_id) AS speaker
    ON speaker.meeting_id = meeting.id
CROSS JOIN generate_series(0, %(a_meeting)s - 1) AS n
JOIN sentences AS one ON one.number = 1 + (transcript.id * 31 + n * 7) %% %(count)s
JOIN sentences AS other ON other.number = 1 + (transcript.id * 17 + n * 13) %% %(count)s
WHERE meeting.body_id = %(body)s;
"""


def fill(body: Body, segments: int) -> None:
    chance = random.Random(9)
    sentences = [" ".join(chance.choices(WORDS, k=8)).capitalize() + "." for _ in range(SENTENCES)]
    given: dict[str, int | list[str]] = {
        "body": body.pk,
        "meetings": segments // A_MEETING,
        "a_meeting": A_MEETING,
        "sentences": sentences,
        "count": SENTENCES,
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, given)
        cursor.execute("ANALYZE")


def empty(body: Body) -> None:
    meetings = Meeting.objects.filter(body=body)
    # No signals and no cascade: these are 4 million rows.
    Segment.objects.filter(transcript__meeting__in=meetings)._raw_delete(using="default")
    Transcript.objects.filter(meeting__in=meetings)._raw_delete(using="default")
    Speaker.objects.filter(meeting__in=meetings)._raw_delete(using="default")
    meetings.delete()


def export(folder: Path) -> tuple[float, float]:
    """Seconds and megabytes that the command takes."""
    begun = time.perf_counter()
    command = [sys.executable, str(ROOT / "manage.py"), "export_dataset", str(folder)]
    process = subprocess.Popen(command, stdout=sys.stderr)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"export_dataset ended with {process.returncode}.")
    return time.perf_counter() - begun, used.ru_maxrss / 1024


def counted(folder: Path, pattern: str) -> int:
    counting = f"SELECT count(*) FROM '{folder}/{pattern}'"  # noqa: S608 - our own names
    return int(duckdb.connect().execute(counting).fetchall()[0][0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a small size")
    parser.add_argument("--segments", type=int, default=4_000_000)
    asked = parser.parse_args()
    segments = 100_000 if asked.quick else asked.segments
    place, _ = Place.objects.get_or_create(slug="bench", name="Bench", level="city")
    body, _ = Body.objects.get_or_create(slug="bulk", defaults={"place": place, "name": "Bulk"})
    begun = time.perf_counter()
    fill(body, segments)
    print(f"filled:    {segments:,} segments in {time.perf_counter() - begun:,.0f} s", flush=True)
    published = Meeting.objects.published()
    theirs = {
        "meetings": published.count(),
        "transcripts": Transcript.objects.filter(meeting__in=published).count(),
        "speakers": Speaker.objects.filter(meeting__in=published).count(),
        "segments": Segment.objects.filter(transcript__meeting__in=published).count(),
    }
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "snapshot"
        seconds, peak_mb = export(folder)
        manifest = Manifest.read((folder / NAME).read_bytes())
        ours = {name: counted(folder, f"{name}-*.parquet") for name in theirs}
        lines = counted(folder, "segments-*.ndjson.gz")
        table = manifest.table("segments")
    empty(body)
    assert table is not None
    parquet, ndjson = table.size_of("parquet"), table.size_of("ndjson")
    equal = ours == theirs and lines == theirs["segments"] == table.row_count
    ok = equal and peak_mb <= BUDGET_MB
    print(f"exported:  {table.row_count:,} segments in {seconds:,.0f} s,")
    print(f"           {table.row_count / seconds:,.0f} a second, both kinds of files together")
    print(f"memory:    {peak_mb:,.0f} MB at the peak, of {BUDGET_MB} MB")
    print(f"sizes:     {parquet / 1e6:,.0f} MB Parquet, {ndjson / 1e6:,.0f} MB NDJSON")
    print(f"counts:    {'equal' if equal else 'not equal'} in DuckDB and PostgreSQL: {ours}")
    figures = {
        "name": "export",
        "segments": table.row_count,
        "seconds": round(seconds, 1),
        "segments_per_second": round(table.row_count / seconds),
        "peak_mb": round(peak_mb),
        "parquet_bytes": parquet,
        "ndjson_bytes": ndjson,
        "counts_equal": equal,
        "budget": {"peak_mb": BUDGET_MB},
        "ok": ok,
    }
    print(json.dumps(figures))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
