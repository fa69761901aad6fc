"""Intake: how fast captions become stored segments, against a bare COPY of the same rows.

Method: one WebVTT file of a long hearing is made (12,000 cues, `--quick` 3,000), or every caption
file under `--data DIR` is taken. Each goes the whole way that `import_meeting` goes: reading,
repairing, cutting into segments, keys, storing, in one transaction. Then the very rows that were
stored are read out and put into an empty table of the same columns, without indexes and
constraints, by one COPY of prepared text. The best of five rounds counts for both, in turn, in one
run. The last line is JSON.
"""

import argparse
import json
import os
import random
import sys
import time
from datetime import date
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - Django is set up first
from django.utils import timezone  # noqa: E402

from meetings.intake import services  # noqa: E402
from meetings.intake.parcels import Parcel  # noqa: E402
from meetings.records.models import Body, Place  # noqa: E402
from meetings.transcripts.models import Segment  # noqa: E402

BUDGET = 20_000  # segments a second
ROUNDS = 5
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


def intake_round(body: Body, files: dict[str, bytes]) -> tuple[float, int, list[bytes]]:
    """Seconds, segments, and the rows as COPY text, of taking all files in."""
    taken: list[services.Taken] = []
    rows: list[bytes] = []
    spent = 0.0
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
                begun = time.perf_counter()
                taken.append(services.take_in(parcel=parcel, by=None, now=timezone.now()))
                spent += time.perf_counter() - begun
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY {Segment._meta.db_table} ({COLUMNS}) TO STDOUT") as out,
            ):
                rows = [bytes(row) for row in out]
            raise Undone
    except Undone:
        return spent, sum(each.segment_count for each in taken), rows


def bare_round(rows: list[bytes]) -> float:
    """Seconds that a COPY of the same rows takes into a table that checks nothing."""
    spent = 0.0
    whole = b"".join(rows)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE bare AS SELECT {COLUMNS} FROM {Segment._meta.db_table} LIMIT 0"  # noqa: S608 - names of our own
            )
            begun = time.perf_counter()
            with cursor.copy(f"COPY bare ({COLUMNS}) FROM STDIN") as into:
                into.write(whole)
            spent = time.perf_counter() - begun
            raise Undone
    except Undone:
        pass
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

    ours, bare, count = float("inf"), float("inf"), 0
    for _round in range(ROUNDS):
        spent, count, rows = intake_round(body, files)
        ours = min(ours, spent)
        bare = min(bare, bare_round(rows))
    rate, bare_rate = count / ours, count / bare
    ok = rate >= BUDGET
    print(f"intake:    {rate:>10,.0f} segments/s, from file to table ({count:,} segments)")
    print(f"bare COPY: {bare_rate:>10,.0f} segments/s, the same rows")
    print(f"intake is {bare_rate / rate:.1f} times slower than a bare COPY of the same rows")
    print(
        json.dumps(
            {
                "name": "intake",
                "segments": count,
                "segments_per_second": round(rate),
                "bare_copy_per_second": round(bare_rate),
                "bare_copy_ratio": round(bare_rate / rate, 1),
                "budget": {"segments_per_second": BUDGET},
                "ok": ok,
            }
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
