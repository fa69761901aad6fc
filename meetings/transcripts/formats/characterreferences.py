"""Character references of HTML (`&amp;`, `&#233;`) in cue text."""

import re
from html.entities import html5

# HTML, "character reference state". The standard library's `html.unescape` drops what the rule
# keeps (control characters) and raises on numbers of more than 4,300 digits.
_REFERENCE = re.compile(r"&(?:#([0-9]++);?|#[xX]([0-9a-fA-F]++);?|([0-9a-zA-Z]{1,40};?))")
_LONGEST_NAME = max(map(len, html5))

# HTML, "numeric character reference end state": numbers of windows-1252 stand for its letters.
_WINDOWS_1252 = {
    number: bytes([number]).decode("windows-1252")
    for number in range(0x80, 0xA0)
    if number not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


def decoded(text: str) -> str:
    """`text` with all character references resolved by HTML's rules. What is none stays."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1] is not None:
        return _numbered(match[1].lstrip("0"), 10)
    if match[2] is not None:
        return _numbered(match[2].lstrip("0"), 16)
    name = match[3]
    for length in range(min(len(name), _LONGEST_NAME), 1, -1):
        if name[:length] in html5:  # "notit;" is "not" and then "it;"
            return html5[name[:length]] + name[length:]
    return match[0]


def _numbered(digits: str, base: int) -> str:
    number = int(digits, base) if 0 < len(digits) < 9 else 0
    if number == 0 or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return "\ufffd"
    return _WINDOWS_1252.get(number) or chr(number)
