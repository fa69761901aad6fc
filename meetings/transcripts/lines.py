"""A line of a transcript while it is edited: given other words, cut in two, joined with the next.

Pure. Times of words are known here and not in the editor.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

TEXT_MAX = 10_000
NAME_MAX = 200
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class EditRefused(ValueError):
    """An edit cannot be made. The message is a sentence for staff."""


@dataclass(frozen=True, slots=True)
class Line:
    """A segment while it is edited.

    `id` is the key of the stored segment that it comes from or, for the second part of a split,
    what the editor calls it. `word_starts` (from the start of the line) and `word_confidences` are
    those of an Utterance: one for each word, or empty.
    """

    id: str
    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""
    confidence: float | None = None
    word_starts: tuple[int, ...] = ()
    word_confidences: tuple[int, ...] = ()

    @property
    def fact(self) -> tuple[int, int, str]:
        """What a key is made of."""
        return self.start_ms, self.end_ms, self.text


def tidy(text: str) -> str:
    """Text on one line, without control characters and halves of characters."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", _SPACE.sub(" ", whole)).strip(" ")


def reworded(line: Line, text: str) -> Line:
    """The line with other words, heard by a person: nothing about them is unsure.

    A word that stays keeps its time; one that is new gets a time between its neighbors.
    """
    text = tidy(text)
    if not text:
        raise EditRefused(_("A segment has words. To take it away, remove it."))
    if len(text) > TEXT_MAX:
        raise EditRefused(
            _("A segment has at most %(most)d characters. This one has %(number)d.")
            % {"most": TEXT_MAX, "number": len(text)}
        )
    if text == line.text:
        return line
    starts = retimed(line, text.split()) if line.word_starts else ()
    return replace(line, text=text, confidence=None, word_starts=starts, word_confidences=())


def retimed(line: Line, words: Sequence[str]) -> tuple[int, ...]:
    """When each of the new words begins, from the start of the line."""
    known = [*line.word_starts, line.end_ms - line.start_ms]
    starts: list[int] = []
    matcher = SequenceMatcher(None, line.text.split(), words, autojunk=False)
    for tag, old, old_to, new, new_to in matcher.get_opcodes():
        if tag == "equal" or old_to - old == new_to - new:
            starts.extend(known[old:old_to])
        else:
            begins, lasts = known[old], known[old_to] - known[old]
            starts.extend(begins + lasts * n // (new_to - new) for n in range(new_to - new))
    return tuple(starts)


def named(speaker: str) -> str:
    """A speaker's name as it is stored."""
    name = tidy(speaker)
    if len(name) > NAME_MAX:
        raise EditRefused(
            _("A speaker's name has at most %(most)d characters. This one has %(number)d.")
            % {"most": NAME_MAX, "number": len(name)}
        )
    return name


def parted(line: Line, at: int, *, latest_ms: int) -> tuple[Line, Line]:
    """The line in two, cut before the character `at`.

    The second part begins with its first word where the times of words are known and the cut is
    between two, else in proportion to the letters; but no later than `latest_ms`, where the next
    line begins, because lines stand in the order of their starts.
    """
    left, right = line.text[:at].rstrip(" "), line.text[max(at, 0) :].lstrip(" ")
    if at <= 0 or not left or not right:
        raise EditRefused(_("A segment is split between words: both parts keep some."))
    count = len(left.split())
    is_between = count + len(right.split()) == len(line.text.split())
    if is_between and line.word_starts:
        begins = line.start_ms + line.word_starts[count]
    else:
        lasts, letters = line.end_ms - line.start_ms, len(left) + len(right)
        begins = line.start_ms + lasts * len(left) // letters
    begins = max(line.start_ms, min(begins, latest_ms, line.end_ms))
    starts = line.word_starts if is_between else ()
    sure = line.word_confidences if is_between else ()
    later = begins - line.start_ms
    return (
        replace(
            line,
            text=left,
            end_ms=begins,
            word_starts=starts[:count],
            word_confidences=sure[:count],
        ),
        replace(
            line,
            text=right,
            start_ms=begins,
            word_starts=tuple(max(0, start - later) for start in starts[count:]),
            word_confidences=sure[count:],
        ),
    )


def joined(line: Line, following: Line) -> Line:
    """Both as one, said by the first one's speaker, as unsure as the less sure of the two."""
    text = f"{line.text} {following.text}"
    if len(text) > TEXT_MAX:
        raise EditRefused(
            _("A segment has at most %(most)d characters. These two have %(number)d.")
            % {"most": TEXT_MAX, "number": len(text)}
        )
    known = [one for one in (line.confidence, following.confidence) if one is not None]
    later = following.start_ms - line.start_ms
    return replace(
        line,
        end_ms=max(line.end_ms, following.end_ms),
        text=text,
        confidence=min(known, default=None),
        word_starts=_both(line.word_starts, tuple(s + later for s in following.word_starts)),
        word_confidences=_both(line.word_confidences, following.word_confidences),
    )


def _both(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    return first + second if first and second else ()
