"""What a sentence names: words that begin with a capital letter where they need not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from rapidfuzz import fuzz

from .attribution import SAYING, TITLES
from .dates import MONTHS, WEEKDAYS
from .evidence import stems
from .heard import Heard
from .words import norm

ALIKE = 80  # of 100: letters that two names have in common
FEWEST_LETTERS = 4  # of a name that can be like another
# German and its kin begin every noun with a capital letter: two in a row, or one behind a title,
# are names there.
NOUNS_ARE_CAPITALIZED = {"de", "lb"}

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_](?:[^\W\d_]|['’ʼ-](?=[^\W\d_]))*")
_ENDS = re.compile(r"(?:^|[.!?:;…]['\"”’»)]*\s+|[“\"„«(\[‘]\s*|[—–]\s*)$")
_SMALL = "of de la le du van von der den del da di y e for and the al bin ibn"
_PARTICLES = set(_SMALL.split())
# Offices and things that are written with a capital letter and name nobody by themselves.
_OFFICES_AND_THINGS = (
    "i im i'll ive i'd city county state town village district board council commission committee"
    " department office agency authority court senate congress school police fire public"
    " resolution ordinance item agenda section article measure proposition motion chapter"
    " phase district ward room street avenue road boulevard staff member"
    " members meeting meetings session clerk attorney manager superintendent treasurer federal"
    " national officials government mr mrs ms am pm a.m p.m okay ok no yes"
    " mondays tuesdays wednesdays thursdays fridays saturdays sundays"
)
_GENERIC = TITLES | set(_OFFICES_AND_THINGS.split())


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a text.

    `parts` are its words as they are compared, without those that name nobody by themselves: of
    "Department of Public Works" that is "works", of "Mayor Ana Quintero" "ana quintero".
    """

    start: int
    end: int
    all_words: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


def names_in(text: str, heard: Heard) -> Iterator[Named]:
    """What a text names: words that begin with a capital letter where they need not."""
    tokens = list(_TOKEN.finditer(text))
    at = 0
    while at < len(tokens):
        if not _is_capital(tokens[at][0]):
            at += 1
            continue
        run = _run(tokens, at, text)
        at += len(run)
        while run and is_particle(run[-1][0]):
            run.pop()
        named = _named(run, text, heard)
        if named is not None:
            yield named


def _run(tokens: Sequence[re.Match[str]], at: int, text: str) -> list[re.Match[str]]:
    """Capitalized words in a row, with small ones between as in "Department of Public Works"."""
    run = [tokens[at]]
    for following in tokens[at + 1 :]:
        between = text[run[-1].end() : following.start()]
        is_initial = len(run[-1][0]) <= 2 or norm(run[-1][0]) in TITLES
        if between not in {" ", "\N{NO-BREAK SPACE}"} and not (between == ". " and is_initial):
            break
        if not (_is_capital(following[0]) or is_particle(following[0])):
            break
        if is_particle(following[0]) and is_particle(run[-1][0]) and norm(following[0]) != "the":
            break
        if _is_possessive(run[-1][0]):
            break
        run.append(following)
    return run


def _named(run: list[re.Match[str]], text: str, heard: Heard) -> Named | None:
    is_first = _ENDS.search(text[: run[0].start()]) is not None
    if is_first and not _first_is_a_name(run, text, heard):
        run = run[1:]
    while run and is_particle(run[0][0].lower()):
        run = run[1:]
    if not run:
        return None
    if heard.language in NOUNS_ARE_CAPITALIZED:
        while run and not stems(run[0][0], heard.language):  # "Die Wahl" is no name
            run = run[1:]
        if len(run) < 2:
            return None
    all_words = tuple(_plain(token[0]) for token in run)
    parts = tuple(_parts(run))
    if not parts:
        return None
    last = run[-1]
    end = last.end() - (2 if _is_possessive(last[0]) else 0)
    return Named(run[0].start(), end, all_words, parts)


def _parts(run: Sequence[re.Match[str]]) -> Iterator[tuple[str, ...]]:
    """What of a name must be found, each in one piece. An acronym may be said in full."""
    for is_telling, some in groupby(run, lambda token: not is_generic(_plain(token[0]))):
        if is_telling:
            for is_acronym, part in groupby(some, lambda token: token[0].isupper()):
                words = tuple(_plain(token[0]) for token in part)
                yield from ((word,) for word in words) if is_acronym else (words,)


def _first_is_a_name(run: Sequence[re.Match[str]], text: str, heard: Heard) -> bool:
    """Whether the first word of a sentence would have its capital letter anywhere."""
    word = _plain(run[0][0])
    if is_generic(word) or not stems(word, heard.language or "en") or len(word) < 2:
        return len(run) > 1 and is_generic(word) and _is_capital(run[1][0])
    if len(run) > 1 and _is_capital(run[1][0]):
        return True
    if any(word in words_of_name(name) for name in heard.speakers):
        return True
    if any(_is_like(word, other) for name in heard.speakers for other in words_of_name(name)):
        return True
    after = text[run[0].end() : run[0].end() + 14]
    is_saying = SAYING.match(after.strip()) is not None
    return is_saying and not word.endswith("s") and word not in _said_small(heard)


@lru_cache(maxsize=1)
def _said_small(heard: Heard) -> frozenset[str]:
    """The words that the transcript has with a small letter somewhere."""
    return frozenset(
        _plain(token[0])
        for segment in heard
        for token in _TOKEN.finditer(segment.text)
        if token[0][0].islower()
    )


def _is_capital(token: str) -> bool:
    return token[0].isupper()


def is_particle(token: str) -> bool:
    return token in _PARTICLES


def _is_possessive(token: str) -> bool:
    return token[-2:] in {"'s", "’s"}


def is_generic(word: str) -> bool:
    return word in _GENERIC or word in _PARTICLES or word in MONTHS or word in WEEKDAYS


def _plain(token: str) -> str:
    """A word of a name as it is compared: "Quintero’s" is "quintero", "U.S." is "us"."""
    return norm(token[:-2] if _is_possessive(token) else token.replace(".", ""))


@lru_cache(maxsize=20_000)
def words_of_name(text: str) -> tuple[str, ...]:
    return tuple(_plain(token[0]) for token in _TOKEN.finditer(text))


def capitalized(heard: Heard) -> Iterator[str]:
    for segment in heard:
        for token in _TOKEN.finditer(segment.text):
            if _is_capital(token[0]) and not is_generic(_plain(token[0])):
                yield token[0]


def _is_like(word: str, other: str) -> bool:
    return len(word) >= FEWEST_LETTERS and word != other and fuzz.ratio(word, other) >= ALIKE
