"""What differs between a stored version and its lines after edits: as little as has to be written.

Pure. A line whose words and times are what they were is not written anew: it is copied with its
key, inside the database.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .lines import Line
from .utterances import key_of


@dataclass(frozen=True, slots=True)
class Written:
    """A row that has to be written: `line.id` is its key.

    It stands after the kept row at `place` (before the first one: -1), as number `part` there.
    """

    place: int
    part: int
    line: Line


@dataclass(frozen=True, slots=True)
class Patch:
    """The way from a stored version to the next."""

    gone: list[int]
    """Positions of rows that are not copied: their words or times are others now."""
    written: list[Written]
    renamed: dict[str, str]
    """Speakers whose copied rows go to another."""
    assigned: dict[int, str]
    """Positions of copied rows that go to a speaker of their own."""
    change_count: int
    """Segments that differ: changed, new or no longer there."""

    @property
    def is_empty(self) -> bool:
        return not self.change_count


AS_IT_IS = Patch([], [], {}, {}, 0)


def between(base: Sequence[Line], positions: Mapping[str, int], after: Sequence[Line]) -> Patch:
    """What leads from `base`, whose ids are keys and stand at `positions`, to `after`."""
    was = {line.id: line for line in base}
    same = {line.id: line for line in after if line.id in was and line.fact == was[line.id].fact}
    renamed = _renamed(was, same)
    taken = set(same)
    written: list[Written] = []
    place, part = -1, 0
    for line in after:
        if line.id in same:
            place, part = positions[line.id], 0
            continue
        part += 1
        key = _key(line, taken)
        taken.add(key)
        written.append(Written(place, part, replace(line, id=key)))
    moved = sum(line.speaker != was[name].speaker for name, line in same.items())
    return Patch(
        gone=[positions[name] for name in was if name not in same],
        written=written,
        renamed=renamed,
        assigned={
            positions[name]: line.speaker
            for name, line in same.items()
            if line.speaker != renamed.get(was[name].speaker, was[name].speaker)
        },
        change_count=moved + max(len(was), len(after)) - len(same),
    )


def _renamed(was: Mapping[str, Line], same: Mapping[str, Line]) -> dict[str, str]:
    """For each speaker the one to whom most of the segments went, where that is somebody else."""
    went: dict[str, Counter[str]] = defaultdict(Counter)
    for name, line in same.items():
        went[was[name].speaker][line.speaker] += 1
    most = {speaker: to.most_common(1)[0][0] for speaker, to in went.items()}
    return {speaker: to for speaker, to in most.items() if to != speaker}


def _key(line: Line, taken: set[str]) -> str:
    count = 0
    while (key := key_of(*line.fact, count=count)) in taken:
        count += 1
    return key
