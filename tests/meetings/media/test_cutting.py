"""Cutting: exact to one picture at both ends, the middle copied, sound in its place."""

import itertools
import json
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.media import cutting, ffmpeg, segments, storage
from meetings.media.models import Recording
from tests.meetings.media.factories import RecordingFactory, record
from tests.meetings.records.factories import MeetingFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

RATE = 48_000
KINDS = {
    "plain": ("-preset", "ultrafast", "-g", "50"),
    "reordered": ("-preset", "veryfast", "-g", "50", "-bf", "3", "-profile:v", "high"),
    "main, open groups": ("-preset", "veryfast", "-g", "50", "-bf", "2", "-profile:v", "main",
                          "-x264-params", "open-gop=1"),
}  # fmt: skip


@pytest.fixture(scope="session")
def heard(made: Path) -> dict[str, Path]:
    """Videos of 20 seconds in which every moment of sound is different from every other."""
    paths = {}
    for number, (kind, options) in enumerate(KINDS.items()):
        path = paths[kind] = made / f"heard-{number}.mp4"
        noise = f"anoisesrc=r={RATE}:a=0.4:seed=7:d=20,lowpass=f=3000"
        subprocess.run(
            [
                *(ffmpeg.executable(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
                *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=20"),
                *("-f", "lavfi", "-i", noise, "-threads", "1", "-c:v", "libx264"),
                *(*options, "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", str(path)),
            ],
            check=True,
        )
    return paths


def pictures(path: Path) -> list[tuple[float, np.ndarray]]:
    """Second and picture, as they are shown."""
    with av.open(str(path)) as file:
        return [
            (float(one.pts * one.time_base), one.to_ndarray(format="gray").astype(float))
            for one in file.decode(video=0)
        ]


def sound(path: Path) -> np.ndarray:
    """Samples from second 0 on."""
    with av.open(str(path)) as file:
        frames = list(file.decode(audio=0))
        first = round(float(frames[0].pts * frames[0].time_base) * RATE)
        samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return np.concatenate([np.zeros(max(first, 0)), samples[max(-first, 0) :]])


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Pictures that only differ in how well they were encoded. A clock runs in each."""
    return bool(np.mean((one - other) ** 2) < 30)


def seen(source: list[tuple[float, np.ndarray]], span: tuple[int, int]) -> list[np.ndarray]:
    start, end = (at / 1000 for at in span)
    return [
        shown
        for (at, shown), until in zip(
            source, [*(at for at, _shown in source[1:]), source[-1][0] + 0.04], strict=True
        )
        if until > start + 0.001 and at < end - 0.001
    ]


def off_ms(found: np.ndarray, wanted: np.ndarray) -> float:
    """By how much one sound lies beside the other, in milliseconds, up to 60."""
    most = RATE * 60 // 1000
    middle = found[most : min(len(found), len(wanted)) - most]
    size = 1 << (len(wanted) + len(middle)).bit_length()
    crossed = np.fft.irfft(np.fft.rfft(wanted, size) * np.conj(np.fft.rfft(middle, size)), size)
    return (int(np.argmax(crossed[: 2 * most + 1])) - most) / RATE * 1000


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as file:
        return [bytes(one) for one in file.demux(video=0) if one.size]


def package_of(recording: Recording) -> Path:
    return storage.package_of(recording.key, recording.package_version)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_both_ends_are_exact_to_one_picture_wherever_they_lie(
    kind: str, heard: dict[str, Path], tmp_path: Path
) -> None:
    recording = record(MeetingFactory(), heard[kind])
    source, whole = pictures(heard[kind]), sound(heard[kind])
    originals = set(packets(heard[kind]))
    for start, end in [(0, 3_000), (2_000, 6_040), (2_040, 9_960), (5_123, 5_987), (7_981, 20_000)]:
        target = tmp_path / f"{start}.mp4"
        cut = cutting.cut(recording, [(start, end)], target)

        shown, wanted = pictures(target), seen(source, (start, end))
        assert len(shown) == len(wanted), (start, end)
        assert all(alike(one, other) for (_at, one), other in zip(shown, wanted, strict=True))
        assert abs(shown[0][0]) < 0.0001
        said, there = sound(target), whole[start * 48 : end * 48]
        assert abs(off_ms(said, there)) < 1
        first, other = said[:900], there[:900]  # from the first moment on
        assert np.linalg.norm(first - other) < 0.3 * np.linalg.norm(other)
        own = [one for one in packets(target) if one not in originals]
        assert len(own) == cut.encoded
        assert cut.copied + cut.encoded == len(wanted)


@pytest.mark.parametrize("kind", ["plain", "reordered"])
def test_no_more_than_the_groups_at_the_ends_is_made_again(
    kind: str, heard: dict[str, Path], tmp_path: Path
) -> None:
    recording = record(MeetingFactory(), heard[kind])

    cut = cutting.cut(recording, [(3_000, 16_900)], tmp_path / "clip.mp4")

    assert cut.encoded <= 25 + 3  # from second 3 to the group that begins with 4; and at the end
    assert cut.copied >= 12.5 * 25


@pytest.mark.slow
def test_several_spans_stand_one_after_the_other_and_sound_stays_with_picture(
    heard: dict[str, Path], tmp_path: Path
) -> None:
    recording = record(MeetingFactory(), heard["reordered"])
    source, whole = pictures(heard["reordered"]), sound(heard["reordered"])
    spans = [(1_330, 3_007), (5_500, 6_500), (9_001, 9_555), (12_000, 19_999)]
    target = tmp_path / "clip.mp4"

    cutting.cut(recording, spans, target)

    shown, said, at = pictures(target), sound(target), 0
    times = [second for second, _shown in shown]
    assert all(before < after for before, after in itertools.pairwise(times))
    for start, end in spans:
        first, last = at / 1000 - 0.0005, (at + end - start) / 1000 - 0.0005
        here = [one for second, one in shown if first <= second < last]
        wanted = seen(source, (start, end))
        assert len(here) == len(wanted)
        assert all(alike(one, other) for one, other in zip(here, wanted, strict=True))
        there = said[at * 48 : (at + end - start) * 48]
        assert abs(off_ms(there, whole[start * 48 : end * 48])) < 1
        at += end - start


def test_another_program_plays_what_was_cut_without_a_word_of_complaint(
    heard: dict[str, Path], tmp_path: Path
) -> None:
    recording = record(MeetingFactory(), heard["reordered"])
    target = tmp_path / "clip.mp4"
    cutting.cut(recording, [(1_500, 4_777), (9_300, 15_100)], target, about={"title": "Levy"})

    ended = subprocess.run(
        [
            *(ffmpeg.executable(), "-v", "warning", "-xerror", "-i", target),
            # On the file's own clock: what lasts a moment at a joint is rounded away on others.
            *("-fps_mode", "passthrough", "-enc_time_base:v", "demux", "-f", "null", "-"),
        ],
        capture_output=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    with av.open(str(target)) as file:
        assert file.metadata["title"] == "Levy"
        assert abs(file.duration / 1_000_000 - 9.077) < 0.05
    assert target.read_bytes().index(b"moov") < target.read_bytes().index(b"mdat")


def test_only_segments_that_are_needed_are_read(heard: dict[str, Path], tmp_path: Path) -> None:
    recording = record(MeetingFactory(), heard["plain"])
    folder = package_of(recording)
    numbers = cutting.needed(recording.segment_ends_ms, 9_000, 11_000)
    assert list(numbers) == [1]
    sizes = storage.sizes(recording.key, 1)
    for number in range(len(recording.segment_ends_ms)):
        if number > 0 and number not in numbers:
            (folder / segments.name_of(number)).unlink()

    cut = cutting.cut(recording, [(9_000, 11_000)], tmp_path / "clip.mp4")

    start_of_the_first = min(sizes["0.m4s"], 64 * 1024)
    assert cut.read_bytes <= sizes["init.mp4"] + sizes["1.m4s"] + start_of_the_first


@given(
    lengths=st.lists(st.integers(500, 12_000), min_size=1, max_size=20),
    data=st.data(),
)
def test_what_is_needed_holds_the_span_and_hardly_more(
    lengths: list[int], data: st.DataObject
) -> None:
    ends = list(itertools.accumulate(lengths))
    start = data.draw(st.integers(0, ends[-1] - 1))
    end = data.draw(st.integers(start + 1, ends[-1]))
    numbers = cutting.needed(ends, start, end)
    starts = [0, *ends]
    overlapping = [n for n in range(len(ends)) if starts[n] < end and ends[n] > start]
    assert set(overlapping) <= set(numbers)
    for number in set(numbers) - set(overlapping):
        assert ends[number] > start - 200 and starts[number] < end + 300  # noqa: PT018 - one claim


@pytest.mark.slow
def test_pieces_of_a_playlist_play_between_whole_segments(
    heard: dict[str, Path], tmp_path: Path
) -> None:
    recording = record(MeetingFactory(), heard["reordered"])
    source = pictures(heard["reordered"])
    ends = recording.segment_ends_ms
    for number, span in [(1, (7_300, ends[1])), (2, (ends[1], 13_150)), (0, (2_120, 2_490))]:
        target = tmp_path / "piece.mp4"
        cut = cutting.cut_piece(recording, number, span, target)

        data = target.read_bytes()
        assert 0 < data.index(b"moov") < cut.init_bytes < data.index(b"mdat")
        assert data[cut.init_bytes + 4 : cut.init_bytes + 8] == b"moof"
        shown = [one for _at, one in pictures(target)]
        wanted = seen(source, span)
        assert len(shown) == len(wanted)
        assert all(alike(one, other) for one, other in zip(shown, wanted, strict=True))
        with av.open(str(target)) as file:
            begins = {one.type: float(one.start_time * one.time_base) for one in file.streams}
        assert abs(begins["video"] - begins["audio"]) < 0.02


def test_a_span_outside_is_refused_with_a_sentence(council: Path, tmp_path: Path) -> None:
    recording = record(MeetingFactory(), council)

    with pytest.raises(ffmpeg.WillNotHelp, match="outside"):
        cutting.cut(recording, [(20_000, 21_000)], tmp_path / "clip.mp4")


def test_a_recording_whose_package_is_gone_may_be_cut_another_time(tmp_path: Path) -> None:
    recording = RecordingFactory(ready=True)

    with pytest.raises(ffmpeg.TryAgain, match="replaced"):
        cutting.cut(recording, [(1_000, 2_000)], tmp_path / "clip.mp4")


@pytest.mark.parametrize("name", ["1.m4s", "init.mp4"])
def test_a_damaged_package_ends_in_a_sentence(name: str, council: Path, tmp_path: Path) -> None:
    recording = record(MeetingFactory(), council)
    file = package_of(recording) / name
    file.write_bytes(b"\0" * file.stat().st_size)

    with pytest.raises(ffmpeg.Trouble, match="cannot be cut"):
        cutting.cut(recording, [(7_000, 8_000)], tmp_path / "clip.mp4")


def test_a_full_disk_is_said_to_be_full(council: Path, tmp_path: Path) -> None:
    recording = record(MeetingFactory(), council)
    (tmp_path / "clip.mp4").symlink_to("/dev/full")

    with pytest.raises(ffmpeg.TryAgain, match="disk is full"):
        cutting.cut(recording, [(1_000, 13_000)], tmp_path / "clip.mp4")


def test_whoever_stops_listening_stops_the_work(council: Path, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def enough(_done: float) -> None:
        raise Enough

    recording = record(MeetingFactory(), council)
    with pytest.raises(Enough):
        cutting.cut(recording, [(1_000, 13_000)], tmp_path / "clip.mp4", report=enough)

    children = Path("/proc/self/task").glob("*/children")
    assert not "".join(path.read_text() for path in children if path.exists()).strip()


def test_a_process_that_is_killed_may_do_better_another_time(
    council: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(MeetingFactory(), council)
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nkill -9 $$\n")
    script.chmod(0o700)
    monkeypatch.setattr(cutting.sys, "executable", str(script))

    with pytest.raises(ffmpeg.TryAgain, match="stopped by the system"):
        cutting.cut(recording, [(1_000, 2_000)], tmp_path / "clip.mp4")


def test_the_plan_tells_nothing_but_where_files_lie(council: Path, tmp_path: Path) -> None:
    """What somebody wrote as a title reaches the other process as text, never as an option."""
    recording = record(MeetingFactory(), council)
    title = '"; -i /etc/passwd\n<script>'
    cutting.cut(recording, [(1_000, 2_000)], tmp_path / "clip.mp4", about={"title": title})

    with av.open(str(tmp_path / "clip.mp4")) as file:
        assert json.dumps(file.metadata["title"]) == json.dumps(title)
