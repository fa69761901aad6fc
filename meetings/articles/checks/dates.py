"""Dates: whether the days, months and years that a sentence names were said in its evidence."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from meetings.transcripts.utterances import Spoken

from .finding import Finding, Kind
from .words import Word, words


class Verdict(StrEnum):
    """What became of a date."""

    FOUND = "found"
    RECKONED = "reckoned"
    """Not said so, but it follows from what was said and from the day of the meeting."""
    ELSEWHERE = "elsewhere"
    """It was said in the meeting, but not where the sentence says that it rests."""
    NOT_FOUND = "not_found"


FAILED = frozenset({Verdict.ELSEWHERE, Verdict.NOT_FOUND})

_WHOLE = "january february march april may june july august september october november december"
_MONTHS = _WHOLE.split()
_SHORT = ["jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"]
MONTHS = {name: number for number, name in enumerate(_MONTHS, start=1)} | {
    name: next(number for number, whole in enumerate(_MONTHS, 1) if whole.startswith(name))
    for name in _SHORT
}
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS)}
_FROM_TODAY = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}
# These months are other words, too: alone they are months only behind one of these.
_ALSO_WORDS = {"march", "may", "august", "mar", "jan", "dec", "sept", "oct", "nov", "apr", "jun"}
_LEADS = {
    "in",
    "by",
    "of",
    "until",
    "till",
    "since",
    "last",
    "next",
    "this",
    "early",
    "late",
    "mid",
    "from",
    "before",
    "after",
}
_NUMERIC = re.compile(r"\b(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4}))\b")
_YEARS = {"this": 0, "next": 1, "last": -1}
EARLIEST, LATEST = 1700, 2199
WEEK = timedelta(days=7)
# A month or a day without its year is of the one nearby.
NOT_FAR = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as far as it is named: any part may be missing. `weekday` is 0 for Monday."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    @property
    def parts(self) -> dict[str, int]:
        named = {
            "year": self.year,
            "month": self.month,
            "day": self.day,
            "weekday": self.weekday,
        }
        return {name: value for name, value in named.items() if value is not None}

    def is_in(self, other: "Dated") -> bool:
        """Whether `other` names all of it."""
        return self.parts.items() <= other.parts.items()


def check(
    sentence: str,
    evidence: Sequence[Spoken],
    transcript: Iterable[Spoken],
    *,
    held_on: date | None = None,
) -> list[Finding]:
    """What became of each date of a sentence, in their order.

    `held_on` is the day of the meeting, from which "tomorrow" and a year that nobody says follow.
    The details of a finding: the parts of the date; `first_key` and `start_ms` where it was said
    elsewhere.
    """
    claimed = dates_in(sentence)
    if not claimed:
        return []
    cited = " ".join(segment.text for segment in evidence)
    said = dates_in(cited)
    days = list(_reckoned(cited, said, held_on)) if held_on else []
    found = []
    for one in claimed:
        detail: dict[str, object] = dict(one.parts)
        if any(one.is_in(other) for other in said):
            verdict = Verdict.FOUND
        elif any(one.is_in(day) for day in days):
            verdict = Verdict.RECKONED
        else:
            place = next((s for s in transcript if _is_said(one, s.text)), None)
            verdict = Verdict.ELSEWHERE if place else Verdict.NOT_FOUND
            if place:
                detail |= {"first_key": place.key, "start_ms": place.start_ms}
        found.append(Finding(Kind.DATE, verdict, one.start, one.end, detail))
    return found


@lru_cache(maxsize=20_000)
def dates_in(text: str) -> tuple[Dated, ...]:
    """The dates that a text names, in order: "March 3rd, 2026", "the third of March", "Friday"."""
    found = [_numeric(match) for match in _NUMERIC.finditer(text)]
    taken = [(one.start, one.end) for one in found]
    left = [w for w in words(text) if not any(a <= w.start < b for a, b in taken)]
    at = 0
    while at < len(left):
        dated, at = _read(left, at, text)
        if dated is not None:
            found.append(dated)
    return tuple(_joined(found, text))


def _numeric(match: re.Match[str]) -> Dated:
    """ISO's order, or with slashes that of the United States, or the other if only that can be."""
    if match[1]:
        year, month, day = (int(match[number]) for number in (1, 2, 3))
    else:
        month, day, year = (int(match[number]) for number in (4, 5, 6))
        if month > 12:
            month, day = day, month
    return Dated(*match.span(), year, month, day)


def _read(found: Sequence[Word], at: int, text: str) -> tuple[Dated | None, int]:
    """The date that begins at `at`, and the place to go on at."""
    word = found[at]
    if word.norm in WEEKDAYS:
        return Dated(word.start, word.end, weekday=WEEKDAYS[word.norm]), at + 1
    day = _day(found, at)
    if day is not None:  # "the third of March", "3 March"
        month_at = at + 1 + (_norm(found, at + 1) == "of")
        month = MONTHS.get(_norm(found, month_at))
        if month is not None and (month_at > at + 1 or text[found[month_at].start].isupper()):
            return _with_year(found, month_at + 1, Dated(word.start, 0, month=month, day=day))
    if word.norm in MONTHS:
        day_at = at + 1 + (_norm(found, at + 1) == "the")
        day = _day(found, day_at)
        month = MONTHS[word.norm]
        if day is not None and (day_at == at + 1 or found[day_at].norm.endswith("th")):
            return _with_year(found, day_at + 1, Dated(word.start, 0, month=month, day=day))
        dated, after = _with_year(found, at + 1, Dated(word.start, 0, month=month))
        if dated.year is None and not _is_a_month(found, at, text):
            return None, at + 1
        return dated, after
    year = _year(found, at, text)
    return (Dated(word.start, word.end, year=year) if year else None), at + 1


def _with_year(found: Sequence[Word], at: int, dated: Dated) -> tuple[Dated, int]:
    """The date with the year behind it, if one stands there."""
    norm = _norm(found, at)
    if norm.isdecimal() and len(norm) == 4 and EARLIEST <= int(norm) <= LATEST:
        return replace(dated, year=int(norm), end=found[at].end), at + 1
    return replace(dated, end=found[at - 1].end), at


def _is_a_month(found: Sequence[Word], at: int, text: str) -> bool:
    word = found[at]
    if word.norm in _ALSO_WORDS:
        return at > 0 and found[at - 1].norm in _LEADS and word.norm.isalpha()
    return word.norm in _MONTHS or text[word.start].isupper()


def _day(found: Sequence[Word], at: int) -> int | None:
    norm = _norm(found, at).removesuffix("th")
    return int(norm) if norm.isdecimal() and len(norm) <= 2 and 1 <= int(norm) <= 31 else None


def _year(found: Sequence[Word], at: int, text: str) -> int | None:
    """Four digits that count nothing: no mark inside, no unit behind."""
    word = found[at]
    if not (word.norm.isdecimal() and len(word.norm) == 4):
        return None
    written = text[word.start : word.end]
    if "," in written or "hundred" in written.lower() or "thousand" in written.lower():
        return None
    if _norm(found, at + 1) in {"dollars", "euros", "pounds", "yen", "percent"}:
        return None
    return int(word.norm) if EARLIEST <= int(word.norm) <= LATEST else None


def _norm(found: Sequence[Word], at: int) -> str:
    return found[at].norm if 0 <= at < len(found) else ""


def _joined(found: Sequence[Dated], text: str) -> Iterator[Dated]:
    """A weekday and the date right behind it are one: "Tuesday, March 10"."""
    ordered = sorted(found, key=lambda one: one.start)
    at = 0
    while at < len(ordered):
        one = ordered[at]
        following = ordered[at + 1] if at + 1 < len(ordered) else None
        if (
            following is not None
            and one.parts.keys() == {"weekday"}
            and following.weekday is None
            and following.month is not None
            and re.fullmatch(r"\W*(?:the\W+)?", text[one.end : following.start], re.IGNORECASE)
        ):
            yield replace(following, start=one.start, weekday=one.weekday)
            at += 2
        else:
            yield one
            at += 1


def _reckoned(cited: str, said: Sequence[Dated], held_on: date) -> Iterator[Dated]:
    """The days that what was said can mean, the meeting's own among them."""
    yield _whole(held_on)
    spoken = [word.norm for word in words(cited)]
    for name, days in _FROM_TODAY.items():
        if name in spoken:
            yield _whole(held_on + timedelta(days=days))
    for which, years in _YEARS.items():
        if (which, "year") in pairwise(spoken):
            yield Dated(0, 0, year=held_on.year + years)
    for one in said:
        if one.parts.keys() == {"weekday"}:
            ahead = timedelta(days=((one.weekday or 0) - held_on.weekday()) % 7)
            yield from map(
                _whole, (held_on + ahead - WEEK, held_on + ahead, held_on + ahead + WEEK)
            )
        elif one.month is not None:
            years_around = [held_on.year - 1, held_on.year, held_on.year + 1]
            for year in [one.year] if one.year else years_around:
                day = _of(year, one.month, one.day or 15)
                if day is not None and (one.year or abs(day - held_on) <= NOT_FAR):
                    yield _whole(day) if one.day else Dated(0, 0, year=year, month=one.month)


def _whole(day: date) -> Dated:
    return Dated(0, 0, day.year, day.month, day.day, day.weekday())


def _of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_said(one: Dated, text: str) -> bool:
    return any(one.is_in(other) for other in dates_in(text))
