"""Times as caption files write them, by the W3C's rule and by what was plainly meant."""

import re
from dataclasses import dataclass

# WebVTT, "collect a WebVTT timestamp": two digits each, but hours, which have any number; three
# digits of milliseconds. \d would take digits of other scripts.
W3C_TIMESTAMP = r"(?:([0-9]++):)?([0-9]{2}):([0-9]{2})\.([0-9]{3})(?![0-9])"

_W3C = re.compile(W3C_TIMESTAMP)
_WRITTEN = re.compile(
    r"[ \t\f]*+(?:([0-9]++):)?([0-9]{1,3}):([0-9]{1,3})(?:[.,]([0-9]++))?(?=[ \t\f]|$|-)"
)
# Longer counts of hours are all the same nonsense; this keeps the arithmetic small.
MOST_HOURS = 10**9


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A time that a person can read but the format's rule cannot."""

    milliseconds: int
    kind: str  # "" when nothing is odd about it
    oddity: str  # for a sentence: "has 61 minutes"

    @property
    def is_certain(self) -> bool:
        """Whether there is only one time that the writer can have meant."""
        return self.kind != "sixty_or_more"


def milliseconds(hours: str | None, minutes: str, seconds: str, thousandths: str) -> int | None:
    """The parts of a W3C time in milliseconds, or None where minutes or seconds pass 59."""
    if minutes > "59" or seconds > "59":  # two digits each, so text compares as numbers do
        return None
    return ((_hours(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(thousandths)


def w3c_timestamp(text: str) -> int | None:
    """The whole of `text` as a WebVTT timestamp in milliseconds, or None."""
    match = _W3C.fullmatch(text)
    return milliseconds(match[1], match[2], match[3], match[4]) if match else None


def written_time(text: str) -> WrittenTime | None:
    """The time at the start of `text` as a person would read it, or None where there is none.

    `.1000` after the seconds is a whole second (a writer rounded .9996 up and kept four digits);
    other lengths than three are a decimal fraction of a second.
    """
    match = _WRITTEN.match(text)
    if match is None:
        return None
    minutes, seconds = int(match[2]), int(match[3])
    fraction = match[4]
    whole = (_hours(match[1]) * 60 + minutes) * 60 + seconds
    time = whole * 1000 + _thousandths(fraction)
    if minutes > 59 or seconds > 59:
        what = f"{minutes} minutes" if minutes > 59 else f"{seconds} seconds"
        return WrittenTime(time, "sixty_or_more", f"has {what}")
    if fraction is not None and len(fraction) == 4 and int(fraction) <= 1000:
        return WrittenTime(time, "four_digit_milliseconds", "has four digits of milliseconds")
    if "," in match[0]:
        return WrittenTime(time, "comma_in_times", "has a comma where WebVTT has a point")
    if w3c_timestamp(match[0].strip(" \t\f")) is None:
        return WrittenTime(time, "malformed_times", "is not written as the format wants it")
    return WrittenTime(time, "", "")


def _hours(digits: str | None) -> int:
    if not digits:
        return 0
    digits = digits.lstrip("0")
    return MOST_HOURS if len(digits) > 9 else int(digits or "0")


def _thousandths(fraction: str | None) -> int:
    if fraction is None:
        return 0
    if len(fraction) == 4 and fraction <= "1000":
        return int(fraction)
    return int(fraction[:3].ljust(3, "0"))
