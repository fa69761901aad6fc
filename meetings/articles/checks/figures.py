"""Figures and money: whether each amount in a sentence was said in its evidence, and as exactly."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from meetings.transcripts.utterances import Spoken

from .dates import dates_in
from .finding import Finding, Kind
from .numerals import MOST_DIGITS, SCALES
from .votes import tallies_in
from .words import Word, words


class Verdict(StrEnum):
    """What became of a figure."""

    FOUND = "found"
    ROUNDED = "rounded"
    """The sentence says "about" or the like, and what was said is near enough."""
    UNIT_UNSAID = "unit_unsaid"
    """The figure was said; the currency goes without saying."""
    TOO_EXACT = "too_exact"
    """It was said as about so much, and the sentence leaves the "about" out."""
    ELSEWHERE = "elsewhere"
    """It was said in the meeting, but not where the sentence says that it rests."""
    NOT_FOUND = "not_found"


FAILED = frozenset({Verdict.TOO_EXACT, Verdict.ELSEWHERE, Verdict.NOT_FOUND})

MONEY = {"dollars", "euros", "pounds", "yen", "cents"}
SHARE = "share"
_ABOUT = {"about", "around", "roughly", "approximately", "some", "circa", "estimated"}
_UNDER = {"nearly", "almost", "under", "below"}
_OVER = {"over", "above", "exceeding"}
_TWO_WORDS = {
    ("more", "than"): "over",
    ("greater", "than"): "over",
    ("less", "than"): "under",
    ("fewer", "than"): "under",
    ("at", "least"): "over",
    ("at", "most"): "under",
    ("up", "to"): "under",
    ("close", "to"): "about",
    ("just", "under"): "under",
    ("just", "over"): "over",
    ("an", "estimated"): "about",
}
# How far a figure may be from what was said where the sentence says "about", "more than".
NEAR, NEAR_ONE_SIDED = Fraction(5, 100), Fraction(15, 100)
_PARTS = {
    "half": 2,
    "halves": 2,
    "3th": 3,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "4th": 4,
    "fourths": 4,
    "5th": 5,
    "fifths": 5,
    "6th": 6,
    "sixths": 6,
    "8th": 8,
    "eighths": 8,
    "10th": 10,
    "tenths": 10,
}
# So often words of another meaning that alone they claim nothing.
_NO_CLAIM = {"one", "first", "second", "oh"}
# After a figure that counts nothing: what follows is no noun.
_FOLLOWING = (
    "a an the and or but of in on at by for from to over with within is was are were that which as"
    " it we you they this these those if so because then more less per each out into about"
)
_NO_NOUN = set(_FOLLOWING.split())


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in a text. `unit`: a currency, `percent` (as a share of 1), `th`, or nothing.

    `hedge`: `about`, `over`, `under`, or nothing. `following` is the word behind it.
    """

    value: Fraction
    unit: str
    hedge: str
    start: int
    end: int
    following: str = ""

    @property
    def shown(self) -> str:
        value = self.value * 100 if self.unit == SHARE else self.value
        return str(value) if value.denominator > 10_000 else f"{float(value):,.10g}"


def check(sentence: str, evidence: Sequence[Spoken], transcript: Iterable[Spoken]) -> list[Finding]:
    """What became of each figure of a sentence, in their order; dates and tallies left out.

    The details of a finding: `value`, `unit`; `said`, the figures of the evidence as they stand
    there, where the one that is claimed is not among them; `first_key` and `start_ms` where it was
    said elsewhere.
    """
    apart = [(one.start, one.end) for one in dates_in(sentence)]
    apart += [(one.start, one.end) for one in tallies_in(sentence)]
    claimed = [one for one in amounts_in(sentence) if not any(a <= one.start < b for a, b in apart)]
    if not claimed:
        return []
    cited = " ".join(segment.text for segment in evidence)
    said = _amounts_said(cited)
    found = []
    for one in claimed:
        verdict = _best(one, said)
        detail: dict[str, object] = {"value": one.shown, "unit": one.unit}
        if verdict in FAILED and said:
            detail["said"] = [cited[other.start : other.end] for other in said]
        if verdict is Verdict.NOT_FOUND and (place := _elsewhere(one, transcript)):
            verdict = Verdict.ELSEWHERE
            detail |= {"first_key": place.key, "start_ms": place.start_ms}
        kind = Kind.MONEY if one.unit in MONEY else Kind.FIGURE
        found.append(Finding(kind, verdict, one.start, one.end, detail))
    return found


def amounts_in(text: str) -> list[Amount]:
    """The figures of a text in order, however they are written."""
    return list(_amounts(words(text), text))


@lru_cache(maxsize=20_000)
def _amounts_said(text: str) -> tuple[Amount, ...]:
    """Those of what was said: what is the day of a month counts nothing."""
    days = [(one.start, one.end) for one in dates_in(text) if one.month is not None]
    return tuple(
        one for one in amounts_in(text) if not any(begin <= one.start < end for begin, end in days)
    )


def _amounts(found: Sequence[Word], text: str) -> Iterator[Amount]:
    at = 0
    while at < len(found):
        amount, after = _share_of(found, at) or _plain(found, at, text) or (None, at + 1)
        if amount is not None:
            yield amount
        at = after


def _share_of(found: Sequence[Word], at: int) -> tuple[Amount, int] | None:
    """A part of a whole: "two thirds", "half of", "a quarter of", "one in five"."""
    norm, following, third = (_norm(found, at + step) for step in range(3))
    if norm == "half" and following in {"of", "the", "its", "their", "our", "all"}:
        return _amount(found, at, at, Fraction(1, 2), SHARE), at + 1
    if norm in {"a", "one", "1"} and following in _PARTS and third == "of":
        return _amount(found, at, at + 1, Fraction(1, _PARTS[following]), SHARE), at + 2
    count = _value(norm)
    if count is None or count.denominator > 1:
        return None
    if following in _PARTS and (following.endswith("s") or count == 1) and count < 100:
        part = Fraction(count, _PARTS[following])
        if part < 1:
            return _amount(found, at, at + 1, part, SHARE), at + 2
    whole = _value(third if following == "in" else _norm(found, at + 3))
    is_of = following == "in" or (following, third) == ("out", "of")
    if is_of and whole is not None and 0 < count < whole <= 100 and whole.denominator == 1:
        last = at + 2 if following == "in" else at + 3
        return _amount(found, at, last, count / whole, SHARE), last + 1
    return None


def _plain(found: Sequence[Word], at: int, text: str) -> tuple[Amount, int] | None:
    word = found[at]
    value = _value(word.norm.removesuffix("th"))
    if value is None:
        return None
    unit = "th" if word.norm.endswith("th") else ""
    last = at
    if (_norm(found, at + 1), _norm(found, at + 2), _norm(found, at + 3)) == ("and", "a", "half"):
        value, last = value + Fraction(1, 2), at + 3
        scale = _value(_norm(found, last + 1))
        if scale in SCALES.values():  # "two and a half million"
            value, last = value * (scale or 1), last + 1
    following = _norm(found, last + 1)
    written = text[word.start : word.end].lower()
    if following in {"percent", "per"} and (
        following == "percent" or _norm(found, last + 2) == "cent"
    ):
        value, unit, last = value / 100, SHARE, last + 1 + (following == "per")
    elif following in {"dozen", "dozens"}:
        value, last = value * 12, last + 1
        following = _norm(found, last + 1)
    if unit == "" and following in MONEY:
        unit, last = following, last + 1
        if unit == "cents":
            value, unit = value / 100, "dollars"
    if unit in {"", "th"} and written in _NO_CLAIM:
        return None
    if written == "00" and text[: word.start].endswith(":"):  # seven o'clock
        return None
    return _amount(found, at, last, value, unit), last + 1


def _amount(found: Sequence[Word], first: int, last: int, value: Fraction, unit: str) -> Amount:
    start = found[first].start
    return Amount(
        value=value,
        unit=unit,
        hedge=_hedge(found, first),
        start=start,
        end=max(word.end for word in found[first : last + 1]),
        following=_norm(found, last + 1),
    )


def _hedge(found: Sequence[Word], at: int) -> str:
    """What the words before a figure say of how exact it is."""
    one = _norm(found, at - 1)
    two = _TWO_WORDS.get((_norm(found, at - 2), one))
    if two:
        return two
    if one == "a":
        one = _norm(found, at - 2)
    for names, hedge in ((_ABOUT, "about"), (_UNDER, "under"), (_OVER, "over")):
        if one in names:
            return hedge
    after = _norm(found, at + 1), _norm(found, at + 2)
    if after in {("or", "so"), ("or", "more")}:
        return "about"
    return ""


def _value(norm: str) -> Fraction | None:
    """The value of a word as `words` gives it, or None where it is no figure."""
    if not norm or not norm[0].isdecimal() or len(norm) > 2 * MOST_DIGITS:
        return None
    try:
        return Fraction(Decimal(norm))
    except ArithmeticError:
        return None


def _norm(found: Sequence[Word], at: int) -> str:
    return found[at].norm if 0 <= at < len(found) else ""


def _best(one: Amount, said: Sequence[Amount]) -> Verdict:
    """The best that any figure of the evidence makes of the claim."""
    order = list(Verdict)
    return min(
        (_compared(one, other) for other in said), key=order.index, default=Verdict.NOT_FOUND
    )


def _compared(one: Amount, other: Amount) -> Verdict:
    is_money_unsaid = (
        one.unit in MONEY
        and other.unit == ""
        and (not other.following or other.following in _NO_NOUN)
    )
    if one.unit != other.unit and not is_money_unsaid:
        return Verdict.NOT_FOUND
    if one.value == other.value:
        if other.hedge and not one.hedge:
            return Verdict.TOO_EXACT
        if one.hedge and other.hedge and {one.hedge, other.hedge} == {"over", "under"}:
            return Verdict.NOT_FOUND
        return Verdict.UNIT_UNSAID if is_money_unsaid else Verdict.FOUND
    return Verdict.ROUNDED if one.hedge and _is_near(one, other.value) else Verdict.NOT_FOUND


def _is_near(one: Amount, said: Fraction) -> bool:
    if not said:
        return False
    away = (one.value - said) / said
    if one.hedge == "about":
        return abs(away) <= NEAR
    if one.hedge == "over":
        return -NEAR_ONE_SIDED <= away <= 0
    return 0 <= away <= NEAR_ONE_SIDED


def _elsewhere(one: Amount, transcript: Iterable[Spoken]) -> Spoken | None:
    """Where else in the meeting it was said."""
    for segment in transcript:
        if any(_compared(one, other) not in FAILED for other in _amounts_said(segment.text)):
            return segment
    return None
