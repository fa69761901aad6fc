"""Edits of a transcript before they are stored: words, speakers, splits, joins and removals.

Pure. `static/js/correcting/edits.js` does the same in the editor, so that staff see what will be
stored; a test holds the two together. Times of words are known here alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

TEXT_MAX = 10_000
NAME_MAX = 200
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class EditRefused(ValueError):
    """An edit cannot be made. The message is a sentence for staff."""


class NotThere(EditRefused):
    """An edit speaks of a segment that is not, or no longer, in the transcript."""

    def __init__(self) -> None:
        super().__init__(_("A segment that you edited is not in this version of the transcript."))


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


@dataclass(frozen=True, slots=True)
class Reword:
    """Give a segment other words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Give one segment another speaker; an empty name is nobody."""

    id: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give all segments of one speaker to another, who may be there already."""

    speaker: str
    to: str


@dataclass(frozen=True, slots=True)
class Split:
    """Cut a segment in two before the character `at`. The second part is called `new`."""

    id: str
    at: int
    new: str


@dataclass(frozen=True, slots=True)
class Join:
    """Add the segment `next`, which must follow, to the end of another."""

    id: str
    next: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a segment away, such as words that were never said."""

    id: str


Edit = Reword | Assign | Rename | Split | Join | Remove


def tidy(text: str) -> str:
    """Text on one line, without control characters and halves of characters."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", _SPACE.sub(" ", whole)).strip(" ")


class Sheet:
    """Lines in their order, to which edits are applied one after another."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = {line.id: line for line in lines}
        ids: list[str | None] = [*self._lines]
        self._first = ids[0] if ids else None
        self._after: dict[str, str | None] = dict(zip(self._lines, [*ids[1:], None], strict=True))
        self._before: dict[str, str | None] = dict(zip(self._lines, [None, *ids], strict=False))

    def __iter__(self) -> Iterator[Line]:
        at = self._first
        while at is not None:
            yield self._lines[at]
            at = self._after[at]

    def __getitem__(self, name: str) -> Line:
        try:
            return self._lines[name]
        except KeyError:
            raise NotThere from None

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    def apply(self, edit: Edit) -> None:
        """Raises EditRefused, and then nothing has changed."""
        match edit:
            case Reword(name, text):
                self._put(reworded(self[name], text))
            case Assign(name, speaker):
                self._put(replace(self[name], speaker=named(speaker)))
            case Rename(speaker, to):
                self._rename(speaker, named(to))
            case Split(name, at, new):
                self._split(self[name], at, new)
            case Join(name, following):
                self._join(self[name], self[following])
            case Remove(name):
                self._remove(self[name])

    def _put(self, line: Line) -> None:
        self._lines[line.id] = line

    def _rename(self, speaker: str, to: str) -> None:
        for name, line in self._lines.items():
            if line.speaker == speaker:
                self._lines[name] = replace(line, speaker=to)

    def _split(self, line: Line, at: int, new: str) -> None:
        if not new or new in self._lines:
            raise EditRefused(_("The second part of a segment takes a name of its own."))
        following = self._after[line.id]
        latest = self._lines[following].start_ms if following is not None else line.end_ms
        left, right = parted(line, at, latest_ms=latest)
        self._put(left)
        self._put(replace(right, id=new))
        self._link(new, following)
        self._link(line.id, new)

    def _join(self, line: Line, following: Line) -> None:
        if self._after[line.id] != following.id:
            raise EditRefused(_("Only a segment and the one that follows it can be joined."))
        self._put(joined(line, following))
        self._drop(following.id)

    def _remove(self, line: Line) -> None:
        if len(self._lines) == 1:
            raise EditRefused(_("A transcript has at least one segment. This is the last one."))
        self._drop(line.id)

    def _drop(self, name: str) -> None:
        before, after = self._before.pop(name), self._after.pop(name)
        del self._lines[name]
        if before is None:
            self._first = after
            if after is not None:
                self._before[after] = None
        else:
            self._link(before, after)

    def _link(self, before: str, after: str | None) -> None:
        self._after[before] = after
        if after is not None:
            self._before[after] = before


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


def applied(lines: Iterable[Line], edits: Sequence[Edit]) -> list[Line]:
    """The lines after all edits, in order. Raises EditRefused."""
    sheet = Sheet(lines)
    for edit in edits:
        sheet.apply(edit)
    return list(sheet)
