"""The structure of a WebVTT file, by the W3C's parsing rules.

https://www.w3.org/TR/webvtt1/, section 6.1 (file parsing). `parse` keeps all that the rules find
and, beside it, all that they drop; `webvttreading` makes cues and notes of it.

Why our own: of the 381 cases of the W3C and of Mozilla that `tests/README.md` lists, this parser
gets all right. Asked for times and words alone, webvtt-py 0.6.0 gets 341 right and pysubs2 1.8.1
292. Neither gives settings, regions or trees, which most of the cases are about, and neither says
which lines it dropped, without which a file that loses words cannot be refused.
"""

import re
from dataclasses import dataclass, field

from meetings.transcripts.formats import cuesettings
from meetings.transcripts.formats.cues import NotCaptions
from meetings.transcripts.formats.cuesettings import Region, Settings
from meetings.transcripts.formats.notes import MOST_NOTES

_WHITESPACE = " \t\n\f\r"
_EMPTY_LINES = re.compile(r"\n*+")


@dataclass(frozen=True, slots=True)
class VttCue:
    """One cue. `line` is that of its times, `text` is as written, tags and all."""

    line: int
    identifier: str
    start_ms: int
    end_ms: int
    settings: Settings
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A block that is no cue, style or region. `timing` is its line with an arrow, if any."""

    line: int
    before: tuple[str, ...]
    timing: str | None = None
    timing_line: int = 0
    after: tuple[str, ...] = ()


@dataclass(slots=True)
class WebVtt:
    """A parsed file, in file order."""

    signature: str = ""  # what follows WEBVTT on its line
    header: tuple[str, ...] = ()
    cues: list[VttCue] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    stylesheets: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    crowded: list[int] = field(default_factory=list)  # lines of times with no empty line before


def has_signature(text: str) -> bool:
    """Whether `text` begins as every WebVTT file must."""
    return text.startswith("WEBVTT") and text[6:7] in {"", " ", "\t", "\n", "\r"}


def parse(text: str) -> WebVtt:
    """`text`, decoded and without byte order mark, as the W3C's "WebVTT parser algorithm" reads it.

    Raises NotCaptions when the first line is not the signature, or when blocks that are no cues
    have no end.
    """
    text = text.replace("\0", "\ufffd")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not has_signature(text):
        raise NotCaptions("Line 1 does not begin with WEBVTT, so this is not a WebVTT file.")
    return _Parser(text).run()


class _Parser:
    """The algorithm's variables. `line` is the number of the line at `position`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.line = 1
        self.found = WebVtt()
        self.regions: dict[str, Region] = {}

    @property
    def is_at_end(self) -> bool:
        return self.position >= len(self.text)

    def run(self) -> WebVtt:
        self.found.signature = self._next_line()[6:]
        if not self.is_at_end:
            self._header()
        self._skip_empty_lines()
        while not self.is_at_end:
            self._block()
            self._skip_empty_lines()
            if len(self.found.dropped) + len(self.found.crowded) > MOST_NOTES:
                raise NotCaptions(
                    f"More than {MOST_NOTES:,} blocks up to line {self.line} are no cues. "
                    "This is not a caption file that can be used.",
                    line=self.line,
                )
        return self.found

    def _next_line(self) -> str:
        end = self.text.find("\n", self.position)
        if end < 0:
            end = len(self.text)
        line = self.text[self.position : end]
        self.position = end + 1
        self.line += 1
        return line

    def _skip_empty_lines(self) -> None:
        match = _EMPTY_LINES.match(self.text, self.position)
        if match is not None and match.end() > self.position:
            self.line += match.end() - self.position
            self.position = match.end()

    def _header(self) -> None:
        lines: list[str] = []
        while not self.is_at_end:
            start = self.position
            line = self._next_line()
            if "-->" in line:
                self.position = start
                self.line -= 1
                break
            if not line:
                break
            lines.append(line)
        self.found.header = tuple(lines)

    def _block(self) -> None:
        """Collect a WebVTT block, and put what it is where it belongs."""
        block = _Block(self.line)
        while not self.is_at_end:
            start = self.position
            line = self._next_line()
            block.count += 1
            if "-->" in line:
                if block.count > 2 or block.timing is not None:
                    self.position = start
                    self.line -= 1
                    self.found.crowded.append(self.line)
                    break
                block.timing, block.timing_line = line, self.line - 1
                block.times = cuesettings.timings(line, self.regions)
                block.before, block.lines = block.lines, []
            elif not line:
                break
            else:
                if block.count == 2:
                    self._begin_style_or_region(block)
                block.lines.append(line)
        self._end(block)

    def _begin_style_or_region(self, block: "_Block") -> None:
        if self.found.cues or len(block.lines) != 1:
            return
        first = block.lines[0].rstrip(_WHITESPACE)
        if first in {"STYLE", "REGION"}:
            block.kind = first
            block.lines = []

    def _end(self, block: "_Block") -> None:
        if block.times is not None:
            start, end, settings = block.times
            self.found.cues.append(
                VttCue(
                    line=block.timing_line,
                    identifier=block.before[0] if block.before else "",
                    start_ms=start,
                    end_ms=end,
                    settings=settings,
                    text="\n".join(block.lines),
                )
            )
        elif block.kind == "STYLE":
            self.found.stylesheets.append("\n".join(block.lines))
        elif block.kind == "REGION":
            region = cuesettings.region("\n".join(block.lines))
            self.found.regions.append(region)
            self.regions[region.identifier] = region
        elif block.timing is None:
            self.found.dropped.append(Dropped(block.line, tuple(block.lines)))
        else:
            self.found.dropped.append(
                Dropped(
                    block.line,
                    tuple(block.before),
                    block.timing,
                    block.timing_line,
                    tuple(block.lines),
                )
            )


@dataclass(slots=True)
class _Block:
    """One block while it is being collected."""

    line: int
    count: int = 0
    lines: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    timing: str | None = None
    timing_line: int = 0
    times: tuple[int, int, Settings] | None = None
    kind: str = ""
