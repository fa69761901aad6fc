"""How text becomes words, for the index, for queries and for marking: one tokenizer for all.

A word is a run of letters, digits and marks. An apostrophe inside holds it together ("don't"),
and so do separators inside a number ("1,200.50"). Where a script writes no spaces (Chinese,
Japanese, Thai and their like) each character is a word, so that any run of them is a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

# A word that belongs to the next passage carries this sign in front of it (see `passages`).
TAIL_MARK = "\ue000"
LONGEST = 120  # bytes; what is longer is no word that anybody looks for

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTERS = rf"[\w--[{_UNSPACED}]]"
_WORD = rf"\x{{E000}}?(?:\d+(?:[.,]\d+)+|[{_UNSPACED}]|{_LETTERS}+(?:'{_LETTERS}+)*)"
_ASCII_WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+(?:'\w+)*", re.ASCII)
_BORDER = f"{TAIL_MARK}_"  # between texts: a word that none of them holds, for they hold no mark
_MOST_FORMS = 65_536
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
    clear = readable(text)
    if clear.isascii():  # by far the most, and several times quicker; a test holds both together
        quick = [Token(one.group().lower(), *one.span()) for one in _ASCII_WORD.finditer(clear)]
        if all(one.end - one.start < LONGEST for one in quick):
            return quick
    found = splitter().pre_tokenize(clear).tokens
    return [Token(one.text, one.char_offset_from, one.char_offset_to) for one in found]


def read(text: str) -> list[str]:
    """The words of any text, in lower case."""
    return read_each([text])[0]


def read_each(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text, in lower case."""
    clear = [readable(plain(text)) for text in texts]
    found = [_quick(text) for text in clear]
    slow = [text for text, quick in zip(clear, found, strict=True) if quick is None]
    if slow:  # all at once, because asking costs several times what the words of a line do
        parts: list[list[str]] = [[]]
        for word in splitter().analyze(f"\n{_BORDER}\n".join(slow)):
            if word == _BORDER:
                parts.append([])
            else:
                parts[-1].append(word)
        rest = iter(parts)
        return [next(rest) if quick is None else quick for quick in found]
    return [quick or [] for quick in found]


def _quick(clear: str) -> list[str] | None:
    """The words of text in plain letters; None where the engine must say what they are."""
    if not clear.isascii():
        return None
    words: list[str] = _ASCII_WORD.findall(clear.lower())
    return words if max(map(len, words), default=0) < LONGEST else None


def words(text: str) -> tuple[str, ...]:
    """The words of a query, in lower case. Reading a word again gives the same word."""
    quick = _quick(readable(plain(text)))
    if quick is not None:  # plain letters are settled at once
        return tuple(quick)
    return tuple(again for word in read(text) for again in _settled(word))


def exact(word: str) -> str:
    """A word as quoted phrases compare it: without accents."""
    return forms(UNSTEMMED)[word]


def stem(word: str, family: str) -> str:
    """What all forms of the word share, by the stemmer of this family."""
    return forms(family)[word]


class Forms(dict[str, str]):
    """What each word becomes in one family of languages; worked out when it is first asked for."""

    def __init__(self, family: str) -> None:
        super().__init__()
        builder = TextAnalyzerBuilder(Tokenizer.raw())
        if family != UNSTEMMED:
            builder = builder.filter(Filter.stemmer(family))
        # After the stemmer, because endings are told by their accents in many languages.
        self._analyzer = builder.filter(Filter.ascii_fold()).build()

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_FORMS:
            self.clear()
        form = self[word] = next(iter(self._analyzer.analyze(word)), "") or word
        return form


@cache
def forms(family: str) -> Forms:
    """The forms of this family; `UNSTEMMED` only takes accents off."""
    return Forms(family)


def joined(words: Iterable[str]) -> str:
    """Words as a text that `joined_words` cuts into the same ones again."""
    return " ".join(words)


@cache
def joined_words() -> TextAnalyzer:
    """How the index reads a text: it is handed words that are cut and stemmed already."""
    return TextAnalyzerBuilder(Tokenizer.whitespace()).build()


def _settled(word: str) -> list[str]:
    """A word of a query, such that reading it again changes nothing. Few letters need it (İ)."""
    again = [word]
    for _round in range(3):
        before = again
        again = [one for part in again for one in read(part)]
        if again == before:
            return again
    return []


@cache
def splitter() -> TextAnalyzer:
    """What cuts text into words, in lower case, where `read` knows no quicker way."""
    builder = TextAnalyzerBuilder(Tokenizer.regex(_WORD)).filter(Filter.lowercase())
    return builder.filter(Filter.remove_long(LONGEST)).build()
