"""Phrases: what a recognizer heard in a piece of sound, before it is a transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .sound import Samples


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its times in milliseconds and how sure the model is, from 0 to 1.

    The white space before it belongs to it, as does its punctuation.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that were recognized together, and what the model thinks of them.

    `no_speech` is the probability that nobody speaks, `log_probability` the mean of the words',
    `loudness` in dB below the loudest that can be stored.
    """

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...]
    no_speech: float
    log_probability: float
    loudness: float

    @property
    def lasts_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard in a piece: the phrases, and for how long voices were heard at all."""

    phrases: tuple[Phrase, ...]
    spoken_ms: int


@dataclass(frozen=True, slots=True)
class Language:
    """A language as BCP 47, and how sure it is, from 0 to 1; None where somebody set it."""

    tag: str
    probability: float | None


Heard = Callable[[int], None]
"""Told now and then how far it is, in milliseconds of the samples."""


class Recognizer(Protocol):
    """Something that hears words. `name` and `sha256` say which model it is."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def engine(self) -> str: ...

    def language_of(self, places: Iterable[Samples]) -> Language | None:
        """What is spoken at these places; None where nobody speaks."""
        ...

    def hear(
        self, samples: Samples, *, language: str, names: Sequence[str], heard: Heard
    ) -> Hearing:
        """The words in these samples, timed from their start."""
        ...


# Softer than this nobody is understood; a voice in a room is 20 to 30 dB louder.
SILENT_DB = -55.0
# So much softer than what is usual in the piece, it is the room that is heard.
SOFTER_DB = 32.0
# On noise and near-silence models write sentences, and rate them like this (measured: 0.27 with
# -0.65 where it is nearly silent, 0.6 to 0.97 on noise; speech: 0.01 to 0.3).
NO_SPEECH, UNLIKELY = 0.6, -0.6
SURELY_NO_SPEECH = 0.85


def is_invented(phrase: Phrase, *, usual_db: float) -> bool:
    """Whether hardly anything can be heard where these words are said to be.

    `usual_db` is how loud people speak in this piece.
    """
    if phrase.loudness < SILENT_DB or phrase.loudness < usual_db - SOFTER_DB:
        return True
    if phrase.no_speech > SURELY_NO_SPEECH:
        return True
    return phrase.no_speech > NO_SPEECH and phrase.log_probability < UNLIKELY


def usual_loudness(phrases: Sequence[Phrase]) -> float:
    """How loud the upper half of the phrases is at least; silence where there are none."""
    levels = sorted(phrase.loudness for phrase in phrases)
    return levels[len(levels) // 2] if levels else SILENT_DB


def written(phrase: Phrase, *, by_ms: int) -> dict[str, Any]:
    """As JSON, moved on from the piece's clock to the recording's."""
    fields = asdict(phrase)
    for one in (fields, *fields["words"]):
        one["start_ms"] += by_ms
        one["end_ms"] += by_ms
    return fields


def read(fields: dict[str, Any]) -> Phrase:
    """The phrase that `written` wrote."""
    words = tuple(Word(**word) for word in fields["words"])
    return Phrase(**{**fields, "words": words})
