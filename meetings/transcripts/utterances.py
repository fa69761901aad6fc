"""The words of a transcript before they are rows, and the stable keys that name them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol


class Spoken(Protocol):
    """What exports and writers need of a Segment, stored or not."""

    @property
    def key(self) -> str: ...
    @property
    def speaker_name(self) -> str: ...
    @property
    def start_ms(self) -> int: ...
    @property
    def end_ms(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Utterance:
    """A Segment that is not stored yet. Times in milliseconds, `end_ms` ≥ `start_ms`.

    Where the words' own times are known, `word_starts_ms` has one for each word of `text`, from the
    start of the segment, and `word_confidences` how sure each is, in percent; else they are empty.
    """

    start_ms: int
    end_ms: int
    text: str
    speaker_name: str = ""
    confidence: float | None = None
    word_starts_ms: tuple[int, ...] = ()
    word_confidences: tuple[int, ...] = ()


def keyed(utterances: Iterable[Utterance]) -> Iterator[tuple[str, Utterance]]:
    """Each utterance with its key.

    A key is made from words and times alone, so a segment that did not change keeps its key from
    one version of a transcript to the next (DESIGN §8). The same words at the same time said
    twice are told apart by their count.
    """
    seen: Counter[tuple[int, int, str]] = Counter()
    for utterance in utterances:
        fact = (utterance.start_ms, utterance.end_ms, utterance.text)
        yield key_of(*fact, count=seen[fact]), utterance
        seen[fact] += 1


def key_of(start_ms: int, end_ms: int, text: str, *, count: int) -> str:
    """The key of these words at this time, where `count` others are the same."""
    name = f"{start_ms} {end_ms} {count} {text}"
    return blake2b(name.encode(), digest_size=8).hexdigest()
