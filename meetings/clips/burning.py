"""Captions in the picture: a clip in the shape of a screen, with words and names drawn into it.

A picture that does not fill its screen stands in the middle of a blurred one of itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from meetings.media import ffmpeg

from .captioned import Look, Said, as_ass
from .models import Rendering

SUBTITLES = "captions.ass"
# Where Debian, Alpine and others put fonts. libass finds them by fontconfig, and draws no word
# where there is none, without a complaint.
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts", "/Library/Fonts")
_NO_PICTURE = "0x14161A"  # the page's own paper in the dark


@dataclass(frozen=True, slots=True)
class Shape:
    """A screen, and how captions lie on it. Widths are even, as H.264 wants them."""

    width: int
    height: int
    text: int
    bottom: int


SHAPES: Mapping[str, Shape] = {
    Rendering.Kind.WIDE: Shape(1280, 720, 38, 40),
    Rendering.Kind.SQUARE: Shape(1080, 1080, 46, 90),
    Rendering.Kind.TALL: Shape(1080, 1920, 56, 380),  # above what phones lay over the lower edge
}


def has_fonts() -> bool:
    """Whether words can be drawn on this machine."""
    found = (path for folder in FONTS for path in Path(folder).rglob("*.[toTO][tT][fFcC]"))
    return next(found, None) is not None


def burn(
    source: Path,
    words: Sequence[Said],
    kind: str,
    target: Path,
    *,
    duration_ms: int,
    has_video: bool,
    about: Mapping[str, str],
    report: ffmpeg.Report | None = None,
) -> None:
    """Write the clip with its words in the picture. Work lies beside the target.

    Raises ffmpeg.TryAgain and ffmpeg.WillNotHelp.
    """
    shape = SHAPES[kind]
    if words and not has_fonts():
        raise ffmpeg.TryAgain(
            _("There is no font here to draw captions with. Whoever runs this site can add one.")
        )
    look = Look(shape.width, shape.height, shape.text, shape.bottom)
    (target.parent / SUBTITLES).write_text(as_ass(words, look), encoding="utf-8")
    size = f"{shape.width}x{shape.height}"
    picture = [] if has_video else ["-f", "lavfi", "-i", f"color=c={_NO_PICTURE}:s={size}:r=10"]
    ffmpeg.run(
        [
            *("-i", f"file:{source}", *picture),
            *("-filter_complex", _drawn(shape, has_video=has_video)),
            *("-map", "[out]", "-map", "0:a:0?", "-c:a", "copy", "-shortest"),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-pix_fmt", "yuv420p"),
            *("-threads", str(settings.FFMPEG_THREADS), "-fpsmax", "30"),
            *("-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart"),
            *(word for name, text in about.items() for word in ("-metadata", f"{name}={text}")),
            *("-f", "mp4", target.name),
        ],
        folder=target.parent,
        duration_ms=duration_ms,
        report=report,
    )


def _drawn(shape: Shape, *, has_video: bool) -> str:
    """The filters. The blurred picture is made small, where it costs little."""
    words = f"ass=f={SUBTITLES}"
    if not has_video:
        return f"[1:v]{words}[out]"
    width, height = shape.width, shape.height
    small = f"{width // 8 // 2 * 2}:{height // 8 // 2 * 2}"
    fits = f"{width}:{height}:force_original_aspect_ratio"
    return (
        "[0:v]scale='trunc(iw*sar/2)*2':'trunc(ih/2)*2',setsar=1,split[back][front];"
        f"[back]scale={small}:force_original_aspect_ratio=increase,crop={small},"
        f"boxblur=4:2,scale={width}:{height},eq=brightness=-0.12,setsar=1[blurred];"
        f"[front]scale={fits}=decrease:force_divisible_by=2[fitted];"
        f"[blurred][fitted]overlay=(W-w)/2:(H-h)/2,format=yuv420p,{words}[out]"
    )
