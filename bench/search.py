"""Search: phrases in millions of segments, against raw tantivy, PostgreSQL and SQLite.

Method: a corpus is stored as published meetings of 2,000 segments each, in a database of its own.
Its segments are those of real hearings with their words shuffled (`--data FILE` takes a real
corpus: tab-separated meeting, position, start, end, speaker, text). Then, in one run and on the
same passages, four engines get the same searches:

- *ours*, end to end: from the text that is typed to a page of moments, read from the database and
  marked. What `rebuild_index` does is timed too;
- *raw tantivy*: the same index, the first 20 hits of the plain query;
- *PostgreSQL*: full text with a GIN index, the 20 best by `ts_rank`;
- *SQLite*: FTS5, the 20 best by its rank (BM25).

Each search is run once before it counts. Beside the seconds of the build stands what it took of a
core, because other programs may have the machine at the same time. `--sizes 500000,4000000` grows
the corpus and measures at each size; the budgets are for the last. The last line is JSON.
"""

import argparse
import json
import os
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.conf import settings
from django.db import connection

from bench._search_corpus import A_MEETING, Questions, from_file, shuffled, stored
from bench._search_rivals import others
from meetings.search.building import rebuild
from meetings.search.compiling import compiled
from meetings.search.finding import search
from meetings.search.folder import Folder
from meetings.search.hits import Question, facets
from meetings.search.parsing import parse
from meetings.search.reading import Reader
from meetings.transcripts.utterances import Utterance

P95_MS, TIMES_POSTGRES, SEGMENTS_A_SECOND = 50, 10, 15_000
PHRASES = "four-word phrases"
CLIENTS = 8
Engine = Callable[[str], object]
Figures = dict[str, Any]  # as they are printed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="100,000 segments")
    parser.add_argument("--sizes", default="4000000", help="numbers of segments, with commas")
    parser.add_argument("--data", type=Path, metavar="FILE", help="a real corpus")
    parser.add_argument("--threads", type=int, default=1, help="threads that write the index")
    asked = parser.parse_args()
    sizes = [100_000] if asked.quick else [int(size) for size in asked.sizes.split(",")]
    sample = Path(settings.SAMPLE_DATA) / "captions" / "ca-legislature"
    if not asked.data and not sample.is_dir():
        print(json.dumps({"name": "search", "skipped": f"no captions at {sample}", "ok": True}))
        return 0
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    with connection.cursor() as cursor:  # while the corpus is stored; nothing measured writes
        cursor.execute("SET synchronous_commit TO off")
    try:
        corpus = from_file(asked.data) if asked.data else shuffled(sample, sizes[-1], seed=4)
        with tempfile.TemporaryDirectory() as scratch:
            results = list(grown(corpus, sizes, Path(scratch), asked.threads))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    return told(results, "a real one" if asked.data else "real segments with shuffled words")


def grown(
    corpus: Iterator[list[Utterance]], sizes: Sequence[int], scratch: Path, threads: int
) -> Iterator[Figures]:
    """The figures at each size."""
    questions, count, number, postgres_at = Questions(), 0, 0, 0
    lite = sqlite3.connect(scratch / "fts.db", check_same_thread=False)
    for size in sizes:
        more = islice(corpus, -(-(size - count) // A_MEETING))
        started = time.perf_counter()
        count += stored(more, questions, number)
        number = -(-count // A_MEETING)
        print(f"{count:,} segments stored in {time.perf_counter() - started:,.0f} s")
        folder = Folder(scratch / "index")
        started, worked = time.perf_counter(), time.process_time()
        built = rebuild(folder, threads=threads)
        seconds, work = time.perf_counter() - started, time.process_time() - worked
        print(
            f"ours: built in {seconds:,.0f} s, {count / seconds:,.0f} segments/s;"
            f" {work:,.0f} s of a core, {count / work:,.0f} segments/s of it"
        )
        disk = {"ours": sum(file.stat().st_size for file in built.folder.iterdir())}
        builds = {"ours": seconds}
        builds["postgres"], builds["sqlite"], postgres_at = others(lite, postgres_at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size('bench_passages_words')")
            disk["postgres GIN alone"] = cursor.fetchone()[0]
        disk["sqlite"] = (scratch / "fts.db").stat().st_size
        engines = engines_over(Reader(folder), lite)
        asked = questions.sets(200, random.Random(count))
        timings = {kind: compare(kind, searches, engines) for kind, searches in asked.items()}
        rates = {
            f"{who}, {clients} at once": a_second(engines[who], asked[PHRASES], clients)
            for who in ("ours", "postgres")
            for clients in (1, CLIENTS)
        }
        timings["facets of single words"] = {
            "ours": spread(counting(Reader(folder)), asked["single words"])
        }
        yield {
            "segments": count,
            "passages": built.documents,
            "segments_per_second": round(count / seconds),
            "segments_per_core_second": round(count / work),
            "build_seconds": {who: round(took, 1) for who, took in builds.items()},
            "bytes": disk,
            "ms": timings,
            "searches_per_second": rates,
        }
    lite.close()


def counting(reader: Reader) -> Engine:
    """The facets of a search, which the page asks for beside its moments."""
    return lambda typed: facets(reader.open(), question(typed))


def question(typed: str) -> Question:
    tree = parse(typed).tree
    assert tree is not None, typed
    return Question(tree)


def engines_over(reader: Reader, lite: sqlite3.Connection) -> dict[str, Engine]:
    def ours(typed: str) -> object:
        return search(reader.open(), question(typed))

    def raw(typed: str) -> object:
        opened = reader.open()
        query = compiled(question(typed).tree, families=opened.families)
        return opened.searcher.search(query, limit=20)

    def postgres(typed: str) -> object:
        words, narrowed = without_fields(typed)
        words = words.replace("(", "").replace(")", "").replace(" OR ", " or ")
        where = "words @@ websearch_to_tsquery('english', %s)"
        where += " AND body = %s AND day >= '2015-01-01'" if narrowed else ""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT text FROM bench_passages WHERE " + where + " ORDER BY"  # noqa: S608 - ours
                " ts_rank(words, websearch_to_tsquery('english', %s)) DESC LIMIT 20",
                [words, *narrowed, words],
            )
            return cursor.fetchall()

    def sqlite(typed: str) -> object:
        words, narrowed = without_fields(typed)
        if not words.startswith('"'):  # an apostrophe or a point means something here
            words = re.sub(
                r"[^\s()-]+", lambda word: word[0] if word[0] == "OR" else f'"{word[0]}"', words
            )
            words = words.replace(" -", " NOT ").replace(") ", ") AND ")
        where = "passages MATCH ?" + (" AND body = ? AND day >= '2015'" if narrowed else "")
        text = "SELECT text FROM passages WHERE " + where + " ORDER BY rank LIMIT 20"  # noqa: S608 - ours
        with closing(lite.execute(text, [words, *narrowed])) as rows:
            return rows.fetchall()

    return {"ours": ours, "raw tantivy": raw, "postgres": postgres, "sqlite": sqlite}


def without_fields(typed: str) -> tuple[str, list[str]]:
    """The words of a search, and the body that it is narrowed to."""
    words, _, narrowed = typed.partition(" body:/")
    return words, [narrowed.split()[0]] if narrowed else []


def compare(kind: str, searches: Sequence[str], engines: dict[str, Engine]) -> Figures:
    found = {who: spread(engine, searches) for who, engine in engines.items()}
    for who, ms in found.items():
        figures = "  ".join(f"{name} {took:8.2f}" for name, took in ms.items())
        print(f"{kind:>18}, {who:>11}: {figures} ms")
    return found


def spread(engine: Engine, searches: Sequence[str]) -> dict[str, float]:
    """Milliseconds of the searches, each asked a second time."""
    took = []
    for typed in searches:
        engine(typed)
        started = time.perf_counter()
        engine(typed)
        took.append(1_000 * (time.perf_counter() - started))
    took.sort()
    return {f"p{n}": round(took[min(len(took) - 1, len(took) * n // 100)], 2) for n in (50, 95, 99)}


def a_second(engine: Engine, searches: Sequence[str], clients: int) -> float:
    """Searches a second with so many clients at once, each in a thread with its own connection."""

    def client(share: Sequence[str]) -> None:
        for typed in share:
            engine(typed)
        if clients > 1:
            connection.close()

    started = time.perf_counter()
    if clients == 1:
        client(searches)
    else:
        with ThreadPoolExecutor(clients) as threads:
            list(threads.map(client, [searches[n::clients] for n in range(clients)]))
    return round(len(searches) / (time.perf_counter() - started), 1)


def told(results: list[Figures], corpus: str) -> int:
    last = results[-1]
    phrases = last["ms"][PHRASES]
    ratio = phrases["postgres"]["p95"] / phrases["ours"]["p95"]
    budget = {
        "phrase_p95_ms": P95_MS,
        "times_postgres": TIMES_POSTGRES,
        "segments_per_second": SEGMENTS_A_SECOND,
    }
    ok = (
        phrases["ours"]["p95"] <= P95_MS
        and ratio >= TIMES_POSTGRES
        and last["segments_per_second"] >= SEGMENTS_A_SECOND
    )
    figures = {
        "name": "search",
        "corpus": corpus,
        "phrase_p95_ms": phrases["ours"]["p95"],
        "times_postgres": round(ratio, 1),
        "segments_per_second": last["segments_per_second"],
        "sizes": results,
        "budget": budget,
        "ok": ok,
    }
    print(json.dumps(figures))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
