"""Sound comes in pieces that fit together on the recording's clock, whatever the file."""

import itertools
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.media import ffmpeg
from meetings.transcripts.speech import sound


def save(path: Path, samples: np.ndarray, rate: int = sound.RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def talk(seconds: float, seed: int = 1) -> np.ndarray:
    """Noise in bursts of about a second, with pauses between, as people talk."""
    rng = np.random.default_rng(seed)
    length = int(seconds * sound.RATE)
    loud = np.repeat(rng.choice([20.0, 4_000.0], size=length // 8_000 + 1), 8_000)[:length]
    return (rng.normal(0, 1, length) * loud).clip(-32_000, 32_000)


def read(path: Path, **options) -> list[sound.Piece]:
    with path.open("rb") as file:
        return list(sound.pieces(file, **options))


def whole(pieces: list[sound.Piece]) -> np.ndarray:
    return np.concatenate([piece.samples for piece in pieces])


def test_pieces_join_to_the_whole_and_are_cut_where_it_is_quiet(tmp_path):
    samples = talk(65)
    path = save(tmp_path / "talk.wav", samples)

    pieces = read(path, piece_ms=20_000)

    assert len(pieces) > 3
    assert np.array_equal(whole(pieces) * 32_768, np.trunc(samples))
    for piece, following in itertools.pairwise(pieces):
        assert piece.end_ms == following.start_ms
        assert sound.loudness(piece.samples[-1_600:]) < -50
        assert sound.loudness(following.samples[:1_600]) < -50


def test_whoever_goes_on_hears_the_same_pieces(tmp_path):
    path = save(tmp_path / "talk.wav", talk(65))
    pieces = read(path, piece_ms=20_000)

    for number, piece in enumerate(pieces):
        again = read(path, from_ms=piece.start_ms, piece_ms=20_000)
        assert [one.start_ms for one in again] == [one.start_ms for one in pieces[number:]]
        assert np.array_equal(whole(again), whole(pieces[number:]))
    assert read(path, from_ms=pieces[-1].end_ms) == []
    assert read(path, from_ms=10_000_000) == []


def test_a_piece_without_a_pause_is_cut_all_the_same(tmp_path):
    path = save(tmp_path / "hum.wav", np.full(sound.RATE * 25, 3_000.0))
    pieces = read(path, piece_ms=10_000)
    assert sum(len(piece.samples) for piece in pieces) == sound.RATE * 25
    assert all(len(piece.samples) > sound.RATE * 4 for piece in pieces[:-1])


@given(st.integers(0, 40_000), st.sampled_from([0, 1, 200, 32_000]))
@settings(max_examples=30, deadline=None)
def test_a_cut_is_never_at_the_start_nor_beyond_the_end(length, level):
    cut = sound.quietest(np.full(length, level, dtype=np.int16))
    assert cut == length or length // 2 <= cut < length


def test_a_gap_in_the_stream_is_silence_so_that_later_words_keep_their_time(tmp_path):
    """As where a camera was paused: the picture's clock goes on, and so must the words."""
    path = tmp_path / "gap.mkv"
    run(
        *("-f", "lavfi", "-i", "sine=frequency=300:sample_rate=16000:duration=6"),
        *("-af", "aselect='lt(t,2)+gte(t,4)'", "-c:a", "pcm_s16le", str(path)),
    )

    (piece,) = read(path)

    assert abs(piece.end_ms - 6_000) < 100
    second = [
        sound.loudness(piece.samples[at + 3_000 : at + 11_000]) for at in range(0, 96_000, 16_000)
    ]
    assert [level > -40 for level in second] == [True, True, False, False, True, True]


def test_sound_that_begins_after_the_picture_keeps_its_place(tmp_path):
    path = tmp_path / "late.mp4"
    run(
        *("-f", "lavfi", "-i", "color=s=64x64:r=5:d=5"),
        *("-itsoffset", "2", "-f", "lavfi", "-i", "sine=frequency=300:duration=3"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(path)),
    )

    (piece,) = read(path)

    assert abs(piece.end_ms - 5_000) < 150
    assert sound.loudness(piece.samples[: 16_000 * 2 - 3_000]) < -60
    assert sound.loudness(piece.samples[16_000 * 2 + 3_000 :]) > -40


def test_what_breaks_off_is_heard_to_where_it_breaks(tmp_path):
    path = tmp_path / "cut.mp3"
    run("-f", "lavfi", "-i", "sine=frequency=300:duration=8", "-c:a", "libmp3lame", str(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] + b"\xff\xfb\x00broken")

    (piece,) = read(path)

    assert 3_000 < piece.end_ms < 5_000


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n nothing", b"#EXTM3U\nhttp://x/y.ts\n"]
)
def test_what_is_no_recording_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "other.mp4"
    path.write_bytes(content)
    with pytest.raises(sound.Unhearable, match=r"cannot be read\."):
        read(path)


def test_a_picture_without_sound_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "silent.mp4"
    run("-f", "lavfi", "-i", "color=s=64x64:r=5:d=1", "-c:v", "libx264", str(path))
    with pytest.raises(sound.Unhearable, match="no sound"):
        read(path)


def test_places_are_heard_where_they_are_asked_for(tmp_path):
    tone, quiet = np.full(sound.RATE * 10, 8_000.0), np.zeros(sound.RATE * 10)
    path = save(tmp_path / "places.wav", np.concatenate([quiet, tone, quiet]))
    with path.open("rb") as file:
        heard = list(sound.samples_at(file, places_ms=[0, 12_000, 900_000], lasting_ms=3_000))
    assert [sound.loudness(one) > -40 for one in heard] == [False, True]
    assert [len(one) for one in heard] == [48_000, 48_000]


def test_loudness_is_a_number_even_for_nothing():
    assert sound.loudness(np.zeros(0, dtype=np.float32)) == -120.0
    assert sound.loudness(np.zeros(100, dtype=np.float32)) == -120.0
    assert abs(sound.loudness(np.ones(100, dtype=np.float32))) < 0.01


def run(*options: str) -> None:
    command = [ffmpeg.executable(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
    subprocess.run([*command, "-threads", "1", *options], check=True)
