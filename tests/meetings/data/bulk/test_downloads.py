"""Downloads go on where they broke off, for whoever is a member, and for nobody else."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.urls import reverse

from meetings.data.bulk import delivery, keeping
from meetings.data.bulk.manifests import NAME, File, Holding, Manifest
from memberships.purchases.models import Membership

pytestmark = pytest.mark.django_db

SNAPSHOT = "20261123T022300Z"
WORDS = b"0123456789" * 100
FILE = "segments-2026-03.parquet"


def manifest() -> Manifest:
    facts = {"row_count": 3, "month": "2026-03"}
    files = [
        File(FILE, "parquet", size_bytes=1_000, sha256=hashlib.sha256(WORDS).hexdigest(), **facts),
        File("segments-2026-03.ndjson.gz", "ndjson", size_bytes=2_000, sha256="b" * 64, **facts),
    ]
    column = {"name": "text", "kind": "text", "is_optional": False, "says": "What is said."}
    tables = [
        Holding("places", "Jurisdictions.", 0, [column], []),
        Holding("segments", "The words.", 3, [column], files),
    ]
    taken_at = datetime(2026, 11, 23, 2, 23, tzinfo=UTC)
    return Manifest(taken_at, "Site", "https://site", "Name the source.", "", tables)


@pytest.fixture(autouse=True)
def snapshot() -> Path:
    folder = keeping.root() / SNAPSHOT
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(WORDS)
    (folder / "segments-2026-03.ndjson.gz").write_bytes(b"zipped")
    (folder / NAME).write_bytes(manifest().write())
    return folder


def address(reader: Any, file: str = FILE) -> str:
    answer = reader.get(reverse("data-file", args=["latest", file]))
    assert answer.status_code == 302
    return str(answer["Location"])


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_member_is_led_to_an_address_that_needs_no_session(member: Any, visitor: Any) -> None:
    answer = visitor.get(address(member))
    assert answer.status_code == 200
    assert body(answer) == WORDS
    assert answer["Content-Disposition"] == f'attachment; filename="{FILE}"'
    assert "no-store" in answer["Cache-Control"]


def test_a_download_that_broke_off_goes_on(member: Any, visitor: Any, snapshot: Path) -> None:
    there = address(member)
    tag = visitor.get(there)["ETag"]
    rest = visitor.get(there, HTTP_RANGE="bytes=400-", HTTP_IF_RANGE=tag)
    assert rest.status_code == 206
    assert rest["Content-Range"] == "bytes 400-999/1000"
    assert body(rest) == WORDS[400:]
    assert visitor.get(there, HTTP_RANGE="bytes=1000-").status_code == 416
    (snapshot / FILE).write_bytes(b"others")
    assert body(visitor.get(there, HTTP_RANGE="bytes=4-", HTTP_IF_RANGE=tag)) == b"others"


def test_each_part_asks_one_query(
    member: Any, visitor: Any, django_assert_num_queries: Any
) -> None:
    there = address(member)
    with django_assert_num_queries(1):
        visitor.get(there, HTTP_RANGE="bytes=400-")


def test_an_address_stops_with_its_membership(member: Any, visitor: Any) -> None:
    there = address(member)
    Membership.objects.all().delete()
    assert visitor.get(there).status_code == 403


def test_an_address_stops_after_its_hours(
    member: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DATA_LINK_HOURS = 1.0
    there, later = address(member), signing.time.time() + 3_601
    assert visitor.get(there).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert visitor.get(there).status_code == 403


def test_whatever_else_is_asked_for_gives_nothing(member: Any, visitor: Any) -> None:
    token = delivery.token(SNAPSHOT, member.user)
    bad = f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}"
    assert visitor.get(delivery.address(bad, FILE)).status_code == 403
    for name in (".lock", "segments.exe", "..", "manifest.json.bak"):
        assert visitor.get(delivery.address(token, name)).status_code in {403, 404}
    assert visitor.get(delivery.address(token, "words-2026-03.parquet")).status_code == 404
    other = signing.dumps([SNAPSHOT, member.user.pk], salt="other")
    assert visitor.get(delivery.address(other, FILE)).status_code == 403
    gone = delivery.token("20200101T000000Z", member.user)
    assert visitor.get(delivery.address(gone, FILE)).status_code == 404


def test_files_and_their_list_are_for_members_alone(personas: Any) -> None:
    for name, reader in personas.items():
        answers = [
            reader.get(reverse("data-file", args=["latest", FILE])),
            reader.get(reverse("data-links", args=[SNAPSHOT])),
        ]
        expected = [302, 200] if name in {"member", "staff"} else [402, 402]
        assert [answer.status_code for answer in answers] == expected, name
        if expected == [402, 402]:
            assert b"/data/download/" not in answers[0].content + answers[1].content


def test_the_list_of_addresses_names_each_file_once(member: Any, visitor: Any) -> None:
    lines = member.get(reverse("data-links", args=["latest"])).text.splitlines()
    names = [urlsplit(line).path.rpartition("/")[2] for line in lines]
    assert names == [NAME, FILE, "segments-2026-03.ndjson.gz"]
    assert body(visitor.get(urlsplit(lines[1]).path)) == WORDS


@pytest.mark.parametrize("name", ["20200101T000000Z", "..", "latest.", "20261123T022300Z\n"])
def test_what_is_no_snapshot_is_not_there(name: str, member: Any, visitor: Any) -> None:
    for route, rest in (("data-file", [FILE]), ("data-links", []), ("data-table", ["segments"])):
        assert member.get(reverse(route, args=[name, *rest])).status_code == 404


def test_nginx_carries_the_bytes_where_it_is_told_to(
    member: Any, visitor: Any, settings: Any
) -> None:
    settings.PLAYBACK_ACCEL = "/protected-media"
    answer = visitor.get(address(member))
    assert answer["X-Accel-Redirect"] == f"/protected-media/data/{SNAPSHOT}/{FILE}"
    assert answer["Content-Disposition"] == f'attachment; filename="{FILE}"'
    assert answer.content == b""


def test_a_bucket_gives_its_files_itself(member: Any, visitor: Any, bucket: Any) -> None:
    import urllib.request

    bucket.Object(f"data/{SNAPSHOT}/{NAME}").put(Body=manifest().write())
    bucket.Object(f"data/{SNAPSHOT}/{FILE}").put(Body=WORDS)
    there = visitor.get(address(member), HTTP_RANGE="bytes=990-")
    assert there.status_code == 302
    asked = urllib.request.Request(  # noqa: S310 - the bucket of these tests, here and below
        there["Location"], headers={"Range": "bytes=990-"}
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        assert answer.status == 206
        assert answer.read() == WORDS[990:]
        assert FILE in answer.headers["Content-Disposition"]


def test_the_page_says_what_there_is_to_everybody(personas: Any) -> None:
    said = hashlib.sha256(manifest().write()).hexdigest()
    for reader in personas.values():
        page = reader.get("/data/").text
        assert said in page
        assert "You may copy, change and share" in page
        assert "/data/download/" not in page


def test_the_page_of_a_table_names_each_file_with_its_hash(visitor: Any) -> None:
    page = visitor.get(reverse("data-table", args=[SNAPSHOT, "segments"])).text
    assert FILE in page
    assert hashlib.sha256(WORDS).hexdigest() in page
    empty = visitor.get(reverse("data-table", args=[SNAPSHOT, "places"])).text
    assert "This table has no rows yet." in empty
    assert visitor.get(reverse("data-table", args=[SNAPSHOT, "users"])).status_code == 404


def test_the_page_asks_the_database_nothing(visitor: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):  # the announcement of every page
        visitor.get("/data/")


def test_the_page_stands_without_a_snapshot_and_without_its_storage(
    visitor: Any, snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> list[str]:
        raise OSError("the bucket does not answer")

    monkeypatch.setattr(keeping, "names", fails)
    answer = visitor.get("/data/")
    assert answer.status_code == 200
    assert "The first is taken tonight." in answer.text
