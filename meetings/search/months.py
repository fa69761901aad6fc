"""Words over time: how many moments there are in each month, as bars that a template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

HEIGHT = 100
STEP, BAR = 10, 8  # one month and its bar, in units of the drawing
_FEWEST = 12  # months shown, so that two are not two walls


@dataclass(frozen=True, slots=True)
class Bar:
    """A month: `x` and `height` place it in a drawing of HEIGHT, y downwards."""

    label: str
    count: int
    x: int
    height: float

    @property
    def y(self) -> float:
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Chart:
    """All months from the first to the last that has any."""

    bars: Sequence[Bar]

    @property
    def width(self) -> int:
        return len(self.bars) * STEP

    @property
    def first(self) -> Bar:
        return self.bars[0]

    @property
    def last(self) -> Bar:
        return self.bars[-1]

    @property
    def most(self) -> Bar:
        """The highest bar; the first of equals."""
        return max(self.bars, key=lambda bar: bar.count)

    @property
    def counted(self) -> list[Bar]:
        """The months that have any: what the table says."""
        return [bar for bar in self.bars if bar.count]


def chart(counts: Mapping[int, int]) -> Chart | None:
    """The chart of counts by `schema.month_number`; None where there are not two months to compare.

    A month with anything at all has a bar that can be seen.
    """
    if len(counts) < 2:
        return None
    last = max(counts)
    first = min(*counts, last - _FEWEST + 1)
    most = max(counts.values())
    return Chart(
        [
            Bar(
                label=_label(month),
                count=(here := counts.get(month, 0)),
                x=number * STEP,
                height=max(round(here / most * HEIGHT, 1), 2.0) if here else 0.0,
            )
            for number, month in enumerate(range(max(first, 12), last + 1))
        ]
    )


def _label(month: int) -> str:
    return date_format(date(month // 12, month % 12 + 1, 1), "YEAR_MONTH_FORMAT")
