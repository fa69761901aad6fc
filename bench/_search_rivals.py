"""What other engines are given to search: the same passages, in PostgreSQL and SQLite."""

import sqlite3
import time

from django.db import connection

from meetings.search.documents import pieces
from meetings.search.passages import TAIL_WORDS, Passage, passages
from meetings.transcripts.models import Transcript


def others(lite: sqlite3.Connection, after: int) -> tuple[float, float, int]:
    """Give PostgreSQL and SQLite the passages of newer transcripts; seconds that each took."""
    postgres = sqlite = 0.0
    lite.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS passages USING fts5"
        "(text, body UNINDEXED, day UNINDEXED, tokenize='porter unicode61')"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_passages"
            " (body text, day text, text text, words tsvector)"
        )
        cursor.execute("DROP INDEX IF EXISTS bench_passages_words")
        newer = Transcript.objects.filter(pk__gt=after).select_related("meeting__body")
        for transcript in newer.order_by("pk").iterator():
            after = transcript.pk
            body, day = transcript.meeting.body.slug, transcript.meeting.held_on.isoformat()
            cut = [as_spoken(p) for p in passages(pieces(transcript))]
            rows = [(text, body, day) for text in cut]
            started = time.perf_counter()
            cursor.execute(
                "INSERT INTO bench_passages SELECT %s, %s, t, to_tsvector('english', t)"
                " FROM unnest(%s::text[]) AS t",
                [body, day, cut],
            )
            postgres += time.perf_counter() - started
            started = time.perf_counter()
            lite.executemany("INSERT INTO passages VALUES (?, ?, ?)", rows)
            sqlite += time.perf_counter() - started
        started = time.perf_counter()
        cursor.execute("CREATE INDEX bench_passages_words ON bench_passages USING gin (words)")
        cursor.execute("ANALYZE")
        postgres += time.perf_counter() - started
    lite.commit()
    return postgres, sqlite, after


def as_spoken(passage: Passage) -> str:
    """The text of what the index is given, for engines that cut and stem by themselves."""
    tail = [word for said in passage.said[passage.owned :] for word in said]
    own = [piece.text for piece in passage.pieces[: passage.owned]]
    return "\n".join([*own, " ".join(tail[:TAIL_WORDS])])
