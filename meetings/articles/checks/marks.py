"""Where a sentence quotes: what stands between quotation marks of many habits."""

import re
from dataclasses import dataclass

# Each opening mark, and those that may close it.
PAIRS = {
    "“": '”"',
    "„": '“”"',
    "‟": '”"',
    "”": '”"',  # as Swedish and Finnish do
    "«": "»",
    "»": "«»",  # as German and Danish books do
    "「": "」",
    "『": "』",
    '"': '"”',
    "‘": "’",
    "‚": "‘’",
    "‹": "›",
    "›": "‹",
    "'": "'",
}
_ONLY_CLOSING = '”»」』"'
_DECADE = re.compile(r"[‘']\d0s\b")
_SINGLE = "‘‚'"
_MARK = re.compile(r"[“”„‟«»「」『』\"‘’‚‹›']")
_CLOSES_AFTER = re.compile(r"[\w.,;:!?…)\]\u2014–-]")  # what stands before a mark that closes
_SPACE = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\t\n"
# Single marks are apostrophes too: only a few words within them are a quotation.
FEWEST_WORDS_IN_SINGLE = 2


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words between quotation marks. `start` and `end` take the marks in, `text` leaves them."""

    text: str
    start: int
    end: int


def quotations(sentence: str) -> list[Quoted]:
    """What a sentence quotes, in order; a quotation inside a quotation is a part of it.

    A sentence may be one of several of a long quotation: a mark that is not closed reaches to the
    end, and one that closes what was not opened begins with the sentence.
    """
    found: list[Quoted] = []
    at = 0
    while (mark := _MARK.search(sentence, at)) is not None:
        begin = mark.start()
        if not _opens(sentence, begin):
            if mark[0] in _ONLY_CLOSING and not found and _closes(sentence, begin):
                found.append(Quoted(sentence[:begin], 0, mark.end()))
            at = mark.end()
            continue
        end = _end(sentence, mark[0], mark.end())
        if end is None:
            at = mark.end()
            continue
        inside = sentence[mark.end() : end - 1] if end <= len(sentence) else sentence[mark.end() :]
        end = min(end, len(sentence))
        if mark[0] not in _SINGLE or len(inside.split()) >= FEWEST_WORDS_IN_SINGLE:
            found.append(Quoted(inside, begin, end))
        at = end
    return [quoted for quoted in found if any(letter.isalnum() for letter in quoted.text)]


def _opens(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    mark = text[at]
    if mark not in PAIRS or _DECADE.match(text, at):
        return False
    if mark in "“„«「『‟" and not (mark == "«" and before.isalnum()):
        return True
    if mark in "「」『』":
        return mark in "「『"
    return (
        bool(after)
        and after not in _SPACE
        and not before.isalnum()
        and (not before or before in _SPACE or before in "([—–-:/“„«‘‚\"'" or mark in "‘‚")
        and (mark in "‘‚‹" or after.isalnum() or after in "$€£[(…‘‚'“.#@¿¡*-—")
    )


def _closes(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] == '"' and before.isdigit():  # inches
        return False
    return bool(_CLOSES_AFTER.match(before) or before in _SPACE) and not after.isalnum()


def _end(text: str, opening: str, begin: int) -> int | None:
    """The place after the mark that closes; past the end where none does, None where one must."""
    closing = PAIRS[opening]
    if opening in _SINGLE:
        return _end_of_single(text, closing, begin)
    depth = 0
    for match in _MARK.finditer(text, begin):
        at, mark = match.start(), match[0]
        if mark == opening and mark not in closing and mark not in "'\"":
            depth += 1
        elif mark in closing:
            if mark == '"' and opening == '"' and _inches(text, at):
                continue
            if not depth:
                return at + 1
            depth -= 1
    return None if opening in "‹›" else len(text) + 1


def _end_of_single(text: str, closing: str, begin: int) -> int | None:
    """A mark after a full stop or comma, before the first that only follows a word."""
    first = None
    for match in _MARK.finditer(text, begin):
        at = match.start()
        if match[0] in _SINGLE and match[0] not in closing:
            break
        if match[0] in closing and not text[at + 1 : at + 2].isalnum():
            if text[at - 1] in ".,;:!?…":
                return at + 1
            first = first or at + 1
    return first


def _inches(text: str, at: int) -> bool:
    """Whether this straight mark measures: another one comes that can close."""
    return text[at - 1].isdigit() and text.find('"', at + 1) >= 0 and text[at + 1 : at + 2] == " "
