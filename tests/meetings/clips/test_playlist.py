"""A clip's playlist: what whoever has it can fetch, and what nobody can fetch with it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.clips.models import Visibility
from meetings.media import playback, storage
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.media.factories import RecordingFactory

pytestmark = pytest.mark.django_db

COUNT = 40
TOKEN = re.compile(r"/playback/([^/\s\"]+)/")


@pytest.fixture
def recording():
    """Forty segments of six seconds, each file saying which it is."""
    recording = RecordingFactory(
        ready=True,
        duration_ms=COUNT * 6_000,
        segment_ends_ms=[6_000 * (number + 1) for number in range(COUNT)],
    )
    package = storage.package_of(recording.key, recording.package_version)
    package.mkdir(parents=True)
    for name in ("init.mp4", "thumbnails.vtt", "sprite-1.jpg", "index.m3u8", "poster.jpg"):
        (package / name).write_text(name)
    for number in range(COUNT):
        (package / f"{number}.m4s").write_text(f"segment {number}")
    return recording


def playlist_of(persona, clip):
    answer = persona.get(f"/clips/{clip.slug}/playlist.m3u8")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.apple.mpegurl"
    assert answer["Cache-Control"] == "private, no-store"
    return answer.text


@pytest.mark.parametrize(
    ("spans", "inside"),
    [
        ([(61_000, 80_000)], range(10, 14)),
        ([(60_000, 72_000)], range(10, 12)),
        ([(0, 600)], range(1)),
        ([(239_000, 240_000)], range(39, 40)),
        ([(13_000, 14_000), (100_000, 110_000), (200_000, 201_000)], [2, 16, 17, 18, 33]),
        ([(13_000, 14_000), (17_000, 19_000)], [2, 3]),
    ],
)
def test_visitor_with_the_playlist_fetches_no_segment_outside_of_the_spans(
    visitor, recording, spans, inside
):
    """Every token of the playlist is tried on every segment of the recording, and beyond."""
    clip = ClipFactory(recording=recording, spans=spans)
    tokens = set(TOKEN.findall(playlist_of(visitor, clip)))
    opened = set()
    for token in tokens:
        assert visitor.get(f"/playback/{token}/init.mp4").status_code == 200
        for number in range(COUNT + 5):
            answer = visitor.get(f"/playback/{token}/{number}.m4s")
            if answer.status_code == 200:
                assert b"".join(answer.streaming_content) == f"segment {number}".encode()
                opened.add(number)
            else:
                assert answer.status_code == 403
        for name in (
            "thumbnails.vtt",
            "sprite-1.jpg",
            "index.m3u8",
            "captions.vtt",
            "-1.m4s",
            "00.m4s",
            "../1/0.m4s",
            "poster.jpg",
            "",
        ):
            assert visitor.get(f"/playback/{token}/{name}").status_code in {403, 404}, name
    assert opened == set(inside)


def test_every_address_of_the_playlist_plays(visitor, recording):
    clip = ClipFactory(recording=recording, spans=[(13_000, 14_000), (100_000, 110_000)])
    text = playlist_of(visitor, clip)
    addresses = re.findall(r"^/playback/\S+", text, re.MULTILINE)
    assert len(addresses) == 4
    for address in addresses:
        assert visitor.get(address).status_code == 200


def test_token_changed_to_name_other_segments_opens_nothing(visitor, recording):
    clip = ClipFactory(recording=recording, spans=[(61_000, 65_000)])
    [token] = set(TOKEN.findall(playlist_of(visitor, clip)))
    for place in range(len(token)):
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for number in (0, 10, 39):
            assert visitor.get(f"/playback/{other}/{number}.m4s").status_code == 403


def test_token_is_over_after_a_quarter_of_an_hour(visitor, recording, settings):
    clip = ClipFactory(recording=recording, spans=[(61_000, 65_000)])
    [token] = set(TOKEN.findall(playlist_of(visitor, clip)))
    later = timezone.now() + timedelta(seconds=settings.PLAYBACK_SECONDS + 1)
    assert playback.leave_of(token, now=later) is None


def test_clip_of_a_replaced_recording_plays_on(visitor, recording):
    clip = ClipFactory(recording=recording, spans=[(61_000, 65_000)])
    type(recording).objects.update(is_current=False)
    RecordingFactory(meeting=recording.meeting, ready=True)
    assert f"/{10}.m4s" in playlist_of(visitor, clip)


def test_clip_whose_recording_is_packaged_anew_answers_404_meanwhile(visitor, recording):
    clip = ClipFactory(recording=recording)
    type(recording).objects.update(state="packaging")
    assert visitor.get(f"/clips/{clip.slug}/playlist.m3u8").status_code == 404


@pytest.mark.parametrize("visibility", Visibility.values)
def test_playlist_is_for_whoever_may_see_the_clip(personas, recording, visibility):
    clip = ClipFactory(recording=recording, visibility=visibility, owner=personas["member"].user)
    private = visibility == Visibility.PRIVATE
    for who, persona in personas.items():
        status = persona.get(f"/clips/{clip.slug}/playlist.m3u8").status_code
        assert status == (404 if private and who != "member" else 200), who


def test_playlist_takes_few_queries(visitor, recording, django_assert_max_num_queries):
    clip = ClipFactory(
        recording=recording, spans=[(n * 12_000, n * 12_000 + 500) for n in range(20)]
    )
    with django_assert_max_num_queries(4):
        playlist_of(visitor, clip)
