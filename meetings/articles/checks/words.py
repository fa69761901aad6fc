"""Words as they are compared: without case, punctuation and spelling that nobody can hear.

Figures are one word each, however they are written: "twenty-five", "25"; "$20 billion", "20 billion
dollars" (see `numerals`). The words themselves are left as they are: "would not" is not "wouldn't".
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from .numerals import counted


class Word(NamedTuple):
    """One word, or one figure with all its words. `start` and `end` are characters of the text."""

    norm: str
    start: int
    end: int


# Letters with their combining marks, and what is invisible inside words. Scripts that set no
# spaces are compared letter by letter.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER = f"[^\\W\\d_{_UNSPACED}\u0300-\u036f]"
_REST = "\u0300-\u036f\u00ad\u200b-\u200d\u2060"
TOKEN = re.compile(
    rf"[{_UNSPACED}]"
    rf"|{_LETTER}(?:{_LETTER}|[{_REST}])*(?:['’ʼ＇]{_LETTER}(?:{_LETTER}|[{_REST}])*)*"
    r"|\d+(?:[.,]\d+)*(?:(?:st|nd|rd|th)\b)?"
    r"|[$€£¥%&]"
)
_APOSTROPHES = str.maketrans("", "", "'’ʼ＇\u00ad\u200b\u200c\u200d\u2060")
# Without their apostrophe these are words that sound otherwise.
_HEARD_APART = {
    *["we're", "we'll", "we'd", "he'll", "she'll", "she'd", "he'd", "i'll", "i'd", "can't", "won't"]
}
_SPELLINGS = {
    "&": "and",
    "%": "percent",
    "ok": "okay",
    "mister": "mr",
    "doctor": "dr",
    "versus": "vs",
}


def words(text: str) -> list[Word]:
    """The words of a text in order. Marks alone are no words."""
    found = [Word(norm(match[0]), match.start(), match.end()) for match in TOKEN.finditer(text)]
    return [Word(*one) for one in counted(found)]


@lru_cache(maxsize=50_000)
def norm(token: str) -> str:
    """A token as it is compared."""
    plain = unicodedata.normalize("NFKC", token).casefold().replace("’", "'")
    if plain not in _HEARD_APART:
        plain = plain.translate(_APOSTROPHES)
    return _SPELLINGS.get(plain, plain)
