"""Every address of a recording, walked by the four personas; and what a thief would try with it."""

import logging
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from meetings.media import packaging, playback, storage, tokens
from meetings.media.models import Recording
from meetings.media.probing import probe
from meetings.records.models import State
from meetings.transcripts.utterances import Utterance
from memberships.purchases import services as purchases
from memberships.purchases.models import Membership
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db
WHO = ("visitor", "member", "refunded", "staff")
SAID = "Quicksilver marmalade was approved."
FILES = (
    *("init.mp4", "0.m4s", "1.m4s", "2.m4s"),
    *("captions.vtt", "thumbnails.vtt", "sprite-1.jpg"),
)


@pytest.fixture(scope="session")
def package(council: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walked")
    packaging.build(council, probe(council), folder)
    return folder


@pytest.fixture
def recording(package: Path) -> Recording:
    recording = RecordingFactory(ready=True, has_poster=True, meeting__state=State.PUBLISHED)
    shutil.copytree(package, storage.package_of(recording.key, 1))
    original = storage.root() / str(recording.original)
    original.write_bytes(b"the original")
    transcribe([Utterance(0, 2_000, SAID, "Chair")], meeting=recording.meeting)
    return recording


@pytest.fixture
def token(recording: Recording, member: Client) -> str:
    playlist = member.get(f"/meetings/{recording.meeting_id}/playlist.m3u8").content.decode()
    return playlist.partition("/playback/")[2].partition("/")[0]


def is_bare_refusal(answer: Any) -> bool:
    """403, no body, and no header that tells anything."""
    told = {name.lower() for name in answer.headers}
    telling = {"location", "x-accel-redirect", "etag", "content-range", "set-cookie"}
    return answer.status_code == 403 and answer.getvalue() == b"" and not told & telling


def test_members_and_staff_get_addresses_and_nobody_else(
    recording: Recording, personas: dict[str, Client]
) -> None:
    playlist = f"/meetings/{recording.meeting_id}/playlist.m3u8"
    page = recording.meeting.get_absolute_url()

    for who in WHO:
        answer = personas[who].get(playlist)
        may = who in {"member", "staff"}
        assert answer.status_code == (200 if may else 402), who
        assert (b"/playback/" in answer.content) is may, who
        assert answer["Cache-Control"] == "private, no-store", who
        poster = personas[who].get(f"/meetings/{recording.meeting_id}/poster.jpg")
        assert poster.status_code == 200, who
        shown = personas[who].get(page)
        text = b"".join(shown.streaming_content) if shown.streaming else shown.content
        assert b"/playback/" not in text, who
        assert str(recording.key).encode() not in text, who


@pytest.mark.parametrize("name", FILES)
def test_an_address_that_is_good_gives_the_file_and_one_that_is_made_up_nothing(
    name: str, recording: Recording, token: str, personas: dict[str, Client]
) -> None:
    for who in WHO:
        good = personas[who].get(f"/playback/{token}/{name}")
        assert good.status_code == 200, who
        assert good["Cache-Control"] == "private, no-store", who
        whole = good.getvalue()
        if name == "captions.vtt":
            assert SAID.encode() in whole, who
        else:
            assert whole == storage.read(recording.key, 1, name), who
        for made_up in ("x", "A" * len(token), str(recording.key), "", "..", token[:-4]):
            answer = personas[who].get(f"/playback/{made_up}/{name}")
            if made_up:
                assert is_bare_refusal(answer), (who, made_up)
            else:
                assert answer.status_code == 404, who


def attacks(token: str, recording: Recording, other: Recording) -> Iterator[str]:
    """What comes after /playback/: everything that a thief with a good token would try."""
    for place in (0, 1, 5, 25, 30, 45, len(token) - 1):  # each field of the token in turn
        letter = "B" if token[place] == "A" else "A"
        for name in FILES:
            yield f"{token[:place]}{letter}{token[place + 1 :]}/{name}"
    mine = tokens.read(token)
    theirs = tokens.issue(
        tokens.Leave(other.key, 1, mine.first, mine.last, is_whole=True, expires_at=mine.expires_at)
    )
    yield f"{theirs[:48]}{token[48:]}/0.m4s"  # another recording with my signature
    yield f"{token}/../{theirs[:48]}{token[48:]}/0.m4s"
    for dots in ("..", "%2e%2e", "%252e%252e", "..%2f..", "..%252f..", "..%5c..", "%c0%ae%c0%ae"):
        for end in ("original.mp4", ".lock", "../secret_key", f"{other.key}/1/0.m4s", "0.m4s"):
            yield f"{token}/{dots}/{end}"
    null = "%00"
    for name in FILES:
        yield f"{token}/{name}{null}"
        yield f"{token}/{null}{name}"
        yield f"{token}/{name}{null}.jpg"
        yield f"{token}{null}/{name}"
        yield f"{token}/{name}%20"
        yield f"{token}/./{name}"
        yield f"{token}/{name}/"
        yield f"{token}/{name.upper()}"
        yield f"{token}/{quote(quote(name, safe=''), safe='').replace('.', '%252e')}"
    for name in ("original.mp4", "index.m3u8", "poster.jpg", ".lock", "3.m4s", "-1.m4s", "00.m4s"):
        yield f"{token}/{name}"
    for name in ("sprite-0.jpg", "sprite-.jpg", "0.m4s;x", "0.m4s%3fx", "1e0.m4s", "%d9%a1.m4s"):
        yield f"{token}/{name}"


def test_nothing_that_a_thief_tries_gives_anything_but_a_bare_refusal(
    recording: Recording, token: str, personas: dict[str, Client]
) -> None:
    other = RecordingFactory(ready=True)
    tried = list(attacks(token, recording, other))

    assert len(set(tried)) > 150
    for address in tried:
        for who in WHO:
            answer = personas[who].get(f"/playback/{address}")
            assert is_bare_refusal(answer), (who, address, answer.status_code)


def test_every_address_is_dead_once_its_time_is_over(
    recording: Recording,
    member: Any,
    personas: dict[str, Client],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five seconds; and who is a member no more gets no other."""
    settings.PLAYBACK_SECONDS = 5
    playlist = f"/meetings/{recording.meeting_id}/playlist.m3u8"
    text = member.get(playlist).content.decode()
    token = text.partition("/playback/")[2].partition("/")[0]
    assert member.get(f"/playback/{token}/0.m4s").status_code == 200

    purchases.end(
        membership=Membership.objects.get(user=member.user),
        reason=Membership.EndReason.STAFF,
        now=timezone.now(),
    )
    refused = member.get(playlist)
    assert (refused.status_code, b"/playback/" in refused.content) == (402, False)
    assert member.get(f"/playback/{token}/1.m4s").status_code == 200  # what was begun, for seconds

    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=6))
    for name in FILES:
        for client in (*personas.values(), member):
            assert is_bare_refusal(client.get(f"/playback/{token}/{name}")), name
    assert member.get(playlist).status_code == 402


@pytest.mark.slow
def test_five_seconds_are_five_seconds(
    recording: Recording, member: Client, visitor: Client, settings: Any
) -> None:
    """The one test that waits, with the real clock and nothing in its place."""
    settings.PLAYBACK_SECONDS = 5
    token = playback.token_for(recording, now=timezone.now())
    begun = time.monotonic()
    while (status := visitor.get(f"/playback/{token}/0.m4s").status_code) == 200:
        assert time.monotonic() - begun < 8
        time.sleep(0.2)

    assert status == 403
    assert 4.5 <= time.monotonic() - begun <= 7
    assert member.get(f"/meetings/{recording.meeting_id}/playlist.m3u8").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_other_methods_do_nothing(method: str, token: str, member: Client) -> None:
    answer = getattr(member, method)(f"/playback/{token}/0.m4s")

    assert (answer.status_code, answer.content) == (405, b"")


def test_the_media_folder_has_no_address(recording: Recording, personas: dict[str, Client]) -> None:
    inside = f"recordings/{recording.key}"
    for place in ("/media", "", "/static", "/static/..", "/protected-media", "/files"):
        for name in (f"{inside}/original.mp4", f"{inside}/1/0.m4s", f"{inside}/1/poster.jpg"):
            for who in WHO:
                assert personas[who].get(f"{place}/{name}").status_code == 404, (who, place, name)


def test_a_key_is_in_no_log_and_on_no_page(
    recording: Recording, token: str, member: Client, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def broken(*_args: Any) -> None:
        raise RuntimeError("It broke.")

    caplog.set_level(logging.DEBUG)
    (storage.package_of(recording.key, 1) / "1.m4s").unlink()
    pages = [
        member.get(f"/playback/{token}/1.m4s"),
        member.post(f"/playback/{token}/0.m4s"),
        member.get(f"/playback/{token}/99.m4s"),
        member.get(f"/playback/{token}"),
    ]
    member.raise_request_exception = False
    monkeypatch.setattr(playback, "answer", broken)
    pages.append(member.get(f"/playback/{token}/0.m4s"))

    assert [page.status_code for page in pages] == [404, 405, 403, 404, 500]
    for page in pages:
        assert token not in page.getvalue().decode()
    assert "/playback/…/1.m4s" in caplog.text
    assert "It broke." in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "/playback/0123-AbC_x/0.m4s",
        "/playback/0123-AbC_x",
        "/membership/refund/by-link/0123-AbC_x/",
    ],
)
def test_whatever_is_logged_of_an_address_hides_its_key(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("django.request")

    log.warning("Not Found: %s", address)
    log.warning(f"Not Found: {address}")  # noqa: G004 - what others may do
    log.warning("%(a)s", {"a": 1})

    assert "0123-AbC_x" not in caplog.text
    assert "…" in caplog.text
