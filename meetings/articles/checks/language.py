"""Which language some words are in: told only where it is plain."""

import re
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

SURE = 0.8
FEWEST_LETTERS = 12
_LETTERS = re.compile(r"[^\W\d_]")
# These are so near each other that a sentence may be taken for the other.
_NEAR = [
    {"no", "nb", "nn", "da", "sv"},
    {"hr", "sr", "bs", "sl", "mk"},
    {"es", "gl", "pt", "ca", "an", "oc"},
    {"id", "ms", "jv"},
    {"cs", "sk"},
    {"ru", "uk", "be", "bg"},
    {"en", "pcm"},
    {"de", "lb", "nds"},
    {"nl", "af"},
    {"hi", "mr", "ne"},
]


def language_of(text: str) -> str:
    """The language (ISO 639) of a text; "" where nobody could tell."""
    if len(_LETTERS.findall(text)) < FEWEST_LETTERS:
        return ""
    name, sureness = _identifier().classify(text.lower())
    return str(name) if sureness >= SURE else ""


def are_apart(one: str, other: str) -> bool:
    """Whether both are known, and words of the one are no words of the other."""
    return bool(one and other) and one != other and not any({one, other} <= near for near in _NEAR)


@cache
def _identifier() -> Any:
    """The library's, which publishes no types. Its model takes a moment to load."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
