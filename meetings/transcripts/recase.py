"""Text in capitals, set for reading: the same words, changed in nothing but their case."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Self

from meetings.transcripts import proper_words as words
from meetings.transcripts.proper_words import one_of
from meetings.transcripts.wordshapes import (
    as_name,
    base,
    ends_here,
    guarded,
    is_capitals,
    parts,
    shaped,
)

# A word is taken for a name when it follows a title this often, and in this share of its uses.
LEARNED_TIMES = 2
LEARNED_SHARE = 0.2
SMALL = one_of("of the and de la los del van von for in on at to a an")
ALWAYS_TITLES = one_of("mr mrs ms mx dr madam")
AFTER_A_NUMBER = frozenset(("am", "pm"))
BEFORE_A_MONTH = one_of("in of last next since until before after by early late mid")
TITLE_PAIRS = frozenset(("assembly", "council"))


def recase(text: str, names: Collection[str] = (), *, starts_sentence: bool = True) -> str:
    """`text` with its words in capitals set in sentence case. See Caser.recase."""
    return Caser(names).recase(text, starts_sentence=starts_sentence)


class Caser:
    """Sets capitals in sentence case, with the names that it was given or has learned.

    Why: a wall of capitals is slow and tiring to read, and the words are the same. Live captions
    are typed in capitals, so what was a name is not known any more. Capitals stay, or are set, at
    the start of a sentence, in "I", titles and the name after them, days, months, US states and
    large cities, peoples and languages, common first names, initials and short forms (DMV, CSU,
    U.S., AB 12, COVID-19), and in `names`. The limit: a name that none of these know is in lower
    case.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._forms = dict(_forms())
        self._phrases = {first: list(rest) for first, rest in _phrases().items()}
        for name in names:
            self._know(name)

    def learned(self, said: Iterable[str]) -> Self:
        """This caser, knowing also the words in `said` that often follow Mister, Senator, Dr…"""
        uses: Counter[str] = Counter()
        titled: Counter[str] = Counter()
        after_title, before = False, ""
        for token in said:
            _, core, tail = parts(token)
            key = base(core)
            uses[key] += 1
            if after_title and key not in words.COMMON and key not in words.OFFICES:
                titled[key] += 1
            title = key in words.TITLES or (key == "member" and before in TITLE_PAIRS)
            after_title = title and tail in ("", ".")
            before = key
        for key, times in titled.items():
            often = times >= LEARNED_TIMES and times >= uses[key] * LEARNED_SHARE
            if often and key.replace("-", "").replace("'", "").isalpha():
                self._forms.setdefault(key, as_name(key))
        return self

    def name(self, text: str) -> str:
        """`text`, which is a person's name or office, with a capital at each word."""
        return " ".join(guarded(word, as_name(word.lower())) for word in text.split())

    def recase(self, text: str, *, starts_sentence: bool = True) -> str:
        """`text` in sentence case: equal to it under `str.casefold`, white space kept.

        Words that are not all in capitals stay as they are. `starts_sentence` is False where
        `text` goes on with a sentence begun before.
        """
        pieces = re.split(r"(\s+)", text)
        tokens = pieces[::2]
        cased = self._cased(tokens, starts_sentence=starts_sentence)
        pieces[::2] = [guarded(token, new) for token, new in zip(tokens, cased, strict=True)]
        return "".join(pieces)

    def _know(self, name: str) -> None:
        tokens = [parts(token)[1] for token in name.split()]
        tokens = [token for token in tokens if token]
        if not tokens:
            return
        self._phrases.setdefault(tokens[0].casefold(), []).append(tokens)
        self._phrases[tokens[0].casefold()].sort(key=len, reverse=True)
        # The words of a name are names alone too ("Ruiz" of "Elena Ruiz"), those of a title of
        # an agenda item are not.
        proper = [token for token in tokens if token.casefold() not in SMALL]
        if len(tokens) <= 4 and all(token[0].isupper() for token in proper):
            for token in proper:
                if len(token) > 2 and token.casefold() not in words.COMMON:
                    self._forms.setdefault(token.casefold(), token)

    def _cased(self, tokens: list[str], *, starts_sentence: bool) -> list[str]:
        split = [parts(token) for token in tokens]
        keys = [base(core) for _, core, _ in split]
        cased: list[str] = []
        while len(cased) < len(tokens):
            place = len(cased)
            forms = self._name_here(place, keys, split)
            for form in forms or [self._form(place, keys, split)]:
                here = len(cased)
                lead, core, tail = split[here]
                word = core
                if is_capitals(core):
                    word = form + core[len(keys[here]) :].lower()
                    if starts_sentence:
                        word = word[0].upper() + word[1:]
                cased.append(f"{lead}{word}{tail}")
                if core:
                    starts_sentence = ends_here(tokens[here])
                else:  # marks alone
                    starts_sentence = starts_sentence or ends_here(tokens[here])
        return cased

    def _name_here(
        self, place: int, keys: list[str], split: list[tuple[str, str, str]]
    ) -> list[str]:
        """The forms of the known phrase, or of the title with its name, that starts at `place`."""
        key = keys[place]
        for phrase in self._phrases.get(key, ()):
            end = place + len(phrase)
            if [word.casefold() for word in phrase] == keys[place:end] and not any(
                tail for _, _, tail in split[place : end - 1]
            ):
                return phrase
        if key in words.TITLES or key in words.OFFICES or key in words.ADDRESSES:
            return self._titled(place, 1, keys, split)
        if key in TITLE_PAIRS and keys[place + 1 : place + 2] == ["member"]:
            return self._titled(place, 2, keys, split)
        if key in _first_names():
            return self._person(place, keys, split)
        return []

    def _person(self, place: int, keys: list[str], split: list[tuple[str, str, str]]) -> list[str]:
        """A first name with its initial, if any, and the surname, where one follows."""
        forms = [self._forms[keys[place]]]
        after = place + 1
        if split[place][2]:
            return []
        if after < len(keys) and len(keys[after]) == 1 and split[after][2] == ".":
            forms.append(keys[after].upper())
            after += 1
        elif after < len(keys) and split[after - 1][2]:
            return []
        if after >= len(keys) or split[after][0]:
            return []
        surname = self._surname(keys[after])
        return [*forms, surname] if surname else []

    def _surname(self, key: str) -> str:
        """The form of a word after a first name, or "" where it is likelier another word."""
        if key in _never_surnames() or len(key) < 3 or key.endswith(("ed", "ing", "ly")):
            return ""
        if not key.replace("-", "").replace("'", "").isalpha():
            return ""
        return self._forms.get(key) or as_name(key)

    def _titled(
        self, place: int, length: int, keys: list[str], split: list[tuple[str, str, str]]
    ) -> list[str]:
        key = keys[place]
        title = [as_name(word) for word in keys[place : place + length]]
        after = place + length
        if after >= len(keys) or split[after - 1][2] not in ("", ".") or split[after][0]:
            return []
        named = keys[after]
        if key in words.ADDRESSES and named in words.OFFICES:
            return [*title, as_name(named)]
        if named in words.COMMON or named in words.OFFICES or not named[:1].isalpha():
            return []
        known = self._forms.get(named)
        if key in words.OFFICES and not known:
            before = keys[place - 1] if place else ""
            if before in words.BEFORE_OFFICES or named.endswith(("ed", "ing", "ly", "s'")):
                return []
        if len(named) == 1 and not split[after][2].startswith("."):
            return []
        if named in _first_names() and (person := self._person(after, keys, split)):
            return [*title, *person]
        return [*title, known or as_name(named)]

    def _form(self, place: int, keys: list[str], split: list[tuple[str, str, str]]) -> str:
        """The form of one word that is not part of a known phrase, without its ending ('s)."""
        key = keys[place]
        if key in self._forms:
            return self._forms[key]
        if len(key) == 1:
            return _initial(place, keys, split)
        if key in ALWAYS_TITLES:
            return key.title()
        if key in ("may", "march"):
            return key.title() if _is_month(place, keys) else key
        if key in AFTER_A_NUMBER:
            return key.upper() if place and keys[place - 1][:1].isdigit() else key
        if "-" in key and not any(letter.isdigit() for letter in key):
            return "-".join(self._forms.get(part, part) for part in key.split("-"))
        return shaped(key)


def _initial(place: int, keys: list[str], split: list[tuple[str, str, str]]) -> str:
    key = keys[place]
    if key != "a":
        return key.upper()
    # "A. B. Smith" has initials; "as a. subcommittee" is an article with a stray full stop.
    beside = [k for k in (place - 1, place + 1) if 0 <= k < len(keys)]
    initials = any(len(keys[k]) == 1 and split[k][2].startswith(".") for k in beside)
    return "A" if split[place][2].startswith(".") and initials else "a"


def _is_month(place: int, keys: list[str]) -> bool:
    before = keys[place - 1] if place else ""
    after = keys[place + 1] if place + 1 < len(keys) else ""
    numbered = after[:1].isdigit() or after in _ordinals()
    return numbered or before in BEFORE_A_MONTH


@lru_cache(maxsize=1)
def _ordinals() -> frozenset[str]:
    return one_of(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
        " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
        " twenty thirtieth thirty"
    )


@lru_cache(maxsize=1)
def _never_surnames() -> frozenset[str]:
    return words.COMMON | words.TITLES | words.OFFICES | words.ADDRESSES


@lru_cache(maxsize=1)
def _first_names() -> frozenset[str]:
    return one_of(words.FIRST_NAMES.casefold())


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    """Single words by their folded form."""
    lists = (
        words.FIRST_NAMES,
        words.DAYS_AND_MONTHS,
        words.PEOPLES,
        words.ABBREVIATIONS,
        words.SPECIAL,
    )
    forms = {form.casefold(): form for listed in lists for form in listed.split()}
    forms.update({p.casefold(): p for p in words.PLACES.split("|") if " " not in p})
    return forms


@lru_cache(maxsize=1)
def _phrases() -> dict[str, list[list[str]]]:
    phrases: dict[str, list[list[str]]] = {}
    for place in words.PLACES.split("|"):
        if " " in place:
            tokens = place.split()
            phrases.setdefault(tokens[0].casefold(), []).append(tokens)
    return phrases
