"""Figures in the words of a text, whichever way they are written. Spelled-out ones: English."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

# A word, and where it begins and ends: `words.Word`, which is made of these.
Placed = tuple[str, int, int]

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS = {word: number for number, word in enumerate(_SMALL.split())}
TENS = {word: number * 10 for number, word in enumerate(_TENS.split(), start=2)}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_LETTER_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}
_ORDINAL_UNITS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_ORDINALS = {word: number for number, word in enumerate(_ORDINAL_UNITS.split())} | {
    word[:-1] + "ieth": number for word, number in TENS.items()
}
CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
_SINGULAR = {"dollar": "dollars", "euro": "euros", "pound": "pounds"}
_SPELLED = UNITS.keys() | TENS.keys() | SCALES.keys() | _ORDINALS.keys() | {"hundred"}
# Nobody counts so far: what has more digits is compared as it stands, and never reckoned with.
MOST_DIGITS = 30
# "Nineteen eighty-four", "twenty twenty-six": the first half of a year that is read out.
_CENTURIES = {17, 18, 19, 20}


def counted(words: Sequence[Placed]) -> Iterator[Placed]:
    """The same words, with those of one figure as one word and a sum's currency behind it."""
    at = 0
    while at < len(words):
        norm, start, end = words[at]
        if norm in CURRENCIES:
            figure = _figure(words, at + 1, is_sum=True)
            if figure and words[at + 1][1] == end:
                value, at = figure
                yield value, start, words[at - 1][2]
                yield CURRENCIES[norm], start, words[at - 1][2]
                at += _is_currency(words, at, CURRENCIES[norm])
            else:
                yield CURRENCIES[norm], start, end
                at += 1
        elif norm in _SPELLED or norm[0].isdecimal() or _is_a_scale(words, at):
            value, after = _figure(words, at + _is_a_scale(words, at)) or (norm, at + 1)
            yield value, start, words[after - 1][2]
            at = after
            if at < len(words) and words[at][0] in CURRENCIES | _SINGULAR:
                name, *place = words[at]
                yield (CURRENCIES | _SINGULAR)[name], place[0], place[1]
                at += 1
        else:
            yield norm, start, end
            at += 1


def _is_a_scale(words: Sequence[Placed], at: int) -> bool:
    """Whether these are "a hundred", "a million"."""
    return (
        words[at][0] == "a"
        and at + 1 < len(words)
        and (words[at + 1][0] in SCALES or words[at + 1][0] == "hundred")
    )


def _is_currency(words: Sequence[Placed], at: int, name: str) -> bool:
    """Whether the currency that the sign said is said once more: "$20 billion dollars"."""
    return at < len(words) and words[at][0] == name


def _figure(words: Sequence[Placed], at: int, *, is_sum: bool = False) -> tuple[str, int] | None:
    """The figure that begins at `at`, and the place after it; None where there is none."""
    if at >= len(words):
        return None
    norm = words[at][0]
    if norm[0].isdecimal():
        return _written(words, at, is_sum=is_sum)
    spelled = _Spelled(words, at)
    return spelled.read() if norm in _SPELLED else None


def _written(words: Sequence[Placed], at: int, *, is_sum: bool) -> tuple[str, int]:
    norm, _start, end = words[at]
    if len(norm) > MOST_DIGITS:
        return norm, at + 1
    if norm[-2:] in {"st", "nd", "rd", "th"}:
        return _plain(norm[:-2]) + "th", at + 1
    value = _plain(norm)
    after = words[at + 1] if at + 1 < len(words) else ("", -1, -1)
    scale = SCALES.get(after[0])
    if scale is None and is_sum and after[1] == end:
        scale = _LETTER_SCALES.get(after[0])
    if scale is None:
        return value, at + 1
    return _shown(Decimal(value) * scale), at + 2


def _plain(figure: str) -> str:
    """A written figure without the marks that group its digits: "1,400", "1.400.000", "3,5"."""
    *groups, last = figure.replace(".", ",").split(",")
    if not groups:
        return figure
    marks = {mark for mark in figure if not mark.isdecimal()}
    is_grouped = len(last) == 3 and (len(groups) > 1 or marks == {","}) and groups[0] != "0"
    if is_grouped and len(marks) == 1:
        return "".join([*groups, last])
    return f"{''.join(groups)}.{last}"


def _shown(value: Decimal) -> str:
    return str(int(value)) if value == int(value) else f"{value.normalize():f}"


class _Spelled:
    """Reads a figure in words: "two hundred and fifty thousand", "twenty-first", "two point five".

    `last` is what was read last: the words that may follow depend on it.
    """

    def __init__(self, words: Sequence[Placed], at: int) -> None:
        self.words, self.at = words, at
        self.total, self.current = Decimal(0), Decimal(0)
        self.last = ""

    def read(self) -> tuple[str, int]:
        ordinal = False
        while not ordinal:
            norm = self._norm(self.at)
            if norm == "and" and self._goes_on_after_and():
                self.at += 1
                continue
            if (
                norm == "point"
                and self.last in {"unit", "tens"}
                and self._norm(self.at + 1) in UNITS
            ):
                self._decimals()
                continue
            ordinal = norm in _ORDINALS and self._takes(_ORDINALS[norm])
            if not ordinal and not self._cardinal(norm):
                break
            self.at += 1
        value = self.total + self.current
        if not ordinal and not self.total and value in _CENTURIES:
            value = self._year(value)
        return _shown(value) + ("th" if ordinal else ""), self.at

    def _cardinal(self, norm: str) -> bool:
        """Take a word into the figure, if it belongs to it."""
        if norm in UNITS:
            return self._takes(UNITS[norm])
        if norm in TENS:
            return self._takes(TENS[norm])
        if norm == "hundred" and self.last in {"", "unit", "tens"}:
            self.current, self.last = (self.current or Decimal(1)) * 100, "hundred"
            return True
        if norm in SCALES and self.last != "scale":
            self.total += (self.current or Decimal(1)) * SCALES[norm]
            self.current, self.last = Decimal(0), "scale"
            return True
        return False

    def _takes(self, number: int) -> bool:
        """Take a number below a hundred, where one may stand."""
        fits = self.last in {"", "hundred", "scale"} or (self.last == "tens" and 0 < number < 10)
        if fits:
            self.current += number
            self.last = "tens" if number >= 20 and number % 10 == 0 else "unit"
        return fits

    def _goes_on_after_and(self) -> bool:
        following = self._norm(self.at + 1)
        return self.last in {"hundred", "scale"} and (
            following in UNITS or following in TENS or following in _ORDINALS
        )

    def _decimals(self) -> None:
        self.at += 1
        digits = ""
        while self._norm(self.at) in UNITS and UNITS[self._norm(self.at)] < 10:
            digits += str(UNITS[self._norm(self.at)])
            self.at += 1
        self.current += Decimal(f"0.{digits or 0}")
        self.last = "decimals"

    def _year(self, century: Decimal) -> Decimal:
        rest = _Spelled(self.words, self.at)
        if rest._cardinal(self._norm(self.at)) and rest.last in {"unit", "tens"}:
            rest.at += 1
            if rest.last == "tens" and rest._cardinal(rest._norm(rest.at)):
                rest.at += 1
            if 10 <= rest.current <= 99 and rest.last in {"unit", "tens"}:
                self.at = rest.at
                return century * 100 + rest.current
        return century

    def _norm(self, at: int) -> str:
        return self.words[at][0] if at < len(self.words) else ""
