"""What meetings sound like in a language: the patterns that `weighing` looks for in a sentence."""

import re
from dataclasses import dataclass

NOTHING = re.compile(r"(?!)")
ANYTHING = re.compile("")


def words(alternatives: str) -> re.Pattern[str]:
    """A pattern for any of the lines, as whole words, in whatever letters."""
    return re.compile(rf"\b(?:{_either(alternatives)})\b", re.IGNORECASE)


def opening(alternatives: str) -> re.Pattern[str]:
    """A pattern for a sentence that begins with any of the lines."""
    return re.compile(rf"^(?:{_either(alternatives)})\b", re.IGNORECASE)


def ending(alternatives: str) -> re.Pattern[str]:
    """A pattern for a sentence whose last word is any of the lines."""
    return re.compile(rf"\b(?:{_either(alternatives)})\W*$", re.IGNORECASE)


def _either(alternatives: str) -> str:
    return "|".join(line.strip() for line in alternatives.splitlines() if line.strip())


# Figures look alike everywhere. Sums in words are each language's own.
MONEY = re.compile(r"[$€£]\s?\d|\d\s?[€£]")
SHARE = re.compile(
    r"\d\s?%|\b(?:percent|per cent|prozent|pour ?cents?|por ciento)\b", re.IGNORECASE
)
FIGURE = re.compile(r"(?<![\w.])\d{1,3}(?:[.,]\d{3})+\b|(?<![\w.])\d+(?:\.\d+)?\b")
# An agenda item that is read out: "11D, a resolution to …".
TITLE = re.compile(r"^\d+[a-z]?\b|^[a-z]?\d+[.,:]", re.IGNORECASE)
# Marks of captioners, and stops that hang in the air.
DEBRIS = re.compile(r"\[[^]]*\]|^[^\w„“\"«(¿¡]|[.?!]\s+[.?!]+$|\s--?\s*$")
HESITATION = re.compile(r"\s--?\s|\w-\s|\.\.\.|…")


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a language says when. What is not known of a language is left at its default."""

    # Formalities: whatever else the sentence holds, no reader needs it.
    formality: re.Pattern[str] = NOTHING
    # Begins in the middle of a thought: it leans on the sentence before.
    leaning: re.Pattern[str] = NOTHING
    # Begins so that the sentence before it cannot have been over.
    continuing: re.Pattern[str] = NOTHING
    # Ends where nobody ends a sentence.
    dangling: re.Pattern[str] = NOTHING
    filler: re.Pattern[str] = NOTHING
    # Points at something outside the sentence.
    pointing: re.Pattern[str] = NOTHING
    # A finite verb: what has none is a title, a list or a shred.
    verb: re.Pattern[str] = ANYTHING
    # How a matter ended, as a chair or clerk says it.
    outcome: re.Pattern[str] = NOTHING
    decision: re.Pattern[str] = NOTHING
    commitment: re.Pattern[str] = NOTHING
    money: re.Pattern[str] = NOTHING
    date: re.Pattern[str] = NOTHING
    # Words of public business, which tell a matter from small talk.
    business: re.Pattern[str] = NOTHING
