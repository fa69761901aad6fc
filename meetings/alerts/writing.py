"""Writing matches: each moment goes to the database once, and meets there all who asked for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection

from meetings.records.models import Meeting, State
from meetings.search.tree import Kind

from .held import Met
from .models import Alert, Match, Stage

_FOUND = """
    CREATE TEMPORARY TABLE alerts_found (
        tree_id bigint, number integer, article_id bigint, source text, text_hash text,
        first_key text, last_key text, start_ms integer, end_ms integer, speaker text,
        lines jsonb, more integer
    ) ON COMMIT DROP
"""
_COLUMNS = (
    "article_id, source, text_hash, first_key, last_key, start_ms, end_ms, speaker, lines, more"
)
# The alerts are held until the transaction ends, in the order of their numbers: one that is deleted
# meanwhile would undo the matches of all the others.
_FOR_EACH = f"""
    WITH asking AS MATERIALIZED (
        {{asking}} AND tree_id IN (SELECT tree_id FROM alerts_found)
        ORDER BY id FOR KEY SHARE OF {Alert._meta.db_table}
    )
    INSERT INTO {Match._meta.db_table} (alert_id, meeting_id, stage, found_at, {_COLUMNS})
    SELECT asking.id, %s, %s, %s, {_COLUMNS}
    FROM alerts_found JOIN asking USING (tree_id)
    ORDER BY asking.id, number
    ON CONFLICT (alert_id, meeting_id, text_hash) DO NOTHING
"""  # noqa: S608 - only names of tables are put in, and Django's own text of a query


def write(
    meeting: Meeting, met: Mapping[int, Met], ours: Collection[tuple[Kind, int]], *, now: datetime
) -> int:
    """Write the matches of all who asked and read as members now, and say how many are new.

    `met` has the moments of each stored tree by its number; of these, those in texts of `ours` are
    written. The caller holds the transaction open.
    """
    stage = Stage.BEFORE if meeting.state == State.ANNOUNCED else Stage.AFTER
    asking, given = (
        Alert.objects.running().of_members(at=now).values("id", "tree_id").query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(_FOUND)
        with cursor.copy(f"COPY alerts_found (tree_id, number, {_COLUMNS}) FROM STDIN") as copy:
            for tree, found in met.items():
                here = [one for one in found.moments if (one.text.kind, one.text.item) in ours]
                for number, one in enumerate(here, start=1):
                    kind = one.text.kind
                    copy.write_row(
                        (
                            *(tree, number, one.text.item if kind is Kind.ARTICLES else None),
                            *(kind.value, one.text_hash, one.first_key, one.last_key),
                            *(one.start_ms, one.end_ms, one.speaker, json.dumps(one.lines)),
                            found.more if number == len(here) else 0,
                        )
                    )
        cursor.execute("ANALYZE alerts_found")
        cursor.execute(_FOR_EACH.format(asking=asking), [*given, meeting.pk, stage, now])
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE alerts_found")
        return count
