"""What every caption reader returns: cues, and notes on what it met on the way."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its own times, where the format has them. Times in milliseconds."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch of words with one start and one end, as the file has it.

    `line` is the 1-based line of the file that holds the times (for JSON, the 1-based position of
    the entry). `text` is plain: tags resolved, entities decoded, lines joined by "\\n".
    `confidence` is between 0 and 1.
    """

    line: int
    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""
    confidence: float | None = None
    words: tuple[Word, ...] = ()


class Effect(StrEnum):
    """What the reader's own rules did with what it met."""

    MET = "met"  # unusual, and nothing was changed by it
    REPAIRED = "repaired"  # read as what was plainly meant; no word is missing
    LOST = "lost"  # the format's rules drop it; the words are not in `cues`


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that staff should know about a file.

    `kind` is a short fixed name such as "four_digit_milliseconds"; `what` is a plain sentence for
    staff that names the line. When `effect` is LOST and the words can still be read, `cue` holds
    them with the times as written, so that the caller may take them back.
    """

    line: int
    effect: Effect
    kind: str
    what: str
    cue: Cue | None = None


@dataclass(frozen=True, slots=True)
class AgendaMark:
    """An agenda item that the caption file itself names, with its start in milliseconds."""

    title: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A caption file as its format's rules read it, in file order."""

    format: str
    encoding: str
    cues: tuple[Cue, ...]
    notes: tuple[Note, ...] = ()
    language: str = ""  # BCP 47, "" where the file does not say
    title: str = ""
    agenda: tuple[AgendaMark, ...] = ()


class NotCaptions(ValueError):
    """The file is not captions of this format at all. The message is a sentence for staff."""

    def __init__(self, message: str, *, line: int = 1) -> None:
        super().__init__(message)
        self.line = line
