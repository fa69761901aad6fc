"""Captions: segments as the player shows them over the picture, in cues of one or two short lines.

A segment may be a sentence of half a minute; laid over a video as it is, it covers the speaker and
is gone before it was read. So it is cut where the sense allows: after a sentence, at a comma, then
anywhere between words, with no last crumb. Lines hold what broadcasters give them (BBC Subtitle
Guidelines, "Line length": about 40 characters), signs of East Asia counted twice.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import inf
from typing import Protocol

from .utterances import Spoken

LINE = 42
LINES_MAX = 2
_ENDS_SENTENCE = (".", "?", "!", "…", "。", "？", "！")
_ENDS_CLAUSE = (",", ";", ":", "–", "—", "、", "，", "；", "：")
_CLOSERS = "\"'”’»)]」』"
_AT_A_CLAUSE, _ANYWHERE = 0.15, 0.5
_CUE = 0.4  # each further cue, so that there are not many small ones
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Heard(Spoken, Protocol):
    """A segment that may know when each of its words begins."""

    @property
    def word_starts_ms(self) -> Sequence[int] | None: ...


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands over the picture for a while. Times in milliseconds, `end_ms` > `start_ms`."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def to_captions(segments: Iterable[Heard]) -> Iterator[str]:
    """WebVTT for the player. Where another begins to speak, the words begin with the name."""
    yield "WEBVTT\n\n"
    for caption in captions(segments):
        text = "\n".join(line.translate(_ESCAPES) for line in caption.lines)
        yield f"{_clock(caption.start_ms)} --> {_clock(caption.end_ms)}\n{text}\n\n"


def captions(segments: Iterable[Heard]) -> Iterator[Caption]:
    """The captions of each segment, in order; those of one segment follow without a gap.

    Where the times of words are known a cue begins with its first word, else it has the share of
    time that it has of the letters.
    """
    speaker_before = ""
    for segment in segments:
        speaker = " ".join(segment.speaker_name.split())
        prefix = f"{speaker}:" if speaker and speaker != speaker_before else ""
        speaker_before = speaker
        laid = _Laid([*_pieces(prefix), *_pieces(segment.text)])
        begins = _begins(segment, laid, before=len(_pieces(prefix)))
        lasting = max(segment.end_ms - segment.start_ms, 1)
        start = 0
        for first, after in pairwise(laid.cuts()):
            end = min(begins(after), lasting) if after < len(laid.words) else lasting
            if end > start:  # a segment of no time shows what there is time for
                lines = laid.lines(first, after)
                yield Caption(segment.start_ms + start, segment.start_ms + end, lines)
                start = end


def _begins(segment: Heard, laid: _Laid, *, before: int) -> Callable[[int], int]:
    """When a word is said, counted from the segment's start; `before` words are not said at all."""
    starts = segment.word_starts_ms
    if starts and len(starts) == len(laid.words) - before:
        return lambda place: starts[max(place - before, 0)]
    lasting = max(segment.end_ms - segment.start_ms, 1)
    return lambda place: lasting * laid.reach[place] // laid.reach[-1]


def _pieces(text: str) -> list[str]:
    """The words; what is too long for a line, and what knows no spaces, is cut to fit."""
    found: list[str] = []
    for word in text.split():
        piece, width = "", 0
        for sign in word:
            wide = _width(sign)
            if width + wide > LINE:
                found.append(piece)
                piece, width = "", 0
            piece += sign
            width += wide
        found.append(piece)
    return found


class _Laid:
    """Words and how much room any run of them takes, without measuring twice."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.reach = [0, *accumulate(_width(word) + 1 for word in words)]

    def width(self, start: int, end: int) -> int:
        return self.reach[end] - self.reach[start] - 1

    def fits(self, start: int, end: int) -> bool:
        """Whether words `start` up to `end` fit into the lines of one cue."""
        for _line in range(LINES_MAX):
            start = bisect_right(self.reach, self.reach[start] + LINE + 1) - 1
            if start >= end:
                return True
        return False

    def cuts(self) -> list[int]:
        """Where to cut, the ends included: the cheapest of all ways."""
        count = len(self.words)
        if self.fits(0, count):
            return [0, count] if count else []
        leaving = [_leaving(word) for word in self.words]
        leaving[-1] = 0
        best, came_from = [0.0] + [inf] * count, [0] * (count + 1)
        for start in range(count):
            for end in range(start + 1, count + 1):
                if not self.fits(start, end):
                    break
                empty = 1 - self.width(start, end) / (LINE * LINES_MAX)
                cost = best[start] + _CUE + empty**2 + leaving[end - 1]
                if cost < best[end]:
                    best[end], came_from[end] = cost, start
        cuts = [count]
        while cuts[-1]:
            cuts.append(came_from[cuts[-1]])
        return cuts[::-1]

    def lines(self, start: int, end: int) -> tuple[str, ...]:
        """One line, or two of nearly the same length, better after a comma."""
        if self.width(start, end) <= LINE:
            return (" ".join(self.words[start:end]),)
        least, cut = inf, start + 1
        for at in range(start + 1, end):
            first, second = self.width(start, at), self.width(at, end)
            uneven = abs(first - second) - (
                LINE / 4 if _leaving(self.words[at - 1]) < _ANYWHERE else 0
            )
            if max(first, second) <= LINE and uneven < least:
                least, cut = uneven, at
        return " ".join(self.words[start:cut]), " ".join(self.words[cut:end])


def _leaving(word: str) -> float:
    """What it costs to leave off after this word, where 1 is a cue left empty."""
    last = word.rstrip(_CLOSERS)
    if last.endswith(_ENDS_SENTENCE):
        return 0
    return _AT_A_CLAUSE if last.endswith(_ENDS_CLAUSE) else _ANYWHERE


def _width(text: str) -> int:
    """How much room a text takes on a line; a letter takes one."""
    if text.isascii():
        return len(text)
    return sum(_width_of(sign) for sign in text)


def _width_of(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{ms:03}"
