"""Edits of a transcript before they are stored: words, speakers, splits, joins and removals.

Pure. `static/js/correcting/edits.js` does the same in the editor, so that staff see what will be
stored; a test holds the two together. What becomes of a line: lines.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from .lines import EditRefused, Line, joined, named, parted, reworded


class NotThere(EditRefused):
    """An edit speaks of a segment that is not, or no longer, in the transcript."""

    def __init__(self) -> None:
        super().__init__(_("A segment that you edited is not in this version of the transcript."))


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


def applied(lines: Iterable[Line], edits: Sequence[Edit]) -> list[Line]:
    """The lines after all edits, in order. Raises EditRefused."""
    sheet = Sheet(lines)
    for edit in edits:
        sheet.apply(edit)
    return list(sheet)
