"""Words of live captions gathered into segments as long as a sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from meetings.transcripts.proper_words import one_of
from meetings.transcripts.words import CLOSERS, Said, ends_sentence

# A silence of more than this ends a segment where punctuation does not come.
PAUSE_MS = 3_000
LONGEST_WORDS = 40
LONGEST_MS = 30_000
# Short forms that stand before what they belong to, so that their full stop ends nothing.
ABBREVIATIONS = one_of(
    "mr. mrs. ms. mx. messrs. dr. prof. st. gov. sen. rep. hon. gen. col. sgt. lt. capt. rev. vs."
    " e.g. i.e. a.k.a."
)
DOTTED = re.compile(r"(?:[^\W\d_]\.){2,}")
INITIAL = re.compile(r"[^\W\d_]\.")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence or a part of one. `begins` is False where it goes on with the stretch before."""

    words: list[Said]
    begins: bool


def sentences(words: Sequence[Said]) -> list[Stretch]:
    """`words` in order, in stretches of one sentence or a part of a long one.

    A sentence ends with a full stop, question or exclamation mark (not that of an abbreviation or
    initial), at a change of speaker, and before a silence of more than 3 s. What is longer than
    40 words or 30 s is cut near its middle where a cue ends, better at a comma.
    """
    found: list[Stretch] = []
    current: list[Said] = []
    for place, word in enumerate(words):
        if current:
            silence = word.start_ms - current[-1].end_ms > PAUSE_MS
            if word.turn or silence or _ends(words, place - 1):
                found.extend(_stretches(current))
                current = []
        current.append(word)
    if current:
        found.extend(_stretches(current))
    return found


def _stretches(sentence: list[Said]) -> list[Stretch]:
    return [Stretch(part, begins=number == 0) for number, part in enumerate(_cut(sentence))]


def _ends(words: Sequence[Said], place: int) -> bool:
    """Whether the word at `place`, which is not the last, ends a sentence."""
    text = words[place].text
    if not ends_sentence(text):
        return False
    bare = text.strip(CLOSERS + "([“‘«")
    after = words[place + 1].text
    if not bare.endswith("."):
        return True
    if after[:1].islower():
        return False
    if bare.casefold() in ABBREVIATIONS:
        return False
    if bare.casefold() == "no.":
        return not after[:1].isdigit()
    if INITIAL.fullmatch(bare):
        # "So do I." ends; "Robert I. Smith" and "S. B. I." are not told from it by one letter.
        lone = place == 0 or not INITIAL.fullmatch(words[place - 1].text)
        return bare in ("I.", "i.") and lone
    return not DOTTED.fullmatch(bare)


def _cut(words: list[Said]) -> list[list[Said]]:
    """`words` in as few parts as it takes for none to be longer than the limits allow."""
    lasting = words[-1].end_ms - words[0].start_ms
    if len(words) <= LONGEST_WORDS and lasting <= LONGEST_MS:
        return [words]
    at = _best_cut(words)
    if at is None:
        return [words]
    return [*_cut(words[:at]), *_cut(words[at:])]


def _best_cut(words: list[Said]) -> int | None:
    """The place nearest to the middle where a cue ends or a comma stands, or None."""
    middle = len(words) / 2
    # A comma is worth going this many words out of the way.
    worth = len(words) / 5
    best: tuple[float, int] | None = None
    for at in range(1, len(words)):
        before = words[at - 1]
        comma = before.text[-1] in ",;:" or before.text in ("-", "--", "–", "—")
        if comma or words[at].cue != before.cue:
            cost = abs(at - middle) - (worth if comma else 0)
            if best is None or cost < best[0]:
                best = cost, at
    return best[1] if best else None
