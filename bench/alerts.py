"""Alerts: a new meeting against 100,000 and 1,000,000 of them, and against running each of them.

Method: hearings of `../shared/data` (`--data DIR` takes other captions) are published as meetings
of several bodies. Some of them are the new ones, which nobody who made an alert has heard. Alerts
are made from what was said in the others, which sat in the same house: two words that were said
close together, phrases, single words that are not common, alternatives, words near each other,
beginnings, words that are left out. Most have a word that was said rarely, as a name or a street
is, and one that fits anywhere now and then. Most are narrowed to one of 200 bodies, as people
follow their own town. Seven of ten have a search of
their own; the others share the searches of a few. Every alert belongs to a member.

Then the new hearings are matched, one after the other, and as the worst case the longest of the
others, which alerts quote by the thousand. `met` says how many searches each met. In the same run

- *ours*: words of the meeting, candidates from the database, and only these in full, with the
  moments and words that a match keeps. What writing the matches takes is told beside it;
- *naive*: every search is run against the same words of the meeting. Both must find the same.
  It comes second, so it finds what both ask for looked up already.

Beside the seconds stands what they took of a core, because other programs may have the machine at
the same time. Memory is what the process grew by while it matched. The budget is for 100,000
alerts: 2 s for one new meeting, the median of those matched. The last line is JSON.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench.alerts_made import made
from meetings.alerts.held import Held
from meetings.alerts.matching import hold, match, uncollected
from meetings.alerts.models import Match, StoredTree
from meetings.alerts.stored import candidates, read_tree
from meetings.intake.repairs import Refused, repair
from meetings.records.models import Body, Meeting, Place, State
from meetings.search.documents import texts
from meetings.transcripts import live
from meetings.transcripts import services as transcripts
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions

BUDGET_S, BUDGET_FOR = 2.0, 100_000
BODIES = 200
Figures = dict[str, Any]  # as they are printed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="2,000 alerts, one meeting")
    parser.add_argument("--sizes", default="100000,1000000", help="numbers of alerts, with commas")
    parser.add_argument("--meetings", type=int, default=5, help="how many are matched")
    parser.add_argument("--data", type=Path, metavar="DIR", help="other captions")
    asked = parser.parse_args()
    sizes = [2_000] if asked.quick else [int(size) for size in asked.sizes.split(",")]
    sample = asked.data or Path(settings.SAMPLE_DATA) / "captions" / "ca-legislature"
    if not sample.is_dir():
        print(json.dumps({"name": "alerts", "skipped": f"no captions at {sample}", "ok": True}))
        return 0
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    with connection.cursor() as cursor:  # while alerts are stored; what is measured only reads
        cursor.execute("SET synchronous_commit TO off")
    try:
        results = list(grown(sample, sizes, 1 if asked.quick else asked.meetings))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    return told(results)


def grown(sample: Path, sizes: Sequence[int], count: int) -> Iterator[Figures]:
    """The figures at each size."""
    chance = random.Random(8)
    hearings = sorted(published(sample), key=lambda one: -len(one[1]))
    step = max(2, len(hearings) // count)
    new, drawn_from = (
        hearings[::step][:count],
        [one for n, one in enumerate(hearings) if n % step or n // step >= count],
    )
    said = [list(text) for _meeting, text in drawn_from]
    there = 0
    for size in sizes:
        started = time.perf_counter()
        made(size - there, said, chance, bodies=BODIES)
        there = size
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        trees = StoredTree.objects.count()
        print(f"{size:,} alerts of {trees:,} searches in {time.perf_counter() - started:,.0f} s")
        yield {
            "alerts": size,
            "searches": trees,
            "meetings": [against(meeting) for meeting, _text in new],
            "worst": against(drawn_from[0][0]),
        }
        Match.objects.all().delete()
        connection.cursor().execute("DELETE FROM meetings_round")


def published(sample: Path) -> Iterator[tuple[Meeting, Sequence[str]]]:
    """The hearings, each as a meeting of today, and its lines."""
    place = Place.objects.create(slug="bench", name="Bench", level="state")
    bodies = [
        Body.objects.create(slug=f"bench-{n}", place=place, name=f"Board {n}")
        for n in range(BODIES)
    ]
    now = timezone.now()
    for number, file in enumerate(sorted(sample.glob("*.vtt"))):
        try:
            cues = repair(read(file.read_bytes(), file.name)).cues
        except (NotCaptions, Refused):
            continue
        spoken = live.utterances(cues)
        meeting = Meeting.objects.create(
            body=bodies[number % BODIES],
            title=f"Hearing {number}",
            slug="hearing",
            held_on=now.date() - timedelta(days=1),
            state=State.PUBLISHED,
            published_at=now,
        )
        transcripts.add_version(
            meeting=meeting, language="en", source_format="webvtt", utterances=spoken
        )
        yield meeting, [one.text for one in spoken]


def against(meeting: Meeting) -> Figures:
    """One meeting against all alerts, both ways."""
    meeting = Meeting.objects.select_related("body__place").get(pk=meeting.pk)
    before = memory()
    started, worked = time.perf_counter(), time.process_time()
    held = hold(meeting, [*texts(meeting)])
    words = held.words
    at_hold = time.perf_counter()
    picked = list(candidates(words))
    at_picked = time.perf_counter()
    met = ran(held, picked)
    at_ran, work = time.perf_counter(), time.process_time() - worked
    grew = memory() - before
    every = list(StoredTree.objects.values_list("pk", "canonical"))
    at_naive = time.perf_counter()
    naive = ran(held, every)
    naive_s = time.perf_counter() - at_naive
    at_whole = time.perf_counter()
    matches = match(meeting=meeting.pk, changed_at=timezone.now(), now=timezone.now())
    figures: Figures = {
        "passages": len(held.texts),
        "words": len(words),
        "candidates": len(picked),
        "met": len(met),
        "hold_s": round(at_hold - started, 3),
        "pick_s": round(at_picked - at_hold, 3),
        "run_s": round(at_ran - at_picked, 3),
        "total_s": round(at_ran - started, 3),
        "total_core_s": round(work, 3),
        "naive_s": round(naive_s, 3),
        "times": round(naive_s / (at_ran - at_hold), 1),
        "memory_mb": round(grew / 2**20, 1),
        "with_writing_s": round(time.perf_counter() - at_whole, 3),
        "matches": matches,
        "agrees": met == naive,
    }
    print("  ".join(f"{name} {value}" for name, value in figures.items()))
    return figures


def ran(held: Held, trees: Sequence[tuple[int, str]]) -> set[int]:
    """The numbers of the trees that the meeting meets."""
    most = settings.ALERT_MOMENTS_A_MEETING
    with uncollected():
        return {pk for pk, text in trees if held.met(read_tree(text), most=most) is not None}


def memory() -> int:
    """Bytes that the process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def told(results: list[Figures]) -> int:
    seconds = {
        one["alerts"]: statistics.median(meeting["total_s"] for meeting in one["meetings"])
        for one in results
    }
    agrees = all(
        meeting["agrees"] for one in results for meeting in [*one["meetings"], one["worst"]]
    )
    in_time = all(took <= BUDGET_S for size, took in seconds.items() if size <= BUDGET_FOR)
    candidates_of = Counter(
        {one["alerts"]: sum(m["candidates"] for m in one["meetings"]) for one in results}
    )
    print(
        json.dumps(
            {
                "name": "alerts",
                "results": results,
                "median_s": seconds,
                "candidates": candidates_of,
                "budget": {"seconds_for_100000": BUDGET_S},
                "ok": agrees and in_time,
            }
        )
    )
    return 0 if agrees and in_time else 1


if __name__ == "__main__":
    sys.exit(main())
