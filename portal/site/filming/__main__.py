"""Make the videos of the demonstration meetings anew: `python -m portal.site.filming`.

They are made from transcript.vtt, meeting.json and cast.json alone, and lie beside them, with
captions.vtt, which tells when each word is said. Run it after changing one of these;
CONTRIBUTING.md says more.
"""

import argparse
import subprocess
import sys
import tempfile
import wave
from itertools import groupby
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from . import film
from .pictures import HEIGHT, WIDTH, drawn
from .speech import Sound, sample_rate

DEMO = Path(__file__).parents[1] / "demo"
# Below 20 kbit/s a good part of the words is no longer understood (CONTRIBUTING.md has figures).
SOUND = ["-c:a", "aac", "-b:a", "20k", "-ar", "16000", "-ac", "1"]
PICTURE = [
    *("-c:v", "libx264", "-preset", "slow", "-qp", "36"),
    *("-x264-params", "ipratio=1.0:chroma-qp-offset=-8"),  # type on a light page, and no shades
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-bf", "0", "-sc_threshold", "0", "-g", str(film.EVERY_S * film.PER_SECOND)),
]


def make(folder: Path, target: Path) -> None:
    """Write the video of the meeting in a folder, and captions beside it. Raises TooShort."""
    meeting = film.opened(folder)
    said = film.spoken(meeting)
    target.with_name(film.CAPTIONS).write_text("".join(film.captions(meeting, said)))
    runs = [(one, len(list(same))) for one, same in groupby(film.pictures(meeting))]
    pages = drawn(film.title(meeting), [one for one, _count in runs])
    with tempfile.TemporaryDirectory() as work:
        heard = Path(work) / "sound.wav"
        _write(film.sound(meeting, said), heard)
        command = [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"),
            *("-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", f"{WIDTH}x{HEIGHT}"),
            *("-framerate", str(film.PER_SECOND), "-i", "-"),
            *("-i", str(heard), "-threads", "1", *PICTURE, *SOUND),
            *("-map_metadata", "-1", "-metadata", f"title={_name(meeting)}"),
            *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
            *("-movflags", "+faststart", str(target)),
        ]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
            assert encoder.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
            for page, (_picture, count) in zip(pages, runs, strict=True):
                for _ in range(count):
                    encoder.stdin.write(page)
        if encoder.returncode:
            raise SystemExit(f"ffmpeg ended with {encoder.returncode}.")


def _name(meeting: film.Meeting) -> str:
    return f"{meeting.facts['title']}, {meeting.facts['held_on']} (demonstration)"


def _write(sound: Sound, path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate())
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.site.filming", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, help="of one meeting; else each one of the demonstration"
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help="write the one video there, and its captions beside it",
    )
    told = parser.parse_args()
    if told.folder is not None:
        make(told.folder, told.to or told.folder / film.RECORDING)
        return
    for manifest in sorted(DEMO.glob(f"*/{film.MANIFEST}")):
        # In a process of its own: eSpeak NG says the same words alike only after the same words.
        command = [sys.executable, "-m", "portal.site.filming", str(manifest.parent)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
