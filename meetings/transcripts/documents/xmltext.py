"""Text as XML 1.0 holds it: markup escaped, and what XML does not know marked."""

import re

from meetings.transcripts.utterances import Spoken

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# All but `Char` of XML 1.0, section 2.2.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_QUOTES = str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def known(text: str) -> str:
    """The text with `UNKNOWN` for each character that XML 1.0 does not know."""
    return _NOT_XML.sub(UNKNOWN, text)


def text(said: str) -> str:
    """As the text of an element."""
    return known(said).translate(_SIGNS)


def quoted(said: str) -> str:
    """As the value of an attribute, within double quotes."""
    return text(said).translate(_IN_QUOTES)


def name_of(segment: Spoken) -> str:
    """An xml:id of the segment: its key."""
    return f"s-{_NOT_A_NAME.sub('_', segment.key)}"


def clock(ms: int) -> str:
    """Such as 1:02:03."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
