"""Edits that were made on an older version: which of them fit the newest one, and which do not.

Pure. Edits hang together when they touch the same segments. All that hang together fit or do not:
half of what somebody meant is not what they meant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .edits import Assign, Edit, Join, Remove, Rename, Reword, Sheet, Split
from .lines import EditRefused, Line


@dataclass(frozen=True, slots=True)
class Conflict:
    """Edits that hang together and meet what somebody else has changed: was, mine, theirs.

    The lines are empty for a speaker's new name, where nobody has the old name any more.
    """

    edits: list[Edit]
    was: list[Line]
    mine: list[Line]
    theirs: list[Line]

    @property
    def is_settled(self) -> bool:
        """Both did the same."""
        return bool(self.was) and _facts(self.mine) == _facts(self.theirs)


@dataclass(frozen=True, slots=True)
class Rebased:
    """Edits that can be applied to the newest version, and those that somebody has to look at."""

    edits: list[Edit]
    conflicts: list[Conflict] = field(default_factory=list)


def rebased(base: Sequence[Line], newest: Sequence[Line], edits: Sequence[Edit]) -> Rebased:
    """Sort the edits, which were made on `base`. The ids of both versions are keys.

    Words and times must be what they were where words are edited, and the speaker where a speaker
    is. Raises EditRefused where the edits do not even fit `base`.
    """
    mine = Sheet(base)
    for edit in edits:
        mine.apply(edit)
    was, now = {line.id: line for line in base}, {line.id: line for line in newest}
    leaders = _leaders(edits)
    groups: dict[str, list[Edit]] = {}
    for leader, edit in zip(leaders, edits, strict=True):
        groups.setdefault(leader, []).append(edit)
    lost = {leader for leader, group in groups.items() if not _fits(group, was, now)}
    while True:
        kept = [place for place, leader in enumerate(leaders) if leader not in lost]
        broken = _first_that_fails(newest, [edits[place] for place in kept])
        if broken is None:
            break
        lost.add(leaders[kept[broken]])
    met = [_conflict(groups[leader], was, newest, mine) for leader in groups if leader in lost]
    return Rebased(
        [edits[place] for place in kept], [conflict for conflict in met if not conflict.is_settled]
    )


def names_in(edit: Edit) -> tuple[str, ...]:
    """The segments that an edit speaks of, those that it makes included."""
    match edit:
        case Split(name, _at, new):
            return name, new
        case Join(name, following):
            return name, following
        case Reword(name) | Assign(name) | Remove(name):
            return (name,)
        case Rename(speaker, to):  # these hang together by the names of speakers alone
            return f"speaker {speaker}", f"speaker {to}"


def _leaders(edits: Iterable[Edit]) -> list[str]:
    """For each edit one name that is the same for all with which it hangs together."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        leader.setdefault(name, name)
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    named = [names_in(edit) for edit in edits]
    for first, *others in named:
        for other in others:
            leader[find(other)] = find(first)
    return [find(first) for first, *_others in named]


def _fits(group: Sequence[Edit], was: dict[str, Line], now: dict[str, Line]) -> bool:
    for edit in group:
        if isinstance(edit, Rename):
            if _speaks(edit.speaker, was) and not _speaks(edit.speaker, now):
                return False
            continue
        for name in names_in(edit):
            if name not in was:
                continue
            if name not in now:
                return False
            if isinstance(edit, Assign | Join) and now[name].speaker != was[name].speaker:
                return False
    return True


def _speaks(speaker: str, lines: dict[str, Line]) -> bool:
    return any(line.speaker == speaker for line in lines.values())


def _first_that_fails(newest: Sequence[Line], edits: Sequence[Edit]) -> int | None:
    sheet = Sheet(newest)
    for number, edit in enumerate(edits):
        try:
            sheet.apply(edit)
        except EditRefused:
            return number
    return None


def _conflict(
    edits: list[Edit], base: dict[str, Line], newest: Sequence[Line], mine: Sheet
) -> Conflict:
    names = dict.fromkeys(name for edit in edits for name in names_in(edit))
    was = [base[name] for name in names if name in base]
    if not was:
        return Conflict(edits, [], [], [])
    start, end = min(line.start_ms for line in was), max(line.end_ms for line in was)
    return Conflict(
        edits,
        sorted(was, key=lambda line: line.start_ms),
        sorted((mine[name] for name in names if name in mine), key=lambda line: line.start_ms),
        [
            line
            for line in newest
            if line.start_ms == start or (line.start_ms < end and line.end_ms > start)
        ],
    )


def _facts(lines: Iterable[Line]) -> list[tuple[tuple[int, int, str], str]]:
    return [(line.fact, line.speaker) for line in lines]
