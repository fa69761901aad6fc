"""The sound of a clip alone: of public clips, as their video has it, and who may fetch it."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import av
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.clips import files, orders, services, sounding, tasks
from meetings.clips.models import Clip, Rendering, Visibility
from meetings.media import cutting
from meetings.media.models import Recording
from tests.meetings.clips.factories import ClipFactory, cut
from tests.meetings.media.conftest import files_below
from tests.meetings.media.factories import AAC, H264, make, record
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import RefundedMembershipFactory

pytestmark = pytest.mark.django_db

Kind, State = Rendering.Kind, Rendering.State
PRIVATE, UNLISTED, PUBLIC = Visibility.PRIVATE, Visibility.UNLISTED, Visibility.PUBLIC
EXACT_MS = 60


@pytest.fixture
def recording(council: Path) -> Recording:
    return record(MeetingFactory(), council)


def shown(clip: Clip, visibility: str) -> None:
    services.change(
        clip=clip,
        title=clip.title,
        note=clip.note,
        visibility=visibility,
        maker_name="",
        now=timezone.now(),
    )


def sound_of(clip: Clip) -> Rendering | None:
    return clip.renderings.filter(kind=Kind.AUDIO).first()


def heard(path: Path) -> list[tuple[float, bytes]]:
    """Each packet of the sound, and the second of the file at which it begins."""
    with av.open(str(path)) as file:
        return [
            (float(packet.pts * packet.time_base), bytes(packet))
            for packet in file.demux(audio=0)
            if packet.pts is not None and packet.size
        ]


def lasts_ms(path: Path) -> float:
    with av.open(str(path)) as file:
        assert file.duration is not None
        return file.duration / 1_000


@pytest.mark.parametrize("visibility", [PRIVATE, UNLISTED])
def test_what_is_not_public_has_no_sound_made_until_it_is(visibility: str) -> None:
    clip = cut(visibility=visibility)
    assert sound_of(clip) is None

    shown(clip, PUBLIC)
    row = sound_of(clip)
    assert row is not None
    assert row.state == State.WAITING

    shown(clip, visibility)
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert orders.claim(now=timezone.now(), among={Kind.AUDIO}) is None


def test_what_is_public_from_the_start_has_it_made_at_once_and_one_time() -> None:
    clip = cut()
    row = sound_of(clip)
    assert row is not None
    shown(clip, PUBLIC)
    tasks.sweep()
    assert clip.renderings.filter(kind=Kind.AUDIO).get() == row


@pytest.mark.slow
def test_whoever_goes_private_while_it_is_made_leaves_no_file(
    recording: Recording, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = cut(recording=recording)
    real = cutting.cut

    def meanwhile(*given: object, **options: object) -> object:
        shown(clip, PRIVATE)
        return real(*given, **options)

    monkeypatch.setattr(cutting, "cut", meanwhile)
    row = orders.claim(now=timezone.now(), among={Kind.AUDIO})
    assert row is not None
    orders.run(row)

    row.refresh_from_db()
    assert (row.state, row.file_name) == (State.CANCELLED, "")
    assert files_below(media / files.CLIPS) == set()


@pytest.mark.slow
def test_its_file_is_aac_as_long_as_the_clip_and_says_where_it_is_from(
    recording: Recording,
) -> None:
    for spans in ([(4_510, 8_237)], [(0, 14_000)], [(4_500, 8_200), (11_000, 13_000)]):
        clip = cut(*spans, recording=recording)
        tasks.make_waiting()
        row = sound_of(clip)
        assert row is not None
        assert (row.state, row.error) == (State.READY, "")
        path = files.path_of(row.file_name)
        assert (path.suffix, path.stat().st_size) == (".m4a", row.size_bytes)
        assert abs(lasts_ms(path) - clip.duration_ms) < EXACT_MS
        with av.open(str(path)) as file:
            (track,) = file.streams
            assert (track.type, track.codec_context.name) == ("audio", "aac")
            assert file.metadata["major_brand"] == "M4A "
            assert file.metadata["comment"].endswith(clip.get_absolute_url())
            assert sum(frame.samples for frame in file.decode(audio=0)) > 0
        assert [one.name for one in path.parent.iterdir() if one.suffix == ".m4a"] == [path.name]


spans_of_clips = st.lists(st.integers(0, 13_900), min_size=2, max_size=4, unique=True).map(sorted)


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=spans_of_clips)
def test_it_is_heard_when_the_video_says_it(
    times: list[int], recording: Recording, tmp_path: Path
) -> None:
    found = [(start, end) for start, end in list(pairwise(times))[::2] if end - start >= 200]
    spans = [one for number, one in enumerate(found) if not number or one[0] - found[0][1] > 2_000]
    if not spans:
        return
    video, sound = tmp_path / "cut.mp4", tmp_path / "cut.m4a"
    cutting.cut(recording, spans, video)
    cutting.cut(recording, spans, sound, is_sound=True)

    assert heard(sound) == heard(video)
    assert abs(lasts_ms(sound) - sum(end - start for start, end in spans)) < EXACT_MS


@pytest.mark.slow
@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_it_lasts_as_long_as_the_clip_however_long_its_packets(
    made: Path, tmp_path: Path, rate: int
) -> None:
    """At 8 kHz a packet of AAC lasts 128 ms."""
    path = make(made / f"{rate}.mp4", *H264, *AAC, "-ar", str(rate), "-t", "14")
    recording = record(MeetingFactory(), path)
    for spans in ([(4_510, 8_237)], [(13, 1_014)], [(4_500, 8_200), (11_000, 13_001)]):
        target = tmp_path / "cut.m4a"
        cutting.cut(recording, spans, target, is_sound=True)
        assert abs(lasts_ms(target) - sum(end - start for start, end in spans)) < EXACT_MS


@pytest.mark.slow
def test_a_meeting_without_a_picture_has_the_sound_of_its_clips(made: Path) -> None:
    only_sound = make(made / "hearing.m4a", "-map", "1:a", *AAC, "-t", "14")
    clip = cut((4_500, 8_200), recording=record(MeetingFactory(), only_sound))
    assert not clip.recording.has_video
    tasks.make_waiting()

    row, plain = sound_of(clip), clip.renderings.get(kind=Kind.PLAIN)
    assert row is not None
    assert (row.state, row.error) == (State.READY, "")
    path = files.path_of(row.file_name)
    assert abs(lasts_ms(path) - 3_700) < EXACT_MS
    assert heard(path) == heard(files.path_of(plain.file_name))


@pytest.mark.slow
def test_its_manifest_names_the_sound(recording: Recording) -> None:
    clip = cut(recording=recording)
    tasks.make_waiting()
    row, manifest = sound_of(clip), clip.manifests.latest("pk")
    assert row is not None
    assert f'"kind":"audio","sha256":"{row.sha256}"' in manifest.canonical


def put(clip: Clip, text: str = "0123456789") -> Rendering:
    """The sound of a clip as the worker leaves it, with something else in it."""
    row = Rendering(
        clip=clip,
        kind=Kind.AUDIO,
        content_key="a" * 64,
        state=State.READY,
        asked_at=timezone.now(),
        sha256="b" * 64,
        size_bytes=len(text),
    )
    row.file_name = files.name_of(row, ".m4a")
    row.save()
    path = files.path_of(row.file_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return row


def test_players_fetch_it_whole_and_in_parts(visitor: Client) -> None:
    clip = ClipFactory(title="Ünited we stand")
    put(clip)
    address = f"/clips/{clip.slug}.m4a"

    whole = visitor.get(address)
    assert (whole.status_code, whole.getvalue()) == (200, b"0123456789")
    assert (whole["Content-Type"], whole["Accept-Ranges"]) == ("audio/mp4", "bytes")
    assert whole["Content-Disposition"] == 'attachment; filename="united-we-stand.m4a"'
    head = visitor.head(address)
    assert (head.status_code, head["Content-Length"], head.getvalue()) == (200, "10", b"")
    part = visitor.get(address, headers={"range": "bytes=2-4"})
    assert (part.status_code, part.getvalue()) == (206, b"234")
    assert part["Content-Range"] == "bytes 2-4/10"
    assert visitor.get(address, headers={"range": "bytes=10-"}).status_code == 416


def test_it_answers_as_its_video_does(personas: dict[str, Client], staff: Client) -> None:
    clips = {
        "public": ClipFactory(),
        "unlisted": ClipFactory(visibility=UNLISTED),
        "private": ClipFactory(visibility=PRIVATE),
        "of no member": ClipFactory(owner=RefundedMembershipFactory().user),
        "taken down": ClipFactory(),
        "deleted": ClipFactory(),
        "not made": ClipFactory(),
    }
    for name, clip in clips.items():
        if name != "not made":
            video = put(clip)
            Rendering.objects.create(
                clip=clip,
                kind=Kind.PLAIN,
                content_key="c" * 64,
                state=State.READY,
                asked_at=timezone.now(),
                file_name=video.file_name,
                sha256="d" * 64,
                size_bytes=10,
            )
    now = timezone.now()
    services.take_down(clip=clips["taken down"], reason="A child.", by=staff.user, now=now)
    services.delete(clip=clips["deleted"], now=now)
    for name, clip in clips.items():
        for who, persona in personas.items():
            answers = [persona.get(f"/clips/{clip.slug}{end}") for end in (".m4a", ".mp4")]
            assert answers[0].status_code == answers[1].status_code, (name, who)
            if name not in {"public", "unlisted", "of no member"}:
                assert answers[0].status_code == 404, (name, who)
    assert personas["visitor"].get(f"/clips/{clips['of no member'].slug}.m4a").status_code == 404


def test_the_sweeper_has_it_made_where_it_is_lacking_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    old = [ClipFactory(created_at=long_ago + timedelta(days=day)) for day in range(4)]
    ClipFactory(visibility=UNLISTED)
    ClipFactory(owner=RefundedMembershipFactory().user)
    monkeypatch.setattr(sounding, "NEWEST", 3)

    tasks.sweep()
    tasks.sweep()

    asked = Rendering.objects.filter(kind=Kind.AUDIO).order_by("asked_at")
    assert [row.clip for row in asked] == old[1:]
    assert [row.asked_at for row in asked] == [clip.created_at for clip in old[1:]]

    asked.update(state=State.FAILED, error="It broke.")
    tasks.sweep()
    assert set(asked.values_list("state", flat=True)) == {State.FAILED}  # not for ever


def test_database_knows_the_kind_and_no_other() -> None:
    row = put(ClipFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        Rendering.objects.filter(pk=row.pk).update(kind="sound")
