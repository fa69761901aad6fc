"""A meeting as documents of the index: its passages, agenda items and articles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from django.conf import settings
from tantivy import Document

from meetings.articles.models import Article
from meetings.records.models import Meeting, Place, State
from meetings.transcripts.models import Segment, Transcript

from .passages import Passage, Piece, passages, whole
from .schema import EXACT, KINDS, day_number, field_of, month_number, recency
from .tree import Field, Kind, Name
from .words import UNSTEMMED, exact, family, joined, plain, read


@dataclass(frozen=True)
class About:
    """What every document of a meeting says: whose it is, where and when."""

    meeting: int
    held_on: date
    body: tuple[str, str]
    """Address and name."""
    places: Sequence[tuple[str, str]]
    """Address and name of the body's place, and of all that it lies in."""
    level: str

    def document(self, passage: Passage, *, kind: Kind, item: int, language: str) -> Document:
        """A passage with its words. `item` is the row that they come from: of a transcript,
        an agenda item or an article.
        """
        document = Document()
        reading = family(language)
        document.add_text(EXACT, passage.text(UNSTEMMED))
        document.add_text(field_of(reading), passage.text(reading))
        document.add_text("kind", kind.value)
        document.add_text("language", reading)
        document.add_unsigned("meeting", self.meeting)
        document.add_unsigned("kind_number", KINDS.index(kind))
        document.add_unsigned("item", item)
        document.add_unsigned("first", passage.first)
        document.add_unsigned("last", passage.last)
        document.add_unsigned("tail", passage.tail)
        document.add_text("body", self.body[0])
        document.add_text("level", self.level)
        document.add_integer("day", self._days[0])
        document.add_integer("month", self._days[1])
        document.add_integer("year", self.held_on.year)
        document.add_float("recency", self._recency)
        for name in self._body_names:
            document.add_text("body_name", name)
        for slug, _name in self.places:
            document.add_text("place", slug)
        for name in self._place_names:
            document.add_text("place_name", name)
        for speaker in passage.speakers:
            document.add_text("speaker", plain(speaker))
            document.add_text("speaker_name", _as_words(speaker))
        return document

    def is_in(self, field: Field) -> bool:
        """Whether the meeting is of this body, place or level, or held on these days. What a field
        asks of a passage by itself is not known here.
        """
        match field.name:
            case Name.AFTER:
                return self.held_on >= date.fromisoformat(field.value)
            case Name.BEFORE:
                return self.held_on < date.fromisoformat(field.value)
            case Name.LEVEL:
                return self.level == field.value
        named = [self.body] if field.name == Name.BODY else self.places
        if field.is_address:
            return field.value.removeprefix("/") in dict(named)
        wanted = joined(exact(word) for word in field.value.split())
        return any(f" {wanted} " in f" {name} " for name in _names(named))

    @cached_property
    def _days(self) -> tuple[int, int]:
        return day_number(self.held_on), month_number(self.held_on)

    @cached_property
    def _recency(self) -> float:
        return recency(self.held_on)

    @cached_property
    def _body_names(self) -> list[str]:
        return _names([self.body])

    @cached_property
    def _place_names(self) -> list[str]:
        return _names(self.places)


@dataclass(frozen=True, slots=True)
class Text:
    """A passage and what it is of: `item` is a transcript, an agenda item or an article."""

    kind: Kind
    item: int
    language: str
    passage: Passage


class Places:
    """All places, read once: a place's way up costs no query."""

    def __init__(self) -> None:
        rows = Place.objects.values_list("pk", "slug", "name", "level", "parent_id")
        self._rows = {pk: (slug, name, level, parent) for pk, slug, name, level, parent in rows}

    def way_up(self, place: int) -> list[tuple[str, str]]:
        """Address and name of the place and of all that it lies in."""
        way: dict[int, tuple[str, str]] = {}
        at: int | None = place
        while at is not None and at not in way:  # even a broken circle ends
            slug, name, _level, parent = self._rows[at]
            way[at] = (slug, name)
            at = parent
        return list(way.values())


def about(meeting: Meeting, places: Places) -> About:
    """`meeting` comes with its body and place."""
    body = meeting.body
    return About(
        meeting=meeting.pk,
        held_on=meeting.held_on,
        body=(body.slug, body.name),
        places=places.way_up(body.place_id),
        level=body.place.level,
    )


def documents(meeting: Meeting, places: Places) -> Iterator[Document]:
    """What may be found of a meeting now: nothing of one that is not in public.

    `meeting` comes with its body and place. Queries: transcripts, agenda, articles, sentences, and
    one for each transcript.
    """
    facts = about(meeting, places)
    for text in texts(meeting):
        yield facts.document(text.passage, kind=text.kind, item=text.item, language=text.language)


def texts(meeting: Meeting) -> Iterator[Text]:
    """The same before it is given to the index."""
    if meeting.state not in {State.ANNOUNCED, State.PUBLISHED}:
        return
    spoken = agenda_languages({meeting.pk}).get(meeting.pk, settings.LANGUAGE_CODE)
    if meeting.state == State.PUBLISHED:
        for transcript in meeting.transcripts.current().order_by("id"):
            for passage in passages(pieces(transcript)):
                yield Text(Kind.TRANSCRIPTS, transcript.pk, transcript.language, passage)
    for item in meeting.agenda.order_by("position"):
        yield Text(Kind.AGENDAS, item.pk, spoken, whole([item.title]))
    for article in (
        Article.objects.published().filter(meeting=meeting).prefetch_related("sentences")
    ):
        yield Text(Kind.ARTICLES, article.pk, article.language, whole(texts_of(article)))


def agenda_languages(meetings: Collection[int]) -> dict[int, str]:
    """The language of each meeting's first transcript: agendas do not say theirs. One query."""
    if not meetings:
        return {}
    rows = Transcript.objects.current().filter(meeting__in=meetings).order_by("-id")
    return dict(rows.values_list("meeting", "language"))


def pieces(transcript: Transcript) -> list[Piece]:
    """All segments of a transcript in order. One query."""
    rows = Segment.objects.filter(transcript=transcript).in_order()
    found = rows.values_list("position", "speaker__name", "text")
    return [Piece(position, speaker or "", text) for position, speaker, text in found]


def texts_of(article: Article) -> list[str]:
    """Headline, standfirst and sentences. The standfirst is left out where a sentence says it."""
    rows = sorted(article.sentences.all(), key=lambda one: (one.paragraph, one.position))
    sentences = [sentence.text for sentence in rows]
    standfirst = [article.standfirst] if article.standfirst not in sentences else []
    return [article.headline, *standfirst, *sentences]


def _names(named: Sequence[tuple[str, str]]) -> list[str]:
    """Names as `body:` and `place:` find words of them; an address counts as a name too."""
    found = [part for slug, name in named for part in (name, slug.replace("-", " "))]
    return [_as_words(name) for name in dict.fromkeys(found)]


@lru_cache(maxsize=1_000)
def _as_words(name: str) -> str:
    return joined(exact(word) for word in read(name))
