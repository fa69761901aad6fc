"""From hits to moments: the words that match, where they were said, and the lines around them.

The index only says where to look. What is shown is read from the database, which knows what is in
public now: a hit in a meeting that was withdrawn, or in a version that was replaced, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from meetings.articles.models import Article
from meetings.records.models import AgendaItem, Meeting, State
from meetings.transcripts.models import Segment, Speaker, Transcript

from .documents import agenda_languages, texts_of
from .hits import Hit
from .matching import Heard, Run, SpansOf, occurrences, runs, spans
from .moments import Line, Moment, Part
from .passages import Passage, Piece, whole
from .tree import Kind, Node, has_words
from .words import Token, family, plain, tokens

CONTEXT = 1
"""Segments shown before a moment, and as many after it."""

# By hand, because PostgreSQL looks each row up by its unique index, where the same as a filter
# (one range for each hit) takes three times as long to be put into words and planned.
_SEGMENTS = f"""
    SELECT segment.transcript_id, segment.position, transcript.language, segment.key,
        coalesce(speaker.name, ''), segment.start_ms, segment.end_ms, segment.text
    FROM unnest(%s::bigint[], %s::integer[]) AS wanted (transcript_id, position)
    JOIN {Segment._meta.db_table} AS segment USING (transcript_id, position)
    JOIN {Transcript._meta.db_table} AS transcript
        ON transcript.id = segment.transcript_id AND transcript.is_current
    JOIN {Meeting._meta.db_table} AS meeting
        ON meeting.id = transcript.meeting_id AND meeting.state = %s
    LEFT JOIN {Speaker._meta.db_table} AS speaker ON speaker.id = segment.speaker_id
"""  # noqa: S608 - only names of tables are put in


def moments(tree: Node, hits: Sequence[Hit]) -> list[Moment]:
    """The moments of the hits, in their order; nothing twice. Up to six queries.

    A hit that may not be shown any more is left out, and so is one where only others than the
    speaker asked for say the words.
    """
    shown = Meeting.objects.in_public().filter(pk__in={hit.meeting for hit in hits})
    meetings = {meeting.pk: meeting for meeting in shown.select_related("body__place")}
    by_kind = {kind: [hit for hit in hits if hit.kind is kind] for kind in Kind}
    found: dict[Hit, Moment] = {}
    found.update(_said(tree, by_kind[Kind.TRANSCRIPTS], meetings))
    found.update(_written(tree, by_kind[Kind.ARTICLES], meetings))
    found.update(_planned(tree, by_kind[Kind.AGENDAS], meetings))
    return [found[hit] for hit in hits if hit in found]


def _said(
    tree: Node, hits: Sequence[Hit], meetings: Mapping[int, Meeting]
) -> Iterator[tuple[Hit, Moment]]:
    """What was said. Of two hits that show the same segment, the first one stands."""
    taken: set[tuple[int, int]] = set()
    segments = _segments(hits)
    for hit in hits:
        around = [
            segment
            for position in range(hit.first - CONTEXT, hit.tail + CONTEXT + 1)
            if (segment := segments.get((hit.item, position))) is not None
        ]
        own = [segment for segment in around if hit.first <= segment.position <= hit.tail]
        meeting = meetings.get(hit.meeting)
        if meeting is None or not own or own[0].position != hit.first:
            continue
        pieces = [Piece(one.position, one.speaker, one.text) for one in own]
        owned = sum(one.position <= hit.last for one in own)
        seen = seen_in(tree, Passage.of(pieces, owned), own[0].language)
        if seen is None:
            continue
        first, last = (own[number].position for number in seen.run)
        places = {(hit.item, position) for position in range(first, last + 1)}
        if not places & taken:
            taken |= places
            lines = {
                one.position: _line(one, seen.marks.get(one.position, ()))
                for one in around
                if first - CONTEXT <= one.position <= last + CONTEXT
            }
            yield (
                hit,
                Moment(
                    hit.kind,
                    meeting,
                    lines=[line for at, line in lines.items() if first <= at <= last],
                    before=[line for at, line in lines.items() if at < first],
                    after=[line for at, line in lines.items() if last < at],
                    end_ms=own[seen.run[1]].end_ms,
                ),
            )


class _Segment(NamedTuple):
    """A row of the transcript. A tuple, because a page reads hundreds of them."""

    transcript: int
    position: int
    language: str
    key: str
    speaker: str
    start_ms: int
    end_ms: int
    text: str


def _segments(hits: Sequence[Hit]) -> dict[tuple[int, int], _Segment]:
    """The segments around the hits, of transcripts that are current and in public. One query."""
    wanted = {
        (hit.item, position)
        for hit in hits
        for position in range(hit.first - CONTEXT, hit.tail + CONTEXT + 1)
    }
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        items, positions = zip(*sorted(wanted), strict=True)
        cursor.execute(_SEGMENTS, [[*items], [*positions], State.PUBLISHED])
        return {(row[0], row[1]): _Segment(*row) for row in cursor.fetchall()}


def _line(segment: _Segment, marks: Sequence[tuple[int, int]]) -> Line:
    return Line(
        parts_of(plain(segment.text), marks), segment.speaker, segment.start_ms, segment.key
    )


def _written(
    tree: Node, hits: Sequence[Hit], meetings: Mapping[int, Meeting]
) -> Iterator[tuple[Hit, Moment]]:
    rows = Article.objects.published().filter(pk__in={hit.item for hit in hits})
    articles = {row.pk: row for row in rows.prefetch_related("sentences")} if hits else {}
    for hit in hits:
        meeting, article = meetings.get(hit.meeting), articles.get(hit.item)
        if meeting is None or article is None:
            continue
        article.meeting = meeting
        lines = _shown(tree, texts_of(article), article.language)
        if lines:
            yield hit, Moment(hit.kind, meeting, lines, article=article)


def _planned(
    tree: Node, hits: Sequence[Hit], meetings: Mapping[int, Meeting]
) -> Iterator[tuple[Hit, Moment]]:
    rows = AgendaItem.objects.filter(pk__in={hit.item for hit in hits}) if hits else ()
    items = {row.pk: row for row in rows}
    spoken = agenda_languages({hit.meeting for hit in hits})
    for hit in hits:
        meeting, item = meetings.get(hit.meeting), items.get(hit.item)
        if meeting is None or item is None:
            continue
        lines = _shown(tree, [item.title], spoken.get(hit.meeting, settings.LANGUAGE_CODE))
        if lines:
            yield hit, Moment(hit.kind, meeting, [replace(lines[0], start_ms=item.start_ms)])


def _shown(tree: Node, texts: Sequence[str], language: str) -> list[Line]:
    """The lines of a text that match; none where nothing does."""
    seen = seen_in(tree, whole(texts), language)
    if seen is None:
        return []
    first, last = seen.run
    return [
        Line(parts_of(plain(texts[number]), seen.marks.get(number, ())))
        for number in range(first, last + 1)
    ]


@dataclass(frozen=True, slots=True)
class Seen:
    """Which segments of a passage to show, by number; what to mark there, by position."""

    run: Run
    marks: Mapping[int, Sequence[tuple[int, int]]]


def words_in(text: str) -> list[Token]:
    """The words of a segment where they stand in its plain text."""
    return tokens(plain(text))


def seen_in(
    tree: Node,
    passage: Passage,
    language: str,
    heard: Heard | None = None,
    *,
    words_in: Callable[[str], Sequence[Token]] = words_in,
    spans_of: SpansOf | None = None,
) -> Seen | None:
    """What to show of a passage that the index found. None where nothing in it meets the search
    (any more), or only others than the speaker asked for say the words.

    The last three save whoever holds many trees against it reading it again for each.
    """
    if not has_words(tree):
        return Seen((0, 0), {})
    reading = family(language)
    heard = heard or Heard.of(passage, reading)
    spans_of = spans_of or partial(spans, heard=heard, family=reading)
    found = runs(tree, heard, spans_of)
    if not found:
        return None
    # What begins in the passage itself is its own; a shorter stretch is easier to read.
    run = min(found, key=lambda run: (run[0] >= passage.owned, run[1] - run[0], run[0]))
    near = range(run[0] - CONTEXT, run[1] + CONTEXT + 1)
    marks: dict[int, list[list[int]]] = {}
    for span in occurrences(tree, heard, spans_of):
        for number, stretch in groupby(span, key=heard.pieces.__getitem__):
            if number in near:
                marks.setdefault(number, []).append([*stretch])
    places: dict[int, list[tuple[int, int]]] = {}
    for number, stretches in marks.items():
        piece, first = passage.pieces[number], heard.pieces.index(number)
        places[piece.position] = [*_places(words_in(piece.text), stretches, first)]
    return Seen(run, places)


def _places(
    where: Sequence[Token], stretches: Sequence[Sequence[int]], first: int
) -> Iterator[tuple[int, int]]:
    """Where words stand in a text, whose first word has this number: neighbors as one."""
    for words in stretches:
        start = words[0]
        for word, following in zip(words, [*words[1:], -1], strict=True):
            if following != word + 1:
                yield where[start - first].start, where[word - first].end
                start = following


def parts_of(text: str, marks: Sequence[tuple[int, int]]) -> list[Part]:
    """Text cut at its marks. Marks that overlap become one."""
    parts: list[Part] = []
    at = 0
    for start, end in _joined(marks):
        if at < start:
            parts.append(Part(text[at:start]))
        parts.append(Part(text[start:end], is_match=True))
        at = end
    if at < len(text) or not parts:
        parts.append(Part(text[at:]))
    return parts


def _joined(marks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
