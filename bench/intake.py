"""Intake: how fast captions become stored segments, against a bare COPY of the same rows.

Method: one WebVTT file of a long hearing is made (12,000 cues, `--quick` 3,000), or every caption
file under `--data DIR` is taken. Three things are timed in turn, in one run, five rounds each of
which the best counts:

- *whole way*: what `import_meeting` does from the bytes of a file to the committed rows: reading,
  repairing, cutting into segments, the record of the import, storing;
- *storing*: the last part of it, from segments in memory to rows in PostgreSQL: versions, speakers,
  keys, and a COPY into the table with its indexes and constraints. The budget is for this part;
- *bare COPY*: the very rows that were stored, as prepared text, into an empty table of the same
  columns without indexes and constraints.

The last line is JSON.
"""

import argparse
import json
import os
import random
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.db import connection, transaction
from django.utils import timezone

from meetings.intake import services
from meetings.intake.parcels import Parcel
from meetings.intake.repairs import Refused, repair
from meetings.records.models import Body, Place
from meetings.transcripts import live
from meetings.transcripts import services as transcripts
from meetings.transcripts.formats import read
from meetings.transcripts.models import Segment, Transcript

BUDGET = 20_000  # segments a second
ROUNDS = 5
TABLE, TRANSCRIPTS = Segment._meta.db_table, Transcript._meta.db_table
COLUMNS = "transcript_id, position, key, speaker_id, start_ms, end_ms, text, confidence"
WORDS = (
    "the", "council", "water", "budget", "motion", "street", "public", "hearing", "vote",
    "amendment", "second", "resident", "department", "million", "program", "report", "chair",
    "question", "plan", "county", "service", "year",
)  # fmt: skip


def hearing(cues: int, seed: int) -> bytes:
    """A WebVTT file with eight speakers, each cue a sentence of ten to twenty words."""
    chance = random.Random(seed)
    lines, at = ["WEBVTT", ""], 0
    for number in range(cues):
        words = " ".join(chance.choices(WORDS, k=chance.randint(10, 20)))
        end = at + 4_000
        lines += [
            f"{_clock(at)} --> {_clock(end)}",
            f"<v Speaker {number // 7 % 8}>{words.capitalize()}.",
            "",
        ]
        at = end + 200
    return "\n".join(lines).encode()


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


class Undone(Exception):
    """Ends a round without a trace."""


@dataclass
class Round:
    """Seconds of each part, and what was stored."""

    whole: float = 0.0
    storing: float = 0.0
    segments: int = 0
    cues: int = 0
    rows: bytes = b""


def intake_round(body: Body, files: dict[str, bytes]) -> Round:
    """Take all files in, store their segments once more as new versions, read the rows out."""
    result = Round()
    try:
        with transaction.atomic():
            for name, data in files.items():
                parcel = Parcel(
                    name=name,
                    body=body.slug,
                    place="",
                    title=name[:200],
                    held_on=date(2026, 1, 1),
                    language="en",
                    agenda=None,
                    captions_name=name,
                    captions=data,
                )
                try:
                    begun = time.perf_counter()
                    taken = services.take_in(parcel=parcel, by=None, now=timezone.now())
                except Refused as refusal:
                    print(f"not counted: {name}: {refusal}", file=sys.stderr)
                    continue
                result.whole += time.perf_counter() - begun
                result.segments += taken.segment_count
                result.cues += taken.cue_count
                utterances = live.utterances(repair(read(data, name)).cues)
                begun = time.perf_counter()
                transcripts.add_version(
                    meeting=taken.meeting,
                    language="en",
                    source_format="webvtt",
                    utterances=utterances,
                )
                result.storing += time.perf_counter() - begun
            current = (
                f"SELECT {COLUMNS} FROM {TABLE} WHERE transcript_id IN "  # noqa: S608 - names of our own
                f"(SELECT id FROM {TRANSCRIPTS} WHERE is_current)"
            )
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY ({current}) TO STDOUT") as out,
            ):
                result.rows = b"".join(bytes(row) for row in out)
            raise Undone
    except Undone:
        return result


def bare_round(rows: bytes) -> float:
    """Seconds that a COPY of the same rows takes into a table that checks nothing."""
    spent = 0.0
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE bare AS SELECT {COLUMNS} FROM {TABLE} LIMIT 0")  # noqa: S608 - as above
            begun = time.perf_counter()
            with cursor.copy(f"COPY bare ({COLUMNS}) FROM STDIN") as into:
                into.write(rows)
            spent = time.perf_counter() - begun
            raise Undone
    except Undone:
        return spent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a small size")
    parser.add_argument("--data", type=Path, metavar="DIR", help="caption files to take instead")
    asked = parser.parse_args()
    if asked.data:
        paths = [path for path in sorted(asked.data.rglob("*.vtt")) if path.stat().st_size > 1_000]
        files = {path.name: path.read_bytes() for path in paths}
    else:
        files = {"hearing.vtt": hearing(3_000 if asked.quick else 12_000, seed=1)}
    place, _ = Place.objects.get_or_create(slug="bench", name="Bench", level="city")
    body, _ = Body.objects.get_or_create(slug="bench", defaults={"place": place, "name": "Bench"})

    whole = storing = bare = float("inf")
    one = Round()
    for _round in range(ROUNDS):
        one = intake_round(body, files)
        whole, storing = min(whole, one.whole), min(storing, one.storing)
        bare = min(bare, bare_round(one.rows))
    rate, bare_rate = one.segments / storing, one.segments / bare
    ok = rate >= BUDGET
    print(f"storing:   {rate:>10,.0f} segments/s ({one.segments:,} segments)")
    print(f"bare COPY: {bare_rate:>10,.0f} segments/s, the same rows; {bare_rate / rate:.1f} times")
    print(f"whole way: {one.segments / whole:>10,.0f} segments/s, {one.cues / whole:,.0f} cues/s")
    figures = {
        "name": "intake",
        "segments": one.segments,
        "segments_per_second": round(rate),
        "bare_copy_per_second": round(bare_rate),
        "bare_copy_ratio": round(bare_rate / rate, 1),
        "whole_way_segments_per_second": round(one.segments / whole),
        "whole_way_cues_per_second": round(one.cues / whole),
        "budget": {"segments_per_second": BUDGET},
        "ok": ok,
    }
    print(json.dumps(figures))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
