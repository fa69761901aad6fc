"""From the bytes of a file to its text: which encoding it is in, with nothing replaced."""

import codecs
import logging
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from charset_normalizer import from_bytes

from meetings.transcripts.formats.cues import Effect, NotCaptions, Note

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_SAMPLE_BYTES = 16_384
_LONGEST_LINE = 300
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13}) + b"\x7f"
# The letters beyond ASCII of the languages of Western (windows-1252) and of Central Europe
# (windows-1250). charset-normalizer alone often takes one of the two for the other.
_LETTERS = {
    "cp1252": (
        *("àâçéèêëîïôœùûüÿ", "äöüß", "áéíñóúü", "áâãàçéêíóôõú", "àèéìòù", "æøåé", "åäöé"),
        *("éëïóèö", "áðéíóúýþæö"),
    ),
    "cp1250": (
        *("áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
        *("čšž",),
    ),
}
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "hz": "gb18030"}
# Where nothing speaks for another: the encoding of most Western files, and its elder sister, in
# which every byte is a letter.
_LAST_RESORTS = ("cp1252", "latin_1")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    encoding: str
    notes: tuple[Note, ...] = ()


def decode(data: bytes) -> Decoded:
    """The text of `data` without its byte order mark, line ends as they are.

    A mark decides; then UTF-8 if it fits whole; then what charset-normalizer finds likeliest.
    Raises NotCaptions, with the byte and the line, where a byte fits no encoding.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _strictly(data[len(mark) :], encoding, len(mark))
            name = encoding.removesuffix("-le").removesuffix("-be")
            return Decoded(text, name, _noted(name))
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        _refuse_damaged(data, error)
    return _guessed(data)


def _strictly(data: bytes, encoding: str, offset: int) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, "replace").count("\n") + 1
        raise NotCaptions(
            f"Line {line}: byte {error.start + offset + 1} of the file is not {encoding.upper()}, "
            "which the file says it is.",
            line=line,
        ) from error


def _refuse_damaged(data: bytes, error: UnicodeDecodeError) -> None:
    """Refuse UTF-8 with a few broken bytes, and what is no text, instead of guessing at it."""
    line = data.count(b"\n", 0, error.start) + 1
    bad = f"byte {error.start + 1} of the file"
    controls = len(data) - len(data.translate(None, _CONTROL))
    if controls > len(data) // 50:
        raise NotCaptions(
            f"This is not a text file: it holds {controls:,} control characters, and line {line} "
            f"({bad}) is no text in UTF-8.",
            line=line,
        ) from error
    lenient = data.decode("utf-8", "surrogateescape")
    broken = sum(map(len, re.findall("[\udc80-\udcff]+", lenient)))
    whole = sum(map(len, re.findall("[^\x00-\x7f\udc80-\udcff]+", lenient)))
    if whole >= max(broken, 1):
        raise NotCaptions(
            f"Line {line}: {bad} is damaged. The rest of the file is UTF-8, this byte is not.",
            line=line,
        ) from error


def _guessed(data: bytes) -> Decoded:
    sample = _lines_with_letters_beyond_ascii(data)
    logging.getLogger("charset_normalizer").setLevel(logging.ERROR)
    best = from_bytes(sample).best()
    likely = () if best is None else _refined(sample, best.encoding)
    for encoding in (*likely, *_LAST_RESORTS):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "latin_1" and (odd := re.search("[\x80-\x9f]", text)):
            line = text.count("\n", 0, odd.start()) + 1
            raise NotCaptions(
                f"Line {line}: byte {odd.start() + 1} of the file fits no encoding that we know.",
                line=line,
            )
        name = codecs.lookup(encoding).name
        return Decoded(text, name, _noted(name))
    raise AssertionError("latin_1 decodes every byte")


def _refined(sample: bytes, encoding: str) -> tuple[str, ...]:
    """The guess, or, where it is in Latin letters, the one of the two that spells words better."""
    letters = [letter for letter in sample.decode(encoding, "ignore") if letter > "\x7f"]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if latin * 2 < len(letters):
        return (_WIDER.get(encoding, encoding),)
    return tuple(sorted(_LETTERS, key=lambda one: _misspelt(sample, one)))


def _misspelt(sample: bytes, encoding: str) -> int:
    """How many letters do not belong to the language that they fit best, in `encoding`."""
    text = sample.decode(encoding, "replace").lower()
    counts = Counter(letter for letter in text if letter > "\x7f" and letter.isalnum())
    fits = (
        sum(count for letter, count in counts.items() if letter in alphabet)
        for alphabet in _LETTERS[encoding]
    )
    return counts.total() + text.count("\ufffd") - max(fits)


def _lines_with_letters_beyond_ascii(data: bytes) -> bytes:
    """Up to 16 kB of the lines that tell encodings apart; the others only make guessing slow."""
    sample = bytearray()
    position = 0
    while len(sample) < _SAMPLE_BYTES and (match := _HIGH_BYTE.search(data, position)):
        at = match.start()
        start = max(data.rfind(b"\n", position, at) + 1, position, at - _LONGEST_LINE)
        end = data.find(b"\n", at, at + _LONGEST_LINE)
        position = at + _LONGEST_LINE if end < 0 else end + 1
        sample += data[start:position]
    return bytes(sample)


def _noted(encoding: str) -> tuple[Note, ...]:
    if encoding == "utf-8":
        return ()
    what = f"The file is in {encoding}, not UTF-8. It was read as {encoding}."
    return (Note(1, Effect.MET, "encoding", what),)
