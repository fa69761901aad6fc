"""What the letters of one word say about its case, whatever stands around it."""

import re
from functools import lru_cache

from meetings.transcripts.proper_words import VOWELLESS_WORDS, one_of
from meetings.transcripts.sentences import ABBREVIATIONS, DOTTED, INITIAL
from meetings.transcripts.words import CLOSERS

PARTS = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
VOWELLESS = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,5}")
ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|s)")
APOSTROPHES = "'’"
LOWER_DOTTED = one_of("a.m p.m e.g i.e")
NAME_STARTS = ("mc", "o'", "o’")
# As many different words as a long hearing has.
remembered = lru_cache(maxsize=65_536)


@remembered
def parts(token: str) -> tuple[str, str, str]:
    """What stands before the word, the word, and what stands after it."""
    match = PARTS.fullmatch(token)
    return (match[1], match[2], match[3]) if match else ("", token, "")


@remembered
def base(core: str) -> str:
    """The word folded, without the ending that begins with an apostrophe ('S, 'M, 'LL)."""
    key = core.lower()
    for mark in APOSTROPHES:
        stem, found, ending = key.rpartition(mark)
        if found and stem and ending in ("s", "m", "ll", "ve", "d", "re"):
            return stem
    return key


@remembered
def shaped(key: str) -> str:
    """The form that the letters of a word alone give it."""
    if "." in key and DOTTED.fullmatch(f"{key.rstrip('.')}."):
        return key if key in LOWER_DOTTED else key.upper()
    if any(letter.isdigit() for letter in key):
        return key if ORDINAL.fullmatch(key) else key.upper()
    if key not in VOWELLESS_WORDS and VOWELLESS.fullmatch(key):
        return key.upper()
    if len(key) > 4 and key.startswith(NAME_STARTS) and key[2:] != "clock":
        return as_name(key)
    return key


@remembered
def as_name(word: str) -> str:
    """`word` (folded) as a name: Aguiar-Curry, O'Donnell, McCarty."""
    parts = re.split(r"([-'’])", word)
    titled = [part[:1].upper() + part[1:] for part in parts]
    if len(titled) > 2 and titled[1] != "-" and len(titled[2]) < 3:  # "D's", not "D'Souza"
        titled[2] = parts[2]
    first = titled[0]
    if first.startswith("Mc") and len(first) > 4:
        titled[0] = f"Mc{first[2].upper()}{first[3:]}"
    return "".join(titled)


def is_capitals(core: str) -> bool:
    """Whether a word is in capitals. Some caption lines have no capitals with accents (LIMóN)."""
    if core.isupper() or core.isascii():
        return core.isupper()
    plain = "".join(letter for letter in core if letter.isascii())
    return len(plain) > 1 and plain.isupper()


@remembered
def ends_here(token: str) -> bool:
    bare = token.rstrip(CLOSERS)
    if not bare or bare[-1] not in ".?!…":
        return False
    if bare[-1] != ".":
        return True
    if INITIAL.fullmatch(bare):
        return bare in ("I.", "i.")
    return bare.casefold() not in ABBREVIATIONS and not DOTTED.fullmatch(bare)


def guarded(token: str, cased: str) -> str:
    """`cased`, unless it would be another word (some letters have no partner in the other case)."""
    return cased if cased.casefold() == token.casefold() else token
