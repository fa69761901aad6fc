"""Public pages: the article's requests a second, against an empty view of Django.

Method: two servers, each granian with two workers over WSGI, are loaded by wrk in turn, three
rounds of five seconds each (`--quick`: one of two seconds). One is the site with the demonstration
article, asked as a visitor without a session, warm. The other is a Django with no middleware and
one view that answers 20 kB. The best round counts for both; what is compared is their ratio, in
one run. Cold, the article's queries are counted with the page cache empty. The last line is JSON.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parent.parent
BUDGET_RATIO, BUDGET_QUERIES = 0.5, 8
WRK = shutil.which("wrk")
EMPTY = "bench._empty_view:application"
SITE = "portal.wsgi:application"


GRANIAN = [
    str(Path(sys.executable).with_name("granian")),
    *("--interface", "wsgi", "--host", "127.0.0.1", "--workers", "2", "--no-ws"),
    *("--log-level", "error"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """granian on loopback with two workers; stopped when the block ends."""

    def __init__(self, target: str) -> None:
        self.port = free_port()
        environment = {
            **os.environ,
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "PYTHONPATH": str(ROOT),
        }
        self.process = subprocess.Popen(
            [*GRANIAN, "--port", str(self.port), target],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        for _try in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError("The server did not start.")

    def __exit__(self, *_why: object) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=20)

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return len(answer.read())

    def load(self, path: str, seconds: int) -> float:
        """Requests a second under wrk with 32 connections. Any answer but 2xx ends the run."""
        report = subprocess.run(
            [str(WRK), "-t1", "-c32", f"-d{seconds}s", f"http://127.0.0.1:{self.port}{path}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        if "Non-2xx" in report:
            raise RuntimeError(report)
        found = re.search(r"Requests/sec:\s*([\d.]+)", report)
        if found is None:
            raise RuntimeError(report)
        return float(found[1])


def prepare() -> tuple[str, int]:
    """Load the demonstration; the article's path, and how many queries it takes cold."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from meetings.articles.models import Article

    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_demo", verbosity=0, stdout=sys.stderr)
    path = Article.objects.published().latest("id").get_absolute_url()
    cache.clear()
    host = settings.SITE_URL.split("//")[1]
    client = Client(headers={"host": host})
    with CaptureQueriesContext(connection) as queries:
        if client.get(path).status_code != 200:
            raise RuntimeError(f"{path} does not answer.")
    connection.close()
    return path, len(queries)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--data", type=Path, metavar="DIR", help="not used here")
    asked = parser.parse_args()
    if WRK is None:
        print("wrk is needed to measure: apt-get install wrk", file=sys.stderr)
        return 2
    rounds, seconds = (1, 2) if asked.quick else (3, 5)
    path, queries = prepare()
    article = empty = 0.0
    with Server(SITE) as site, Server(EMPTY) as bare:
        size = site.get(path)
        for _warm in range(20):
            site.get(path)
            bare.get("/")
        for _round in range(rounds):
            empty = max(empty, bare.load("/", seconds))
            article = max(article, site.load(path, seconds))
    ratio = article / empty
    ok = ratio >= BUDGET_RATIO and queries <= BUDGET_QUERIES
    print(f"article, warm, no session: {article:>8,.0f} requests/s ({size / 1000:.0f} kB)")
    print(f"empty view of 20 kB:       {empty:>8,.0f} requests/s")
    print(f"the article serves {ratio:.0%} of what the empty view serves; cold: {queries} queries")
    print(
        json.dumps(
            {
                "name": "pages",
                "article_per_second": round(article),
                "empty_view_per_second": round(empty),
                "ratio": round(ratio, 2),
                "cold_queries": queries,
                "budget": {"ratio": BUDGET_RATIO, "cold_queries": BUDGET_QUERIES},
                "ok": ok,
            }
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
