"""A recognizer that needs no model: it writes down how long the sound is that it is given."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

from meetings.transcripts.speech.phrases import Heard, Hearing, Language, Phrase, Word
from meetings.transcripts.speech.sound import RATE, Samples

ENGLISH = Language("en", 0.9)


class Hearer:
    """Hears one sentence a second of sound. What it was asked is kept in `asked`."""

    name, engine = "hearer-1", "tests"
    sha256 = hashlib.sha256(b"hearer").hexdigest()

    def __init__(self, *, language: Language | None = ENGLISH, **measures: float):
        self.language, self.measures = language, measures
        self.asked: list[dict[str, object]] = []

    def language_of(self, places: Iterable[Samples]) -> Language | None:
        self.places = [len(place) // RATE for place in places]
        return self.language

    def hear(
        self, samples: Samples, *, language: str, names: Sequence[str], heard: Heard
    ) -> Hearing:
        length_ms = len(samples) * 1000 // RATE
        self.asked.append({"length_ms": length_ms, "language": language, "names": list(names)})
        phrases = []
        for start_ms in range(0, length_ms, 1_000):
            heard(start_ms)
            end_ms = min(start_ms + 800, length_ms)
            number = len(self.asked) * 1_000 + start_ms // 1_000
            words = (Word(" Item", start_ms, start_ms + 100, 0.9),)
            words += (Word(f" {number}.", start_ms + 100, end_ms, 0.8),)
            measures = {"no_speech": 0.1, "log_probability": -0.3, "loudness": -20.0}
            text = "".join(word.text for word in words)
            phrases.append(Phrase(start_ms, end_ms, text, words, **measures | self.measures))
        return Hearing(tuple(phrases), length_ms)


def tone(seconds: float) -> np.ndarray:
    """Half a second of sound, half a second of silence, and so on."""
    length = int(seconds * RATE)
    sounding = np.arange(length) // (RATE // 2) % 2 == 0
    return np.where(sounding, 6_000 * np.sin(np.arange(length) / 5), 0)
