"""How text becomes words, for the index, for queries and for marking: one tokenizer for all.

A word is a run of letters, digits and marks. An apostrophe inside holds it together ("don't"),
and so do separators inside a number ("1,200.50"). Where a script writes no spaces (Chinese,
Japanese, Thai and their like) each character is a word, so that any run of them is a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

# A word that belongs to the next passage carries this sign in front of it (see `passages`).
TAIL_MARK = "\ue000"
LONGEST = 120  # bytes; what is longer is no word that anybody looks for

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTERS = rf"[\w--[{_UNSPACED}]]"
_WORD = rf"\x{{E000}}?(?:\d+(?:[.,]\d+)+|[{_UNSPACED}]|{_LETTERS}+(?:'{_LETTERS}+)*)"
_ASCII_WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+(?:'\w+)*", re.ASCII)
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "＇": "'", TAIL_MARK: " "})

# The languages whose words tantivy can stem, by the first part of their tag (BCP 47).
STEMMERS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
UNSTEMMED = "plain"
FAMILIES = (*sorted(set(STEMMERS.values())), UNSTEMMED)
"""How forms of a word are found: by one of the stemmers, or not at all."""


class Token(NamedTuple):
    """A word where it stands: `start` and `end` count the characters of the plain text."""

    text: str
    start: int
    end: int


def family(language: str) -> str:
    """Which stemmer reads words of this language (BCP 47, such as en-US)."""
    return STEMMERS.get(language.partition("-")[0].lower(), UNSTEMMED)


def plain(text: str) -> str:
    """Text as it is shown and indexed: composed (NFC), and without what is no character at all."""
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode()  # half a character joins nothing
        text = unicodedata.normalize("NFC", text)
    return text


def readable(text: str) -> str:
    """Plain text as analyzers read it; of the same length, so that places stay comparable."""
    return text if text.isascii() else text.translate(_APOSTROPHES)


def tokens(text: str) -> list[Token]:
    """The words of plain text, in lower case, each with its place."""
    if text.isascii():  # by far the most, and several times quicker so; a test holds both together
        quick = [Token(one.group().lower(), *one.span()) for one in _ASCII_WORD.finditer(text)]
        if all(one.end - one.start < LONGEST for one in quick):
            return quick
    found = _plain_analyzer().pre_tokenize(readable(text)).tokens
    return [Token(one.text, one.char_offset_from, one.char_offset_to) for one in found]


def read(text: str) -> list[str]:
    """The words of any text, in lower case."""
    return _plain_analyzer().analyze(readable(plain(text)))


def words(text: str) -> tuple[str, ...]:
    """The words of a query, in lower case. Reading a word again gives the same word."""
    return tuple(again for word in read(text) for again in _settled(word))


@lru_cache(maxsize=65_536)
def exact(word: str) -> str:
    """A word as quoted phrases compare it: without accents."""
    return _one(_exact_analyzer(), word)


@lru_cache(maxsize=65_536)
def stem(word: str, family: str) -> str:
    """What all forms of the word share, by the stemmer of this family."""
    return _one(analyzer(family), word)


@cache
def analyzer(family: str) -> TextAnalyzer:
    """What reads text of this family into terms; `UNSTEMMED` only takes accents off."""
    builder = _splitting().filter(Filter.remove_long(LONGEST))
    if family != UNSTEMMED:
        builder = builder.filter(Filter.stemmer(family))
    # After the stemmer, because endings are told by their accents in many languages.
    return builder.filter(Filter.ascii_fold()).build()


def _settled(word: str) -> list[str]:
    """A word of a query, such that reading it again changes nothing. Few letters need it (İ)."""
    again = [word]
    for _round in range(3):
        before = again
        again = [one for part in again for one in _plain_analyzer().analyze(plain(part))]
        if again == before:
            return again
    return []


def _one(analyzer: TextAnalyzer, word: str) -> str:
    return next(iter(analyzer.analyze(word)), word)


def _splitting() -> TextAnalyzerBuilder:
    return TextAnalyzerBuilder(Tokenizer.regex(_WORD)).filter(Filter.lowercase())


@cache
def _plain_analyzer() -> TextAnalyzer:
    return _splitting().filter(Filter.remove_long(LONGEST)).build()


def _exact_analyzer() -> TextAnalyzer:
    return analyzer(UNSTEMMED)
