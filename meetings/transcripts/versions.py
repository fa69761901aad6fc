"""Versions in the database: read as lines, and made from one another by one INSERT … SELECT."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from django.db import connection

from .lines import Line
from .models import Segment, Speaker, Transcript
from .patches import Patch

NOBODY = -1  # stands for a speaker that is NULL where two are compared

_TABLE = Segment._meta.db_table
# What a row has of its own. A column that is added to Segment is copied with the others.
_OWN = tuple(
    str(field.column)
    for field in Segment._meta.concrete_fields
    if field.column not in {"id", "transcript_id", "position", "speaker_id"}
)
_COLUMNS = ", ".join(("transcript_id", "position", "speaker_id", *_OWN))
# What is written for a row that is new, and as what it comes.
_WRITTEN = {
    "key": "text",
    "start_ms": "integer",
    "end_ms": "integer",
    "text": "text",
    "confidence": "float",
    "word_starts_ms": "integer[]",
    "word_confidences": "smallint[]",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A version's lines, whose ids are keys, and the position of each."""

    lines: list[Line]
    positions: dict[str, int]


def stored(transcript: Transcript) -> Stored:
    """All lines of a version in order. One query."""
    rows = (
        Segment.objects.filter(transcript=transcript)
        .in_order()
        .values_list("position", "key", "start_ms", "end_ms", "text", "speaker__name", "confidence")
    )
    lines, positions = [], {}
    for position, key, start_ms, end_ms, text, speaker, confidence in rows:
        lines.append(Line(key, start_ms, end_ms, text, speaker or "", confidence))
        positions[key] = position
    return Stored(lines, positions)


def with_words(transcript: Transcript, lines: list[Line], ids: Collection[str]) -> list[Line]:
    """The lines, those of these ids with what is known of their words. One query.

    Only what is edited needs it; the rest is copied inside the database.
    """
    rows = Segment.objects.filter(transcript=transcript, key__in=ids, word_starts_ms__isnull=False)
    known = {
        key: (tuple(starts or ()), tuple(sure or ()))
        for key, starts, sure in rows.values_list("key", "word_starts_ms", "word_confidences")
    }
    return [
        replace(line, word_starts=known[line.id][0], word_confidences=known[line.id][1])
        if line.id in known
        else line
        for line in lines
    ]


def copy(*, base: Transcript, to: Transcript, patch: Patch, speakers: Mapping[str, int]) -> None:
    """Fill the version `to` with the rows of `base` and what the patch says. One statement.

    `speakers` has the id of each name that the patch uses. Rows are numbered anew, from 1.
    """
    own = ", ".join(f"row.{column}" for column in _OWN)
    given = ", ".join(
        f"new.{column}::{_WRITTEN[column]}" if column in _WRITTEN else "NULL" for column in _OWN
    )
    statement = f"""
        INSERT INTO {_TABLE} ({_COLUMNS})
        SELECT %s, row_number() OVER (ORDER BY row.place, row.part), row.speaker_id, {own}
        FROM (
            SELECT old.position AS place, 0 AS part,
                CASE WHEN assigned.position IS NOT NULL THEN nullif(assigned.now, {NOBODY})
                     WHEN renamed.was IS NOT NULL THEN nullif(renamed.now, {NOBODY})
                     ELSE old.speaker_id END AS speaker_id,
                {", ".join(f"old.{column}" for column in _OWN)}
            FROM {_TABLE} old
            LEFT JOIN unnest(%s::bigint[], %s::bigint[]) AS renamed (was, now)
                ON renamed.was = coalesce(old.speaker_id, {NOBODY})
            LEFT JOIN unnest(%s::integer[], %s::bigint[]) AS assigned (position, now)
                ON assigned.position = old.position
            WHERE old.transcript_id = %s
              AND NOT EXISTS (
                SELECT FROM unnest(%s::integer[]) AS gone (position)
                WHERE gone.position = old.position)
            UNION ALL
            SELECT new.place, new.part, nullif(new.speaker_id, {NOBODY}), {given}
            FROM unnest(
                %s::integer[], %s::integer[], %s::bigint[],
                %s::text[], %s::integer[], %s::integer[], %s::text[], %s::float[],
                %s::text[], %s::text[]
            ) AS new (place, part, speaker_id, {", ".join(_WRITTEN)})
        ) AS row
    """  # noqa: S608 - names of our own columns; every value is a parameter

    def who(name: str) -> int:
        return speakers[name] if name else NOBODY

    lines = [written.line for written in patch.written]
    values = (
        to.pk,
        [who(name) for name in patch.renamed],
        [who(name) for name in patch.renamed.values()],
        list(patch.assigned),
        [who(name) for name in patch.assigned.values()],
        base.pk,
        patch.gone,
        [written.place for written in patch.written],
        [written.part for written in patch.written],
        [who(line.speaker) for line in lines],
        [line.id for line in lines],
        [line.start_ms for line in lines],
        [line.end_ms for line in lines],
        [line.text for line in lines],
        [line.confidence for line in lines],
        [_array(line.word_starts) for line in lines],
        [_array(line.word_confidences) for line in lines],
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _array(numbers: Collection[int]) -> str | None:
    """An array as PostgreSQL reads it from text: arrays of arrays have one length for all."""
    return "{" + ",".join(map(str, numbers)) + "}" if numbers else None


def ids_of(meeting_id: int, names: Collection[str]) -> dict[str, int]:
    """The id of each speaker of the meeting by name; who is new is added."""
    Speaker.objects.bulk_create(
        (Speaker(meeting_id=meeting_id, name=name) for name in sorted(names)),
        ignore_conflicts=True,
    )
    rows = Speaker.objects.filter(meeting_id=meeting_id, name__in=names)
    return dict(rows.values_list("name", "pk"))
