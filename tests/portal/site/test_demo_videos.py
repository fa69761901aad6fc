"""The demonstration's videos say what the transcripts say, when they say it."""

import json
import subprocess
import sys
from dataclasses import replace

import av
import numpy as np
import pytest

from meetings.media import packaging
from meetings.transcripts.formats import read
from portal.site import demonstration

DEMO = demonstration.DATA
BOTH = (demonstration.PUBLISHED, demonstration.IN_REVIEW)
RATE = 16_000
WINDOW = RATE // 100  # ten milliseconds
# AAC spreads a sound over a frame of 1,024 samples before and after it.
SPREAD_MS = 64
HEARD, UNHEARD = 0.02, 0.01  # root of the mean square

both = pytest.mark.parametrize("folder", BOTH)


def cues(folder):
    return read((DEMO / folder / "transcript.vtt").read_bytes(), "transcript.vtt").cues


def loudness(path):
    """How loud each ten milliseconds of a video are."""
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    sound = np.concatenate(frames, axis=1)[0]
    whole = sound[: sound.size // WINDOW * WINDOW].reshape(-1, WINDOW)
    return np.sqrt(np.mean(whole.astype(np.float64) ** 2, axis=1))


def pictures(path):
    """When each picture is shown, and whether it is a key frame, in milliseconds."""
    with av.open(str(path)) as file:
        return [
            (round(packet.pts * packet.time_base * 1000), packet.is_keyframe)
            for packet in file.demux(video=0)
            if packet.size
        ]


@both
def test_video_is_small_and_what_browsers_play(folder):
    path = DEMO / folder / demonstration.RECORDING
    with av.open(str(path)) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (picture.width, picture.height) == (640, 360)
        assert (sound.codec_context.name, sound.codec_context.profile) == ("aac", "LC")
        assert (sound.codec_context.sample_rate, sound.layout.name) == (RATE, "mono")
        seconds = file.duration / av.time_base
    last_s = cues(folder)[-1].end_ms / 1000
    assert last_s + 1 < seconds < last_s + 12
    assert path.stat().st_size < 6 * 2**20


@both
def test_key_frames_stand_where_packaging_cuts(folder):
    shown = pictures(DEMO / folder / demonstration.RECORDING)
    keys = [at_ms for at_ms, is_key in shown if is_key]
    assert keys == [number * packaging.SEGMENT_S * 1000 for number in range(len(keys))]


@pytest.mark.slow
@both
def test_each_segment_is_heard_within_its_time_and_silence_between(folder):
    loud = loudness(DEMO / folder / demonstration.RECORDING)
    spoken = np.zeros(loud.size, dtype=bool)
    for cue in cues(folder):
        begin, end = cue.start_ms // 10, cue.end_ms // 10
        said = np.flatnonzero(loud[begin:end] > HEARD)
        assert said.size, cue
        assert said[0] * 10 < 200, cue  # the words begin with the segment
        assert (said[-1] + 1) / (end - begin) > 0.5, cue  # and take most of it
        spoken[begin - SPREAD_MS // 10 - 1 : end + SPREAD_MS // 10 + 1] = True
    assert spoken.mean() < 0.95
    assert loud[~spoken].max() < UNHEARD


@both
def test_captions_are_the_transcript_with_the_time_of_each_word(folder):
    given = read((DEMO / folder / "captions.vtt").read_bytes(), "captions.vtt").cues
    bare = [replace(cue, line=0, text=" ".join(cue.text.split()), words=()) for cue in given]
    assert bare == [replace(cue, line=0, text=" ".join(cue.text.split())) for cue in cues(folder)]
    for cue in given:
        spoken = cue.text.split()  # one alone is said when its segment is
        assert [word.text for word in cue.words] == (spoken if len(spoken) > 1 else []), cue
        starts = [word.start_ms for word in cue.words]
        assert len(set(starts)) == len(starts), cue


@both
def test_everybody_who_speaks_has_a_voice_of_their_own_in_the_meeting(folder):
    cast = json.loads((DEMO / "cast.json").read_text())
    voices = [json.dumps(cast[name], sort_keys=True) for name in {c.speaker for c in cues(folder)}]
    assert len(set(voices)) == len(voices)


@pytest.mark.slow
@both
def test_committed_video_is_what_the_transcript_gives(folder, tmp_path):
    pytest.importorskip("espeakng_loader")
    made, kept = tmp_path / "meeting.mp4", DEMO / folder / demonstration.RECORDING
    # In a process of its own, because the voices' noise goes on from one meeting to the next.
    command = [sys.executable, "-m", "portal.site.filming", str(DEMO / folder), "--to", str(made)]
    subprocess.run(command, check=True, cwd=DEMO.parents[2])
    here, there = (
        [word.start_ms for cue in read(path.read_bytes(), path.name).cues for word in cue.words]
        for path in (made.with_name("captions.vtt"), kept.with_name("captions.vtt"))
    )
    assert np.abs(np.subtract(here, there)).max() < 50
    assert pictures(made) == pictures(kept)
    # Encoders and libraries differ from one machine to the next; who speaks when does not.
    here, there = loudness(made) > HEARD, loudness(kept) > HEARD
    assert here.size == there.size
    assert np.mean(here != there) < 0.03
