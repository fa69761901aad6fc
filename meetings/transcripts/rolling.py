"""Rolling captions: which words of a cue are new, and which it only shows once more."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from meetings.transcripts.formats.cues import Cue

# A display that was empty for longer than this has nothing left to repeat.
CLEARED_MS = 250
# From this share of cues that carry lines over from the cue before, a file counts as rolling.
ROLLING_SHARE = 0.3
# A way of carrying over that hardly ever happens in a file, where its like happens often, is a
# coincidence: somebody said the same line twice.
COINCIDENCE_SHARE = 0.05
COINCIDENCE_LEAST = 20


@dataclass(frozen=True, slots=True)
class Carried:
    """How a cue may go on from the one before it.

    The first `lines` lines of the cue are the last ones of the cue before. When `grown`, the last
    of them has more words now than it had then.
    """

    before: int
    now: int
    lines: int
    grown: bool


class Rolling:
    """The lines of a file's cues, and how each cue carries over lines of the one before it."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.lines = [
            [" ".join(line.split()) for line in cue.text.split("\n") if line.strip()]
            for cue in cues
        ]
        self._ways: list[list[Carried]] = [[] for _ in cues]
        self._likes: Counter[tuple[int, int]] = Counter()
        self._counts: Counter[Carried] = Counter()
        adjacent = moving = 0
        for place in range(1, len(cues)):
            if cues[place].start_ms - cues[place - 1].end_ms > CLEARED_MS:
                continue
            before, now = self.lines[place - 1], self.lines[place]
            ways = _ways(before, now)
            adjacent += 1
            # The same text once more may be a chorus: it says nothing about the file.
            moving += bool(ways) and before != now
            self._ways[place] = ways
            self._likes[len(before), len(now)] += 1
            self._counts.update(ways)
        self.is_rolling = moving > 0 and moving >= adjacent * ROLLING_SHARE

    def new_lines(self) -> list[list[str]]:
        """For each cue the lines, or the end of a line, that it is the first to show.

        Where several overlaps fit (a line that was really said twice), the one that fits the most
        cues of the same shape is taken: how a file rolls does not change from cue to cue. If that
        does not decide, one new line is likelier than none or two.
        """
        if not self.is_rolling:
            return self.lines
        return [self._new(place) for place in range(len(self.lines))]

    def _new(self, place: int) -> list[str]:
        now = self.lines[place]
        ways = self._ways[place]
        if not ways:
            return now
        way = max(ways, key=lambda way: (self._counts[way], way.now - way.lines == 1))
        like = self._likes[way.before, way.now]
        if like >= COINCIDENCE_LEAST and self._counts[way] < like * COINCIDENCE_SHARE:
            return now
        new = now[way.lines :]
        if way.grown:
            said = len(self.lines[place - 1][-1])
            new = [now[way.lines - 1][said:].strip(), *new]
        return new


def _ways(before: list[str], now: list[str]) -> list[Carried]:
    ways: list[Carried] = []
    for lines in range(1, min(len(before), len(now)) + 1):
        if before[-lines:-1] != now[: lines - 1]:
            continue
        last_then, last_now = before[-1], now[lines - 1]
        if last_then == last_now:
            ways.append(Carried(len(before), len(now), lines, grown=False))
        elif last_now.startswith(f"{last_then} "):
            ways.append(Carried(len(before), len(now), lines, grown=True))
    return ways
