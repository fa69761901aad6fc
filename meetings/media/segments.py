"""Segments: when each one ends, read from what ffmpeg wrote and written for players.

Times are kept as ends counted from the start, in milliseconds, so that rounding never adds up over
the thousands of segments of a long meeting. Playlists are those of RFC 8216.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

INIT, INDEX = "init.mp4", "index.m3u8"


class NotWhole(Exception):
    """A playlist has no end, or a file that it names is not there or empty."""


def name_of(number: int) -> str:
    return f"{number}.m4s"


def names(count: int) -> list[str]:
    """The files that a package of so many segments cannot be without."""
    return [INDEX, INIT, *map(name_of, range(count))]


def read_ends(folder: Path) -> list[int]:
    """The end of each segment, from ffmpeg's playlist. Raises NotWhole."""
    try:
        lines = (folder / INDEX).read_text().splitlines()
    except FileNotFoundError as error:
        raise NotWhole from error
    lengths = [
        float(line.removeprefix("#EXTINF:").partition(",")[0])
        for line in lines
        if line.startswith("#EXTINF:")
    ]
    if not lengths or lines[-1] != "#EXT-X-ENDLIST":
        raise NotWhole
    for name in names(len(lengths)):
        file = folder / name
        if not file.is_file() or not file.stat().st_size:
            raise NotWhole
    return [round(end * 1000) for end in itertools.accumulate(lengths)]


def playlist(ends_ms: Sequence[int], *, base: str, first: int = 0) -> Iterator[str]:
    """A playlist of segments `first` and following; `base` is the address that files lie below.

    `ends_ms` begins with the end of the segment before `first`, where there is one.
    """
    starts = [0, *ends_ms] if first == 0 else list(ends_ms)
    lengths = [end - start for start, end in itertools.pairwise(starts)]
    longest = max(lengths, default=0)
    yield "#EXTM3U\n#EXT-X-VERSION:7\n"
    yield f"#EXT-X-TARGETDURATION:{max(round(longest / 1000), 1)}\n"
    yield "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    yield f'#EXT-X-MAP:URI="{base}{INIT}"\n'
    for number, length in enumerate(lengths, start=first):
        yield f"#EXTINF:{length // 1000}.{length % 1000:03},\n{base}{name_of(number)}\n"
    yield "#EXT-X-ENDLIST\n"
