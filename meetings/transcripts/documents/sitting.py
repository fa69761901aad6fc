"""Sitting: what a document says of a meeting, and its words as turns under the agenda."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from meetings.transcripts.utterances import Spoken

# A turn that goes on is cut here, so that a paragraph can be read and memory stays bounded.
TURN_CHARACTERS = 1_200


@dataclass(frozen=True)
class Item:
    """An item of the agenda; with a start it is a heading among the words."""

    title: str
    start_ms: int | None = None


@dataclass(frozen=True)
class Sitting:
    """A meeting and the version of its transcript. Times are milliseconds of the recording."""

    meeting_id: int
    title: str
    body: str
    body_slug: str
    place: str
    held_on: date
    language: str
    version: int
    made_at: datetime
    url: str
    site: str
    site_url: str
    licence: str = ""
    licence_url: str = ""
    is_reviewed: bool = False
    speakers: Sequence[str] = ()
    """All who speak, in order."""
    agenda: Sequence[Item] = ()

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The speakers by name, counted from 1."""
        return {name: number for number, name in enumerate(dict.fromkeys(self.speakers), start=1)}

    def moment(self, ms: int) -> str:
        """The address that opens this moment."""
        return f"{self.url}?t={ms // 1000}"


@dataclass(frozen=True)
class Turn:
    """What one speaker says without a break; the speaker is empty where nobody is named."""

    speaker: str
    segments: list[Spoken] = field(default_factory=list)

    @property
    def start_ms(self) -> int:
        return self.segments[0].start_ms

    @property
    def end_ms(self) -> int:
        return max(segment.end_ms for segment in self.segments)


@dataclass(frozen=True)
class Section:
    """The turns under a heading; what is said before the first one has none."""

    heading: Item | None
    turns: Iterator[Turn]


def sections(segments: Iterable[Spoken], agenda: Sequence[Item]) -> Iterator[Section]:
    """The words under the items whose time has come. Read each section's turns before the next.

    A turn that runs on into the next item is cut there. Items in whose time nothing is said, or
    that have no time, are no sections.
    """
    ahead = _Ahead(segments)
    timed = sorted((item for item in agenda if item.start_ms is not None), key=_start)
    begins: list[Item | None] = [None, *timed]
    for heading, following in zip(begins, [*timed, None], strict=True):
        until = _start(following) if following else None
        if ahead.has_one(before_ms=until):
            yield Section(heading, _turns(ahead, until))


def _start(item: Item) -> int:
    return item.start_ms or 0


class _Ahead:
    """Segments, of which one can be looked at before it is taken."""

    def __init__(self, segments: Iterable[Spoken]) -> None:
        self._rest = iter(segments)
        self.next = next(self._rest, None)

    def has_one(self, *, before_ms: int | None) -> bool:
        return self.next is not None and (before_ms is None or self.next.start_ms < before_ms)

    def take(self) -> Spoken:
        taken = self.next
        if taken is None:
            raise StopIteration
        self.next = next(self._rest, None)
        return taken


def _turns(ahead: _Ahead, until: int | None) -> Iterator[Turn]:
    turn: Turn | None = None
    characters = 0
    while ahead.has_one(before_ms=until):
        said = ahead.take()
        name = " ".join(said.speaker_name.split())
        if turn is None or name != turn.speaker or characters > TURN_CHARACTERS:
            if turn is not None:
                yield turn
            turn, characters = Turn(name), 0
        turn.segments.append(said)
        characters += len(said.text)
    if turn is not None:
        yield turn
