"""What staff should see before a file's text is stored: control characters and script tags."""

import re
from collections.abc import Iterator

from meetings.transcripts.formats.notes import Notebook, quoted

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Half of a pair from UTF-16, which JSON can spell and no encoding can store.
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCRIPT = re.compile(r"(?:<|&lt;?|&\#0{0,8}60;?|&\#x0{0,8}3c;?)[\s/]{0,20}script", re.IGNORECASE)


def note_hazards(text: str, notebook: Notebook) -> None:
    """One note for each line of `text` with control characters or with a script tag.

    A tag counts in its own characters and in character references. Tab, carriage return and line
    feed do not count. `text` has line feeds alone as line ends.
    """
    for line, found in _lines_with(_CONTROL, text):
        notebook.met(
            line,
            "control_character",
            f"Line {line} has the control character U+{ord(found):04X}.",
        )
    for line, found in _lines_with(_SCRIPT, text):
        notebook.met(line, "script", f"Line {line} has a script tag: {quoted(found)}.")


def note_hazards_in_entry(text: str, line: int, notebook: Notebook, *, entry: str) -> None:
    """The same for the decoded text of one cue or entry, named `entry` in the sentence."""
    if control := _CONTROL.search(text):
        notebook.met(
            line,
            "control_character",
            f"{entry} {line} has the control character U+{ord(control[0]):04X}.",
        )
    if "<" in text and (script := _SCRIPT.search(text)):
        notebook.met(line, "script", f"{entry} {line} has a script tag: {quoted(script[0])}.")


def storable(text: str) -> str:
    """`text` with U+FFFD for what PostgreSQL and UTF-8 cannot hold: NUL and lone surrogates."""
    return _SURROGATE.sub("\ufffd", text).replace("\0", "\ufffd")


def _lines_with(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold a match, once each, with the first match on it."""
    line, counted_to, position = 1, 0, 0
    while match := pattern.search(text, position):
        line += text.count("\n", counted_to, match.start())
        counted_to = match.start()
        yield line, match[0]
        position = text.find("\n", match.end())
        if position < 0:
            return
