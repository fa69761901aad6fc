"""The cheapest way to make a quotation out of a stretch of what was said, word by word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Costs. A word in another's place is cheaper than one left out and one put in.
OTHER_WORD, LEFT_OUT, PUT_IN = 1_500, 1_000, 1_000
ASIDE = 5
SKIPPED = 2  # a word where the quotation says that it leaves some out


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: a word of both, of what was said only, or of the quotation only.

    `said` and `quoted` are places in the two; None where that side has no word.
    """

    quoted: int | None
    said: int | None
    is_same: bool
    gap: int | None = None
    """The place in the quotation before which this word was left out as marked."""


def fit(quoted: str, said: str, *, asides: Sequence[int], gaps: Mapping[int, int]) -> list[Step]:
    """Align all words of `quoted` with some stretch of `said`; what is around it costs nothing.

    Words are characters. `asides` has for each word of `said` whether leaving it out is free.
    `gaps` names the places in `quoted` before which words may be left out.
    """
    width = len(said)
    dear = [ASIDE if aside else LEFT_OUT for aside in asides]
    rows = [[0] * (width + 1)]
    for number, word in enumerate(quoted, start=1):
        above = rows[-1]
        left = above[0] + PUT_IN
        row = [left]
        costs = [SKIPPED] * width if number in gaps else dear
        before = above[0]
        for heard, cost, over in zip(said, costs, above[1:], strict=True):
            least = before if heard == word else before + OTHER_WORD
            if over + PUT_IN < least:  # noqa: PLR1730 - min() takes twice as long here
                least = over + PUT_IN
            if left + cost < least:  # noqa: PLR1730 - as above
                least = left + cost
            row.append(least)
            left, before = least, over
        rows.append(row)
    return _way_back(rows, quoted, said, dear, gaps)


def _way_back(
    rows: Sequence[Sequence[int]],
    quoted: str,
    said: str,
    dear: Sequence[int],
    gaps: Mapping[int, int],
) -> list[Step]:
    last = rows[-1]
    at = min(range(len(last)), key=last.__getitem__)
    number = len(quoted)
    steps: list[Step] = []
    while number:
        here = rows[number][at]
        is_same = at > 0 and said[at - 1] == quoted[number - 1]
        if at and here == rows[number - 1][at - 1] + (0 if is_same else OTHER_WORD):
            number, at = number - 1, at - 1
            steps.append(Step(number, at, is_same))
        elif here == rows[number - 1][at] + PUT_IN:
            number -= 1
            steps.append(Step(number, None, is_same=False))
        else:
            at -= 1
            steps.append(Step(None, at, is_same=False, gap=number if number in gaps else None))
    steps.reverse()
    return steps
