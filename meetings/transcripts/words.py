"""The words of live captions, one by one, each with its time and what announces a new speaker."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from meetings.transcripts.formats.cues import Cue
from meetings.transcripts.proper_words import one_of

# How long people take to say a caption, at the slowest: a line that stays on the screen for
# longer was said at the beginning of its cue. (Captions often stay up through a break of an hour.)
SLOWEST_CHARACTER_MS = 250
SLOWEST_START_MS = 3_000

TOKEN = re.compile(r"\S+")
ENDS = ".?!…"
MARKS = ".?!,;:…"
DASHES = ("-", "–", "—")
NAME_MARKS = re.compile(r"[.'’-]")
CLOSERS = "\"'”’)]»"
LABEL_WORDS = 5
# What stands before a colon in capitals and is not a person.
NOT_LABELS = one_of(
    "AGAIN AGENDA AND ANSWER BILL BUT COMMENT EXAMPLE FACT FINALLY FIRST FOLLOWING HERE I IS ITEM"
    " LASTLY LIKE MOTION NEXT NO NOTE NUMBER OK OKAY ONE POINT QUESTION QUOTE REMEMBER SAID SAY"
    " SAYING SAYS SECOND SO STATES THAT THEN THESE THIRD THIS THOSE THREE TWO WAS WE WELL WHAT"
    " WHY YES YOU"
)


@dataclass(slots=True)
class Said:
    """One word as it was captioned, with the punctuation that belongs to it.

    Times in milliseconds, inside the cue that first held the word. `cue` is the position of that
    cue; `turn` says that somebody else begins here; `speaker` is "" where nobody is named.
    """

    text: str
    start_ms: int
    end_ms: int
    cue: int
    turn: bool
    speaker: str
    confidence: float | None


def ends_sentence(text: str) -> bool:
    """Whether `text` ends with a mark that ends a sentence, quotation marks and brackets aside."""
    return text.rstrip(CLOSERS)[-1:] in ENDS if text else False


def said(cues: Sequence[Cue], new_lines: Sequence[Sequence[str]]) -> list[Said]:
    """Every word of `new_lines` (one entry for each cue) in order, with interpolated times.

    Marks of a change of speaker (`>>`, `>>>`, a dash that opens a line after a finished sentence)
    become `turn`; capitals with a colon after them become the speaker, in the case in which they
    stand. A full stop that stands alone goes to the word before it.
    """
    listener = _Listener()
    for place, (cue, lines) in enumerate(zip(cues, new_lines, strict=True)):
        if lines:
            listener.hear(cue, place, _timed(cue, lines, _span(cues, place)))
    return listener.words


@dataclass(slots=True)
class _Token:
    """A stretch of text without white space. Times in milliseconds."""

    text: str
    start_ms: int
    end_ms: int
    opens_line: bool


class _Listener:
    """The words so far, and who speaks."""

    def __init__(self) -> None:
        self.words: list[Said] = []
        self._speaker = self._cue_speaker = ""
        self._turn = True

    def hear(self, cue: Cue, place: int, tokens: list[_Token]) -> None:
        if cue.speaker != self._cue_speaker:
            self._cue_speaker = cue.speaker
            self._begin_turn()
        number = 0
        while number < len(tokens):
            token = tokens[number]
            if token.text.startswith(">>"):
                self._begin_turn()
                token.text = token.text.lstrip(">")
                number += not token.text
                number += self._named(tokens[number : number + LABEL_WORDS])
                continue
            number += 1
            if self._is_dialogue_dash(token):
                self._begin_turn()
            elif self.words and not self._turn and not token.text.strip(MARKS):
                self._attach(token.text)
            else:
                self._say(token, cue, place)

    def _begin_turn(self) -> None:
        self._turn, self._speaker = True, self._cue_speaker

    def _named(self, tokens: Sequence[_Token]) -> int:
        """Take the speaker's name that `tokens` begin with, and tell of how many tokens it is."""
        name: list[str] = []
        for token in tokens:
            word = token.text.removesuffix(":")
            letters = NAME_MARKS.sub("", word)
            numbered = name and letters.isdigit()  # "SPEAKER 2:"
            if not numbered and (not letters.isalpha() or not letters.isupper()):
                return 0
            if letters in NOT_LABELS:
                return 0
            name.append(word)
            if token.text.endswith(":"):
                self._speaker = " ".join(name)
                return len(name)
        return 0

    def _is_dialogue_dash(self, token: _Token) -> bool:
        finished = not self.words or ends_sentence(self.words[-1].text)
        return token.opens_line and token.text in DASHES and finished

    def _attach(self, mark: str) -> None:
        before = self.words[-1]
        if before.text[-1] not in MARKS:
            before.text += mark

    def _say(self, token: _Token, cue: Cue, place: int) -> None:
        self.words.append(
            Said(
                text=token.text,
                start_ms=token.start_ms,
                end_ms=token.end_ms,
                cue=place,
                turn=self._turn,
                speaker=self._speaker,
                confidence=cue.confidence,
            )
        )
        self._turn = False


def _timed(cue: Cue, lines: Sequence[str], span: tuple[int, int]) -> list[_Token]:
    """The tokens of `lines` with the times that the format has, or with places by characters."""
    start, lasting = span[0], span[1] - span[0]
    length = sum(map(len, lines)) + len(lines) - 1
    tokens: list[_Token] = []
    offset = 0
    for line in lines:
        for match in TOKEN.finditer(line):
            begins = start + lasting * (offset + match.start()) // length
            ceases = start + lasting * (offset + match.end()) // length
            tokens.append(_Token(match[0], begins, ceases, match.start() == 0))
        offset += len(line) + 1
    if [word.text for word in cue.words] == [token.text for token in tokens]:
        for token, word in zip(tokens, cue.words, strict=True):
            token.start_ms = min(max(word.start_ms, cue.start_ms), cue.end_ms)
            token.end_ms = max(token.start_ms, min(word.end_ms, cue.end_ms))
    return tokens


def _span(cues: Sequence[Cue], place: int) -> tuple[int, int]:
    """From when to when the new words of a cue were said: inside the cue, before the next one."""
    cue = cues[place]
    slowest = cue.start_ms + SLOWEST_START_MS + SLOWEST_CHARACTER_MS * len(cue.text)
    end = min(cue.end_ms, slowest)
    if place + 1 < len(cues) and cues[place + 1].start_ms > cue.start_ms:
        end = min(end, cues[place + 1].start_ms)
    return cue.start_ms, max(end, cue.start_ms)
