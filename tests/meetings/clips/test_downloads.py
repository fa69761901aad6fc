"""A clip's files for whoever may play it, and making them for its owner alone."""

import pytest
from django.utils import timezone

from meetings.clips import files, services
from meetings.clips.models import Rendering, Visibility
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.media.factories import RecordingFactory
from tests.memberships.factories import RefundedMembershipFactory

pytestmark = pytest.mark.django_db

WORDS = [
    {"speaker": "Ruiz", "start_ms": 4_000, "end_ms": 6_000, "text": "A <b>", "key": "a"},
]


@pytest.fixture
def clip(member):
    return ClipFactory(owner=member.user, words=WORDS, title='<script>alert("1")</script> Ünited')


def made(clip, kind="plain", text="0123456789"):
    """A file of a clip, as the worker leaves it."""
    row = Rendering(
        clip=clip, kind=kind, content_key="a" * 64, state="ready", asked_at=timezone.now()
    )
    row.file_name = files.name_of(row, ".jpg" if kind == "ends" else ".mp4")
    row.sha256, row.size_bytes = "b" * 64, len(text)
    row.save()
    path = files.path_of(row.file_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return row


def test_whoever_may_play_a_clip_downloads_it(clip, visitor):
    made(clip)
    address = f"/clips/{clip.slug}.mp4"

    answer = visitor.get(address)
    part = visitor.get(address, headers={"range": "bytes=2-4"})

    assert (answer.status_code, answer.getvalue()) == (200, b"0123456789")
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Disposition"] == ('attachment; filename="scriptalert1script-united.mp4"')
    assert answer["Cache-Control"] == "private, no-store"
    assert (part.status_code, part.getvalue()) == (206, b"234")


def test_a_shape_has_an_address_of_its_own(clip, visitor):
    assert visitor.get(f"/clips/{clip.slug}/tall.mp4").status_code == 404
    made(clip, "tall")
    answer = visitor.get(f"/clips/{clip.slug}/tall.mp4")
    assert answer["Content-Disposition"].endswith('-united-tall.mp4"')
    assert visitor.get(f"/clips/{clip.slug}/ends.mp4").status_code == 404
    assert visitor.get(f"/clips/{clip.slug}.mp4").status_code == 404


@pytest.mark.parametrize("ending", [".mp4", ".vtt", ".srt", "/poster.jpg", "/files/"])
def test_what_somebody_may_not_play_they_do_not_download(ending, clip, visitor, member, staff):
    made(clip)
    made(clip, "ends")
    type(clip).objects.filter(pk=clip.pk).update(visibility=Visibility.PRIVATE)
    for persona in (visitor, staff):
        answer = persona.get(f"/clips/{clip.slug}{ending}")
        assert answer.status_code == 404
        assert b"0123456789" not in answer.getvalue()
    assert member.get(f"/clips/{clip.slug}{ending}").status_code == 200


@pytest.mark.parametrize("ending", [".mp4", ".vtt", "/poster.jpg"])
def test_files_are_hidden_with_their_clip(ending, visitor, staff):
    no_member = ClipFactory(owner=RefundedMembershipFactory().user, words=WORDS)
    taken_down = ClipFactory(words=WORDS)
    services.take_down(clip=taken_down, reason="Shows a child.", by=staff.user, now=timezone.now())
    for clip in (no_member, taken_down):
        made(clip)
        made(clip, "ends")
        assert visitor.get(f"/clips/{clip.slug}{ending}").status_code == 404


def test_captions_are_files_that_name_the_clip(clip, visitor):
    webvtt = visitor.get(f"/clips/{clip.slug}.vtt")
    subrip = visitor.get(f"/clips/{clip.slug}.srt")

    assert webvtt["Content-Type"].startswith("text/vtt")
    text = webvtt.getvalue().decode()
    assert f"/clips/{clip.slug}/" in text
    assert "00:00:00.000 --> 00:00:02.000\n<v Ruiz>A &lt;b&gt;" in text
    assert "00:00:00,000 --> 00:00:02,000" in subrip.getvalue().decode()
    assert 'filename="' in subrip["Content-Disposition"]


def test_the_poster_is_the_clip_s_own_once_it_is_made(visitor):
    recording = RecordingFactory(ready=True, has_poster=True)
    clip = ClipFactory(recording=recording)
    before = visitor.get(f"/clips/{clip.slug}/poster.jpg")
    assert before.url == f"/meetings/{recording.meeting_id}/poster.jpg"

    made(clip, "ends", "a picture")

    after = visitor.get(f"/clips/{clip.slug}/poster.jpg")
    assert (after["Content-Type"], after.getvalue()) == ("image/jpeg", b"a picture")


def test_its_owner_has_a_file_made_and_stops_it_again(clip, member):
    address = f"/clips/{clip.slug}/files/"

    asked = member.post(f"{address}make/", {"kind": "square"})
    assert asked.url == f"/clips/{clip.slug}/#files"
    row = clip.renderings.get(kind="square")
    assert row.state == "waiting"
    part = member.get(address).text
    assert "data-under-way" in part
    assert "<progress" in part

    answer = member.post(f"{address}stop/", {"kind": "square"}, headers={"hx-request": "true"})
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert "data-under-way" not in answer.text
    member.post(f"{address}make/", {"kind": "square"})
    row.refresh_from_db()
    assert row.state == "waiting"


def test_nobody_else_has_files_made(clip, visitor, refunded_member, staff):
    for persona in (visitor, refunded_member, staff):
        for verb in ("make", "stop"):
            answer = persona.post(f"/clips/{clip.slug}/files/{verb}/", {"kind": "wide"})
            assert answer.status_code == (302 if persona is visitor else 404)
    assert not Rendering.objects.exists()


def test_somebody_who_is_no_member_now_has_nothing_made(refunded_member):
    clip = ClipFactory(owner=refunded_member.user)
    answer = refunded_member.post(f"/clips/{clip.slug}/files/make/", {"kind": "wide"})
    assert answer.url == "/membership/"
    assert not Rendering.objects.exists()


@pytest.mark.parametrize("kind", ["", "ends", "../../etc/passwd", "PLAIN", "plain\0", "x" * 10_000])
def test_what_is_no_kind_of_file_is_refused(kind, clip, member):
    assert member.post(f"/clips/{clip.slug}/files/make/", {"kind": kind}).status_code == 404
    assert not Rendering.objects.exists()


def test_a_file_that_failed_says_why_and_can_be_tried_again(clip, member, visitor):
    Rendering.objects.create(
        clip=clip,
        kind="plain",
        content_key="a" * 64,
        state="failed",
        error="The disk is full.",
        asked_at=timezone.now(),
    )
    assert "The disk is full." in member.get(f"/clips/{clip.slug}/files/").text
    assert "Try again" in member.get(f"/clips/{clip.slug}/files/").text
    assert "The disk is full." not in visitor.get(f"/clips/{clip.slug}/files/").text


def test_the_page_offers_what_there_is(clip, visitor):
    assert f'href="/clips/{clip.slug}.mp4"' not in visitor.get(f"/clips/{clip.slug}/").text
    made(clip)
    text = visitor.get(f"/clips/{clip.slug}/").text
    assert f'href="/clips/{clip.slug}.mp4"' in text
    assert f'href="/clips/{clip.slug}.vtt"' in text
    assert "<script>alert" not in text
