"""WebVTT's line of times, cue settings and regions, by the W3C's parsing rules.

https://www.w3.org/TR/webvtt1/, sections 6.2 (region settings) and 6.3 (timings and settings).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from meetings.transcripts.formats.timestamps import W3C_TIMESTAMP, milliseconds

_SPACE = r"[ \t\n\f\r]*+"
_TIMINGS = re.compile(f"{_SPACE}{W3C_TIMESTAMP}{_SPACE}-->{_SPACE}{W3C_TIMESTAMP}")
_PERCENTAGE = re.compile(r"[0-9]++(?:\.[0-9]++)?%")
_LINE_NUMBER = re.compile(r"-?[0-9]++(?:\.[0-9]++)?")
_WORD = re.compile(r"[^ \t\n\f\r]++")


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the picture that cues may be placed in. Numbers are percentages, but `lines`."""

    identifier: str = ""
    width: float = 100
    lines: int = 3
    anchor: tuple[float, float] = (0, 100)
    viewport_anchor: tuple[float, float] = (0, 100)
    scroll: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a cue stands in the picture. None is the format's `auto`."""

    region: Region | None = None
    vertical: str = ""
    snap_to_lines: bool = True
    line: float | None = None
    line_align: str = "start"
    position: float | None = None
    position_align: str = "auto"
    size: float = 100
    align: str = "center"


PLAIN = Settings()


def timings(line: str, regions: Mapping[str, Region]) -> tuple[int, int, Settings] | None:
    """Start and end in milliseconds, and the settings, or None where the times are not sound."""
    match = _TIMINGS.match(line)
    if match is None:
        return None
    start = milliseconds(match[1], match[2], match[3], match[4])
    end = milliseconds(match[5], match[6], match[7], match[8])
    if start is None or end is None:
        return None
    rest = line[match.end() :]
    return start, end, settings(rest, regions) if rest else PLAIN


def settings(text: str, regions: Mapping[str, Region]) -> Settings:
    """The settings after the times. What is not sound is passed over, as the rules say."""
    if ":" not in text:
        return PLAIN
    found = _Settings(regions)
    for name, value in _pairs(text):
        setter = _SETTERS.get(name)
        if setter is not None:
            setter(found, value)
    return Settings(
        region=found.region,
        vertical=found.vertical,
        snap_to_lines=found.snap_to_lines,
        line=found.line,
        line_align=found.line_align,
        position=found.position,
        position_align=found.position_align,
        size=found.size,
        align=found.align,
    )


def region(text: str) -> Region:
    """The region that the lines of a REGION block describe."""
    identifier, width, lines, scroll = "", 100.0, 3, ""
    anchors: dict[str, tuple[float, float]] = {}
    for name, value in _pairs(text):
        if name == "id":
            identifier = value
        elif name == "width":
            percentage = _percentage(value)
            width = width if percentage is None else percentage
        elif name == "lines" and value.isascii() and value.isdigit():
            lines = int(value[:400])  # Python refuses to count past 4,300 digits
        elif name in {"regionanchor", "viewportanchor"}:
            x, comma, y = value.partition(",")
            across, down = _percentage(x), _percentage(y)
            if comma and across is not None and down is not None:
                anchors[name] = (across, down)
        elif name == "scroll" and value == "up":
            scroll = "up"
    return Region(
        identifier=identifier,
        width=width,
        lines=lines,
        anchor=anchors.get("regionanchor", (0, 100)),
        viewport_anchor=anchors.get("viewportanchor", (0, 100)),
        scroll=scroll,
    )


class _Settings:
    """Settings while they are being read; a later one overrides an earlier one."""

    def __init__(self, regions: Mapping[str, Region]) -> None:
        self.regions = regions
        self.region: Region | None = None
        self.vertical = ""
        self.snap_to_lines = True
        self.line: float | None = None
        self.line_align = "start"
        self.position: float | None = None
        self.position_align = "auto"
        self.size: float = 100
        self.align = "center"

    def set_region(self, value: str) -> None:
        self.region = self.regions.get(value)

    def set_vertical(self, value: str) -> None:
        if value in {"rl", "lr"}:
            self.vertical = value
        if self.vertical:
            self.region = None  # there are no vertical regions

    def set_line(self, value: str) -> None:
        place, comma, align = value.partition(",")
        number = _percentage(place) if place.endswith("%") else _line_number(place)
        if number is None:
            return
        if comma:
            if align not in {"start", "center", "end"}:
                return
            self.line_align = align
        self.line = number
        self.snap_to_lines = not place.endswith("%")
        self.region = None  # a cue with a line of its own leaves its region

    def set_position(self, value: str) -> None:
        place, comma, align = value.partition(",")
        number = _percentage(place)
        if number is None:
            return
        if comma:
            if align not in {"line-left", "center", "line-right"}:
                return
            self.position_align = align
        self.position = number

    def set_size(self, value: str) -> None:
        number = _percentage(value)
        if number is None:
            return
        self.size = number
        if number != 100:
            self.region = None  # a cue with a size of its own leaves its region

    def set_align(self, value: str) -> None:
        if value in {"start", "center", "end", "left", "right"}:
            self.align = value


_SETTERS = {
    "region": _Settings.set_region,
    "vertical": _Settings.set_vertical,
    "line": _Settings.set_line,
    "position": _Settings.set_position,
    "size": _Settings.set_size,
    "align": _Settings.set_align,
}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for match in _WORD.finditer(text):
        name, _, value = match[0].partition(":")
        if name and value:
            yield name, value


def _percentage(text: str) -> float | None:
    if _PERCENTAGE.fullmatch(text) is None:
        return None
    number = float(text[:-1])
    return number if number <= 100 else None


def _line_number(text: str) -> float | None:
    if _LINE_NUMBER.fullmatch(text) is None:
        return None
    number = float(text)
    # HTML, "rules for parsing floating-point number values": past the largest double is an error.
    return None if number in {float("inf"), float("-inf")} else number
