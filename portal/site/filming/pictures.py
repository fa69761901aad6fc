"""Pictures: what a demonstration meeting's video shows, set in type by typst."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import typst

SOURCE = Path(__file__).with_name("picture.typ").read_bytes()
WIDTH, HEIGHT = 640, 360
NOTICE = "Demonstration: synthesized voices"


@dataclass(frozen=True, slots=True)
class Title:
    """What stands on every picture. `starts` of the agenda's items: parts of the whole, 0 to 1."""

    body: str
    meeting: str
    day: str
    starts: tuple[float, ...]
    notice: str = NOTICE


@dataclass(frozen=True, slots=True)
class Picture:
    """Who speaks to which item, and how much of the meeting is over, from 0 to 1."""

    item: str
    speaker: str
    done: float


def drawn(title: Title, pictures: Sequence[Picture]) -> list[bytes]:
    """Each picture's 640 by 360 pixels as encoders want them: YUV 4:2:0 in the colours of BT.709.

    The type is typst's own, so all machines agree.
    """
    film = {"title": asdict(title), "pictures": [asdict(one) for one in pictures]}
    pages: Any = typst.compile(  # a list where there are several, which its types do not say
        SOURCE,
        font_paths=_own_type(),
        format="png",
        ppi=72,
        sys_inputs={"film": json.dumps(film)},
    )
    return [_pixels(page) for page in (pages if isinstance(pages, list) else [pages])]


def _pixels(png: bytes) -> bytes:
    with av.open(io.BytesIO(png), "r", format="png_pipe") as file:
        picture = next(file.decode(video=0))
    pixels = picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
    return pixels.to_ndarray().tobytes()


@cache
def _own_type() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
