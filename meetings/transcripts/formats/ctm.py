"""CTM: one recognised word a line, with its times (NIST's "time marked conversation" file).

Each row is recording, channel, start and length in seconds, token, and perhaps a confidence. Rows
with `<start=…,end=…,speaker=S0>` for a token begin a speaker's turn. Punctuation and French
elisions (`l'`, `qu'`) are tokens of their own, and are joined here as they should read.
"""

import re
from dataclasses import dataclass

from meetings.transcripts.formats import jsonvalues
from meetings.transcripts.formats.cues import Cue, Reading, Word
from meetings.transcripts.formats.hazards import storable
from meetings.transcripts.formats.notes import Cues, Notebook, quoted

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{0,12})?"
_ROW = re.compile(
    rf"(\S++)[ \t]++(\S++)[ \t]++({_NUMBER})[ \t]++({_NUMBER})[ \t]++(\S++)(?:[ \t]++(\S++))?\s*+"
)
_TURN = re.compile(r"<start=[^>]*?\bspeaker=([^,>]*)[^>]*>")
_SENTENCE_ENDS = frozenset({".", "?", "!", "...", "…"})
_STICKS_TO_THE_WORD_BEFORE = frozenset({".", ",", "...", "…", ")", "%"})
# French sets these apart by a space, other languages do not.
_SET_APART_IN_FRENCH = frozenset({"?", "!", ":", ";"})
_FRENCH_ELISIONS = frozenset({"l'", "d'", "qu'", "c'", "n'", "j'", "s'", "m'", "t'", "jusqu'"})
_APOSTROPHES = ("'", "’")
# What stands where the recogniser heard speech and knew no word.
_UNKNOWN = frozenset({"<unk>", "<UNK>", "[unk]"})
UNKNOWN_WORD = "[…]"


@dataclass(frozen=True, slots=True)
class _Token:
    line: int
    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


def is_ctm(text: str) -> bool:
    """Whether the first lines that are no comments are all rows of CTM."""
    rows = [line for line in text[:4000].split("\n") if line.strip() and line[:2] != ";;"][:3]
    return bool(rows) and all(_ROW.fullmatch(row) for row in rows)


def read_ctm(text: str, encoding: str, notebook: Notebook) -> Reading:
    """One cue for each sentence of a turn, with its words. `line` is that of its first word."""
    cues = Cues(notebook)
    turns = _turns(text, notebook)
    is_french = any(
        token.text.lower() in _FRENCH_ELISIONS for _, tokens in turns for token in tokens
    )
    for speaker, tokens in turns:
        sentence: list[_Token] = []
        for token in tokens:
            sentence.append(token)
            if token.text in _SENTENCE_ENDS:
                _add(sentence, speaker, cues, is_french=is_french)
                sentence = []
        _add(sentence, speaker, cues, is_french=is_french)
    return Reading("ctm", encoding, cues.done(), notebook.in_order())


def _turns(text: str, notebook: Notebook) -> list[tuple[str, list[_Token]]]:
    turns: list[tuple[str, list[_Token]]] = [("", [])]
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith(";;"):
            continue
        match = _ROW.fullmatch(line)
        if match is None:
            notebook.lost(
                number,
                "unreadable_row",
                f"Line {number}: {quoted(line)} is not a row of recording, channel, start, "
                "length and word.",
            )
            continue
        token = storable(match[5])
        if turn := _TURN.fullmatch(token):
            turns.append((turn[1], []))
            continue
        if token in _UNKNOWN:
            notebook.met(
                number, "unknown_word", f"Line {number}: a word that was heard but not known."
            )
            token = UNKNOWN_WORD
        start = round(float(match[3]) * 1000)
        end = round((float(match[3]) + float(match[4])) * 1000)
        turns[-1][1].append(_Token(number, token, start, end, _confidence(match[6])))
    return turns


def _confidence(text: str | None) -> float | None:
    try:
        return jsonvalues.confidence(float(text)) if text and len(text) < 40 else None
    except ValueError:
        return None


def _add(tokens: list[_Token], speaker: str, cues: Cues, *, is_french: bool) -> None:
    if not tokens:
        return
    words = _joined(tokens, is_french=is_french)
    known = [word.confidence for word in words if word.confidence is not None]
    cues.add(
        Cue(
            tokens[0].line,
            min(word.start_ms for word in words),
            max(word.end_ms for word in words),
            " ".join(word.text for word in words),
            speaker,
            round(sum(known) / len(known), 3) if known else None,
            words,
        )
    )


def _joined(tokens: list[_Token], *, is_french: bool) -> tuple[Word, ...]:
    """Tokens as words: a sentence's text is its words with a space between each two."""
    words: list[Word] = []
    is_open = False  # the word before waits for this one: l' + époque
    for token in tokens:
        text = token.text
        is_mark = text in _STICKS_TO_THE_WORD_BEFORE or text in _SET_APART_IN_FRENCH
        if words and (is_open or is_mark or (len(text) > 1 and text[0] == "-")):
            before = words[-1]
            gap = "\u00a0" if is_french and text in _SET_APART_IN_FRENCH else ""
            words[-1] = Word(
                before.text + gap + text,
                before.start_ms,
                max(before.end_ms, token.end_ms),
                before.confidence if is_mark else _least(before.confidence, token.confidence),
            )
        else:
            words.append(Word(text, token.start_ms, token.end_ms, token.confidence))
        is_open = len(text) > 1 and text.endswith(_APOSTROPHES)
    return tuple(words)


def _least(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known) if known else None
