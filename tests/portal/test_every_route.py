"""The four personas at every address of the site, against the table in every_route.txt.

A route that is not in the table fails here, so that nobody adds an address without saying who may
open it. Whatever is asked, nothing that members pay for reaches the visitor or the refunded member.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from meetings.alerts import link
from meetings.clips import files
from meetings.clips import services as clips
from meetings.media import playback, storage
from meetings.records.models import State
from meetings.transcripts.utterances import Utterance
from memberships.gate.routes import walk
from tests.meetings.alerts.factories import alert
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.media.factories import RecordingFactory, UploadFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import CreditNoteFactory, UserFactory

WHO = ("visitor", "member", "refunded", "staff")
PAID_FOR = "quicksilver marmalade"
AN_HOUR = 3_600_000


class Row(NamedTuple):
    """One line of the table."""

    route: str
    method: str
    address: str
    expected: tuple[str, ...]


def rows() -> Iterator[Row]:
    table = Path(__file__).with_name("every_route.txt").read_text()
    for line in table.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        route, method, rest = re.split(r"\s*\b(GET|HEAD|POST)\s+(?=[/{])", line, maxsplit=1)
        address, *expected = rest.split()
        assert len(expected) == len(WHO), line
        yield Row(route, method, address, tuple(expected))


def routes(*, of_admin: bool) -> list[str]:
    return sorted(
        {
            route.pattern
            for route in walk(get_resolver().url_patterns)
            if ("admin" in route.namespaces) is of_admin
        }
    )


@pytest.fixture
def things(staff, member) -> dict[str, object]:
    """One of each that an address can name."""
    meeting = MeetingFactory()
    transcribe(
        [
            Utterance(1_000, 5_000, "Good evening.", "Chair Ruiz"),
            Utterance(AN_HOUR, AN_HOUR + 4_000, f"The {PAID_FOR} is approved.", "Chair Ruiz"),
        ],
        meeting=meeting,
    )
    article = ArticleFactory(meeting=meeting)
    SentenceFactory(article=article)
    recording = RecordingFactory(meeting=meeting, ready=True, has_poster=True)
    package = storage.package_of(recording.key, recording.package_version)
    package.mkdir(parents=True)
    for name in ("init.mp4", "0.m4s", "thumbnails.vtt", "sprite-1.jpg", "poster.jpg"):
        (package / name).write_text(name if name == "poster.jpg" else f"The {PAID_FOR} is shown.")
    token = playback.token_for(recording, now=timezone.now())
    clip = ClipFactory(recording=recording, owner=member.user)
    ends = clip.renderings.create(
        kind="ends",
        content_key="0" * 64,
        state="ready",
        asked_at=timezone.now(),
        parts=[
            {
                "span": 0,
                "start_ms": 4_000,
                "end_ms": 6_000,
                "name": f"clips/{clip.slug}/0.mp4",
                "init_bytes": 4,
                "size_bytes": 8,
            }
        ],
    )
    piece = files.path_of(ends.parts[0]["name"])
    piece.parent.mkdir(parents=True)
    piece.write_text("a piece")
    video = f"clips/{clip.slug}/plain.mp4"
    files.path_of(video).write_text("a clip")
    clip.renderings.create(
        kind="plain",
        content_key="1" * 64,
        state="ready",
        asked_at=timezone.now(),
        file_name=video,
        sha256="2" * 64,
        size_bytes=6,
    )
    sound = f"clips/{clip.slug}/audio.m4a"
    files.path_of(sound).write_text("a sound")
    clip.renderings.create(
        kind="audio",
        content_key="3" * 64,
        state="ready",
        asked_at=timezone.now(),
        file_name=sound,
        sha256="4" * 64,
        size_bytes=7,
    )
    private = ClipFactory(recording=recording, owner=member.user, visibility="private")
    deleted = ClipFactory(recording=recording, slug="was-deleted")
    clips.delete(clip=deleted, now=timezone.now())
    asked = alert("rent", owner=member.user)
    match = asked.matches.create(
        meeting=meeting,
        stage="after",
        source="transcripts",
        text_hash="0" * 64,
        lines=[{"parts": [[f"The {PAID_FOR} is approved.", True]]}],
        found_at=timezone.now(),
    )
    return {
        "alert": f"/alerts/{asked.pk}/",
        "alert_id": asked.pk,
        "alert_match": match.pk,
        "alert_link": urlsplit(link.to_alert(asked.pk)).path,
        "clip": clip.get_absolute_url(),
        "clip_file": clip.get_absolute_url().rstrip("/"),
        "private_clip_file": private.get_absolute_url().rstrip("/"),
        "clip_piece": f"{clip.get_absolute_url()}pieces/{ends.pk}-0.mp4",
        "private_clip": private.get_absolute_url(),
        "deleted_clip": deleted.get_absolute_url(),
        "hidden_clip": ClipFactory(recording=recording, owner=UserFactory()).get_absolute_url(),
        "place": meeting.body.place.get_absolute_url(),
        "body": meeting.body.get_absolute_url(),
        "meeting": meeting.get_absolute_url(),
        "meeting_id": meeting.pk,
        "draft_meeting": MeetingFactory(state=State.DRAFT).get_absolute_url(),
        "article": article.get_absolute_url(),
        "article_id": article.pk,
        "key": 1,
        "token": token,
        "upload": UploadFactory(owner=staff.user).key,
        "others_upload": UploadFactory().key,
        "tampered": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "receipt": f"/membership/receipts/{CreditNoteFactory(number=1).purchase_id}/",
        "credit_note": f"/membership/credit-notes/{CreditNoteFactory(number=2).pk}/",
    }


def test_what_the_refused_get_holds_no_token(personas, things):
    for who in ("visitor", "refunded"):
        for address in (things["meeting"], f"/meetings/{things['meeting_id']}/playlist.m3u8"):
            assert "/playback/" not in everything(personas[who].get(address)), (who, address)


def everything(response) -> str:
    """All bytes of an answer, headers included."""
    return response.getvalue().decode(errors="replace") + str(response.headers)


def check(response, who: str, expected: str, address: str, *, by_capability: bool = False) -> None:
    __tracebackhide__ = True
    if expected == "login":
        assert response.status_code == 302, (who, address)
        assert response.url.startswith("/accounts/login/?" + urlencode({"next": ""})), response.url
    else:
        assert response.status_code == int(expected), (who, address)
    if who in {"visitor", "refunded"} and response.status_code != 404 and not by_capability:
        assert PAID_FOR not in everything(response), (who, address)
    kept = response.headers["Cache-Control"]
    if who == "visitor":
        assert kept in {"private, no-store", "public, max-age=0, s-maxage=60"}
    else:
        assert kept == "private, no-store"


def test_every_route_is_in_the_table_and_the_table_names_no_other():
    listed = {row.route for row in rows()}
    there = set(routes(of_admin=False))
    assert not there - listed, f"routes without a line in every_route.txt: {there - listed}"
    assert not listed - there, f"lines of routes that are no more: {listed - there}"


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: f"{row.method} {row.address}")
def test_each_persona_is_answered_as_the_table_says(row, personas, things):
    address = row.address.format(**things)
    for (who, persona), expected in zip(personas.items(), row.expected, strict=True):
        response = getattr(persona, row.method.lower())(address)
        # Whoever holds a good token may play: the token itself is what others never get.
        held = f"/{things['token']}/" in address
        check(response, who, expected, f"{row.method} {address}", by_capability=held)


def example(pattern: str) -> str:
    """An address that fits a route of the admin."""
    named = re.sub(r"<path:(object_id|content_type_id)>", "1", pattern)
    named = named.replace("^(?P<app_label>", "(").replace("/$", "/")
    named = re.sub(r"\((\w+)\|[^)]*\)", r"\1", named)
    return "/" + named.replace("(?P<url>.*)$", "no/such/page")


@pytest.mark.parametrize("method", ["get", "post"])
def test_admin_is_there_for_staff_alone(method, personas):
    for pattern in routes(of_admin=True):
        address = example(pattern)
        for who, expected in (("visitor", "login"), ("member", "404"), ("refunded", "404")):
            response = getattr(personas[who], method)(address)
            check(response, who, expected, f"{method} {address}")


def test_staff_open_every_list_of_the_admin(staff: Client, things):
    lists = [route for route in routes(of_admin=True) if re.fullmatch(r"admin/(\w+/\w+/)?", route)]
    assert len(lists) > 5
    for route in lists:
        assert staff.get(f"/{route}").status_code == 200, route


def test_no_page_of_the_admin_breaks_for_staff(staff: Client, things):
    for pattern in routes(of_admin=True):
        assert staff.get(example(pattern)).status_code < 500, pattern


def test_secrets_of_second_factors_are_not_in_the_admin(staff: Client):
    for route in ("mfa/authenticator", "account/emailaddress"):
        assert staff.get(f"/admin/{route}/").status_code == 404


def test_unknown_address_is_404_for_everybody(personas, db):
    for who, persona in personas.items():
        check(persona.get("/no/such/page/"), who, "404", "/no/such/page/")
