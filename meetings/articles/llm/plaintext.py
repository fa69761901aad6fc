"""Plain text: one line of signs that can be seen, whoever wrote them."""

import unicodedata

# Writing some languages needs the joiners, which are invisible too.
JOINERS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
# Directions, hidden tags, private signs, halves of characters: nobody says them.
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


def plain(text: str) -> str:
    """The text on one line, without what cannot be seen."""
    return " ".join("".join(map(_seen, text)).split())


def _seen(sign: str) -> str:
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in UNSEEN and sign not in JOINERS else sign
