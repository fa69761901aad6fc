"""Doubts: what in a transcript looks as if a recognizer had invented it, in sentences for staff.

Models of the Whisper family fail in known ways: they repeat a phrase over and over (`loops`), write
words where hardly anything can be heard, or stop writing. These are pure functions over words and
times, so they judge captions that others had recognized as well.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .loops import is_sign, loops, words

# Nobody speaks so fast for so many words: auctioneers reach 250 to 400 a minute.
STRETCH, FASTEST = 80, 480
SLOWEST = 20  # words a minute, while voices are heard
ENOUGH_MS = 120_000  # of voices, to judge how many words belong to them
UNSURE = 0.5  # confidence
UNSURE_SHARE = 0.25
SHOWN, QUOTED = 3, 8  # loops, and words of a loop


class Line(Protocol):
    """What is judged: a run of words with its times in milliseconds."""

    @property
    def start_ms(self) -> int: ...
    @property
    def end_ms(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the recording, and for how long voices are heard in it."""

    start_ms: int
    end_ms: int
    spoken_ms: int


def doubts(lines: Sequence[Line], *, stretches: Sequence[Stretch] = ()) -> list[str]:
    """What makes these words doubtful, one sentence each; none if nothing does.

    `stretches` say where voices are heard, if somebody listened for them: words and times alone
    do not tell a long break from words that are missing.
    """
    said = [(word, place) for place, line in enumerate(lines) for word in words(line.text)]
    return [
        *_repetitions(lines, said),
        *_too_many(lines),
        *_too_few(lines, said, stretches),
        *_hard_to_hear(lines),
    ]


def _repetitions(lines: Sequence[Line], said: Sequence[tuple[str, int]]) -> Iterator[str]:
    found = loops([word for word, _place in said])
    if not found:
        return
    shown = [
        _("at %(at)s “%(phrase)s”")
        % {"at": clock(lines[said[loop.first][1]].start_ms), "phrase": _short(loop.phrase)}
        for loop in found[:SHOWN]
    ]
    yield ngettext(
        "The same words come over and over in %(count)d place, %(words)s words in all: %(where)s."
        " The recognizer may have invented them.",
        "The same words come over and over in %(count)d places, %(words)s words in all: %(where)s."
        " The recognizer may have invented them.",
        len(found),
    ) % {
        "count": len(found),
        "words": f"{sum(loop.length for loop in found):,}",
        "where": ", ".join(shown) + (", …" if len(found) > SHOWN else ""),
    }


def _short(phrase: str) -> str:
    quoted = phrase.split()
    return " ".join(quoted[:QUOTED]) + (" …" if len(quoted) > QUOTED else "")


def _too_many(lines: Sequence[Line]) -> Iterator[str]:
    """The first stretch of lines with more words than anybody could say in its time."""
    counts = [_count(words(line.text)) for line in lines]
    first = total = 0
    for last, line in enumerate(lines):
        total += counts[last]
        while total - counts[first] >= STRETCH:
            total -= counts[first]
            first += 1
        lasts_ms = line.end_ms - lines[first].start_ms
        if total >= STRETCH and total * 60_000 > FASTEST * lasts_ms:
            yield _(
                "At %(at)s stand far more words than can be said in the time: %(count)d in"
                " %(seconds)d seconds."
            ) % {
                "at": clock(lines[first].start_ms),
                "count": total,
                "seconds": max(lasts_ms, 0) // 1000,
            }
            return


def _too_few(
    lines: Sequence[Line], said: Sequence[tuple[str, int]], stretches: Sequence[Stretch]
) -> Iterator[str]:
    starts = [lines[place].start_ms for _word, place in said]
    poor = []
    for stretch in stretches:
        first, until = bisect_left(starts, stretch.start_ms), bisect_left(starts, stretch.end_ms)
        count = _count([word for word, _place in said[first:until]])
        if stretch.spoken_ms >= ENOUGH_MS and count * 60_000 < SLOWEST * stretch.spoken_ms:
            poor.append(stretch)
    if poor:
        yield _(
            "Voices are heard and hardly a word was written: %s. It may be a language that the"
            " model does not know, or music."
        ) % (
            ", ".join(f"{clock(one.start_ms)}–{clock(one.end_ms)}" for one in poor[:SHOWN])
            + (", …" if len(poor) > SHOWN else "")
        )


def _hard_to_hear(lines: Sequence[Line]) -> Iterator[str]:
    known = [(line.confidence, len(line.text)) for line in lines if line.confidence is not None]
    whole = sum(length for _sure, length in known)
    unsure = sum(length for sure, length in known if sure < UNSURE)
    if unsure > whole * UNSURE_SHARE:
        yield _("Much was hard to hear: %d percent of the text is unsure.") % (
            unsure * 100 // whole
        )


def _count(said: Sequence[str]) -> int:
    """How many words these are; in writing without spaces about two signs make one."""
    signs = sum(1 for word in said if is_sign(word))
    return len(said) - signs + signs // 2


def clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
