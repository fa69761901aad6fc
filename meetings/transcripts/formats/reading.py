"""The one door for caption files: which format this is, and what its reader says."""

import re

from meetings.transcripts.formats.alignedspeech import is_aligned_speech, read_aligned_speech
from meetings.transcripts.formats.councildata import is_council_data, read_council_data
from meetings.transcripts.formats.ctm import is_ctm, read_ctm
from meetings.transcripts.formats.cues import NotCaptions, Reading
from meetings.transcripts.formats.decoding import decode
from meetings.transcripts.formats.hazards import note_hazards
from meetings.transcripts.formats.jsonvalues import parsed
from meetings.transcripts.formats.notes import Notebook, quoted
from meetings.transcripts.formats.portaljson import is_portal_json, read_portal_json
from meetings.transcripts.formats.srt import TIMES_LINE, read_srt
from meetings.transcripts.formats.webvtt import has_signature
from meetings.transcripts.formats.webvttreading import read_webvtt

_WEB_PAGE = re.compile(r"\s{0,99}(?:<!--|<!doctype\s+html|</?(?:html|head|body|title)\b)", re.I)
_MARKUP = re.compile(r"\s{0,99}<(?:\?xml|tt)\b", re.I)
_JSON = re.compile(r"[\s\ufeff]*+(?:\{\s*+[\"}]|\[\s*+[\[{\"\]])")
_SUBVIEWER = re.compile(r"[0-9]++:[0-9]{2}:[0-9]{2}\.[0-9]++,[0-9]++:[0-9]{2}:[0-9]{2}\.[0-9]++")
_COMMA_TIME = re.compile(r"[0-9]:[0-9]{2},[0-9]")
_BINARY = {b"PK\x03\x04": "a ZIP or Office file", b"%PDF": "a PDF", b"\x1f\x8b": "a gzip file"}


def read(data: bytes, name: str) -> Reading:
    """The cues of a caption file, and notes on what was met on the way.

    The format is told by the content; `name`, the file's name, only decides where two formats
    look alike. Raises NotCaptions, and nothing else, for whatever the bytes are.
    """
    for mark, what in _BINARY.items():
        if data.startswith(mark):
            raise NotCaptions(f"This is {what}, not captions.")
    decoded = decode(data)
    text = decoded.text
    if not text.strip("\ufeff \t\r\n"):
        raise NotCaptions("The file is empty.")
    notebook = Notebook()
    for note in decoded.notes:
        notebook.add(note)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    note_hazards(text, notebook)
    text = text.replace("\0", "\ufffd")
    if has_signature(text):
        return read_webvtt(text, decoded.encoding, notebook)
    if _JSON.match(text):
        return _read_json(text, decoded.encoding, notebook)
    if is_ctm(text):
        return read_ctm(text, decoded.encoding, notebook)
    return _read_srt(text, decoded.encoding, name, notebook)


def _read_json(text: str, encoding: str, notebook: Notebook) -> Reading:
    document = parsed(text)
    if is_portal_json(document):
        return read_portal_json(document, encoding, notebook)
    if is_council_data(document):
        return read_council_data(document, encoding, notebook)
    if is_aligned_speech(document):
        return read_aligned_speech(document, encoding, notebook)
    raise NotCaptions(
        "This JSON is neither a Council Data Project transcript (it has no “sentences”) nor "
        "aligned speech (it has no “data” with agenda items or text)."
    )


def _read_srt(text: str, encoding: str, name: str, notebook: Notebook) -> Reading:
    """What is left is SubRip, or nothing that we read: then say what it seems to be."""
    first = _first_times(text)
    line = text.count("\n", 0, text.find(first)) + 1 if first else 1
    if _WEB_PAGE.match(text):
        raise NotCaptions(
            f"Line 1 begins with {quoted(text.lstrip())}: this is a web page, not captions. "
            "Perhaps the download led to an error page."
        )
    if _MARKUP.match(text):
        raise NotCaptions("Line 1 begins an XML file. Captions in XML (TTML) are not read.")
    if first:
        if name.lower().endswith((".vtt", ".webvtt")) and not _COMMA_TIME.search(first):
            raise _headless(text, line)
        return read_srt(text, encoding, notebook)
    if _SUBVIEWER.search(text):
        raise NotCaptions("These are captions in SubViewer's format (.sbv), which is not read.")
    if text.count("\ufffd") > len(text) // 4:
        raise NotCaptions(
            "Every other byte is zero, as in UTF-16, but the file does not begin with UTF-16's "
            "byte order mark. Save it as UTF-8."
        )
    start = len(text) - len(text.lstrip())
    at = text.count("\n", 0, start) + 1
    raise NotCaptions(
        f"Line {at} begins {quoted(text[start : start + 200])}, and no line of the file has "
        "times, such as 00:01:02.500 --> 00:01:05.000. A text without times cannot be shown "
        "beside a video.",
        line=at,
    )


def _headless(text: str, line: int) -> NotCaptions:
    match = re.search(r"^[^\n\w]{0,20}WEBVTT", text[:2000], re.IGNORECASE | re.MULTILINE)
    if match is not None:
        at = text.count("\n", 0, match.end()) + 1
        return NotCaptions(
            f"Line {at} says {quoted(match[0])}, but a WebVTT file must begin with WEBVTT in "
            "capitals, with nothing before it.",
            line=at,
        )
    return NotCaptions(
        f"Line 1 is not WEBVTT, as it must be in a .vtt file. Line {line} has sound times; if "
        "these are captions, put a line WEBVTT and an empty line before them.",
    )


def _first_times(text: str) -> str:
    """The first line of times as SubRip and WebVTT have them, or ""."""
    if ">" not in text and "→" not in text:
        return ""
    match = TIMES_LINE.search(text)
    return match[0] if match else ""
