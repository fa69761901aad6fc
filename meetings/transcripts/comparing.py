"""What differs between two versions of a transcript, word by word.

Pure. Segments with the same key are the same; between them words are compared. Where very much
differs, as after a transcript was made anew, words are compared minute by minute.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from .lines import Line

MANY = 40  # segments: more of them in a row are compared minute by minute
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Run:
    """Segments in a row that differ. Those of one side may be none."""

    was: list[Line]
    now: list[Line]

    @property
    def start_ms(self) -> int:
        return min(line.start_ms for line in (*self.was[:1], *self.now[:1]))


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are the same, removed or added. A turn begins a segment: its speaker's name."""

    change: str
    """`same`, `removed` or `added`."""
    text: str
    is_turn: bool = False


@dataclass(frozen=True, slots=True)
class Reassigned:
    """How many segments went from one speaker to another, and when the first of them is said."""

    was: str
    now: str
    count: int
    start_ms: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs of segments whose words differ, and speakers whose segments went to others."""

    runs: list[Run]
    reassigned: list[Reassigned]


def compared(was: Sequence[Line], now: Sequence[Line]) -> Comparison:
    """Both versions side by side. The ids of the lines are keys."""
    runs: list[Run] = []
    moved: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    old_at = new_at = 0
    for old, new in [*_anchors(was, now), (len(was), len(now))]:
        runs.extend(_windows(was[old_at:old], now[new_at:new]))
        old_at, new_at = old + 1, new + 1
        if old < len(was) and was[old].speaker != now[new].speaker:
            names = was[old].speaker, now[new].speaker
            moved[names] += 1
            first.setdefault(names, now[new].start_ms)
    return Comparison(
        runs, [Reassigned(*names, count, first[names]) for names, count in moved.most_common()]
    )


def _anchors(was: Sequence[Line], now: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Places of the same segment on both sides, in the order of both."""
    places = {line.id: place for place, line in enumerate(was)}
    last = -1
    for new, line in enumerate(now):
        old = places.get(line.id, -1)
        if old > last:
            yield old, new
            last = old


def _windows(was: Sequence[Line], now: Sequence[Line]) -> Iterator[Run]:
    if not was and not now:
        return
    if max(len(was), len(now)) <= MANY:
        yield Run(list(was), list(now))
        return
    minutes: dict[int, Run] = {}
    for side, lines in (("was", was), ("now", now)):
        for minute, some in groupby(lines, key=lambda line: line.start_ms // MINUTE_MS):
            getattr(minutes.setdefault(minute, Run([], [])), side).extend(some)
    for _minute, run in sorted(minutes.items()):
        yield run


def pieces(run: Run) -> list[Piece]:
    """The words of a run, those that were removed before those that came in their place."""
    old, new = list(_tokens(run.was)), list(_tokens(run.now))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    told: list[Piece] = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            told.extend(_told("same", new[new_from:new_to]))
        else:
            told.extend(_told("removed", old[old_from:old_to]))
            told.extend(_told("added", new[new_from:new_to]))
    return told


_Token = tuple[bool, str]


def _tokens(lines: Sequence[Line]) -> Iterator[_Token]:
    for line in lines:
        yield True, line.speaker
        for word in line.text.split():
            yield False, word


def _told(change: str, tokens: Sequence[_Token]) -> Iterator[Piece]:
    for is_turn, some in groupby(tokens, key=lambda token: token[0]):
        if is_turn:
            yield from (Piece(change, name, is_turn=True) for _turn, name in some)
        else:
            yield Piece(change, " ".join(word for _turn, word in some))
