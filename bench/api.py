"""The API under a flood: 50,000 requests from one address, and how long a member waits meanwhile.

Method: granian with two workers serves the site with the demonstration meetings. A member with a
token asks for a hundred segments, one request after the other: the quiet values. Then a process of
its own sends the flood over four connections, as fast as answers come, without a token, and the
member goes on as before. What is compared is the member's median (p50) and 95th percentile (p95) in
the flood with the quiet ones just before; that the flood was limited is counted from its answers.
Three such rounds are run, of 50,000 requests each, and the middle one of the three ratios counts,
because other work of the machine disturbs single rounds; all three are printed. `--quick` is one
round of 5,000. Flood and server share the machine, so the ratio is worst where there are few cores.
The last line is JSON.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.pages import SITE, Server

BUDGET_RATIO = 2.0
ROUNDS = 3
QUIET = 300  # requests of the member
CONNECTIONS = 4
ASKED = "/api/v1/segments?limit=100"
FLOODED = "/api/v1/meetings"


def prepare() -> str:
    """Load the demonstration; the token of a member."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from memberships.accounts.services import make_token
    from memberships.models import User

    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_demo", verbosity=0, stdout=sys.stderr)
    reader, _is_new = User.objects.get_or_create(
        email="bench@example.org", defaults={"is_staff": True}
    )
    made = make_token(owner=reader, name="bench", scopes=["read"], lasts=None, now=timezone.now())
    connection.close()
    return made.written


def waits(port: int, token: str, *, until: threading.Event, most: int) -> list[float]:
    """How long each of a member's requests took, in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    found: list[float] = []
    while len(found) < most and not until.is_set():
        begun = time.perf_counter()
        connection.request("GET", ASKED, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"The member was answered {answer.status}.")
        found.append((time.perf_counter() - begun) * 1000)
    return found


def flood(port: int, count: int) -> None:
    """Send so many requests; print how often which status came. Runs in a process of its own."""
    statuses: Counter[int] = Counter()

    def one(share: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(share):
            connection.request("GET", FLOODED)
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1

    threads = [
        threading.Thread(target=one, args=(count // CONNECTIONS,)) for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(statuses))


@dataclass(frozen=True)
class Round:
    """A member's waits before the flood and in it, in milliseconds, and how the flood fared."""

    quiet: list[float]
    flooded: list[float]
    statuses: dict[int, int]
    seconds: float

    def ratio(self, percent: int) -> float:
        return percentile(self.flooded, percent) / percentile(self.quiet, percent)


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def measured(port: int, token: str, count: int) -> Round:
    """One round."""
    quiet = waits(port, token, until=threading.Event(), most=QUIET)
    over = threading.Event()
    command = [sys.executable, __file__, "--flood", str(port), str(count)]
    begun = time.perf_counter()
    flooding = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def watch() -> None:
        flooding.wait()
        over.set()

    threading.Thread(target=watch, daemon=True).start()
    flooded = waits(port, token, until=over, most=1_000_000)
    seconds = time.perf_counter() - begun
    output = flooding.stdout.read() if flooding.stdout else "{}"
    statuses = {int(status): number for status, number in json.loads(output).items()}
    return Round(quiet, flooded, statuses, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="one round of 5,000 requests")
    parser.add_argument("--data", type=Path, metavar="DIR", help="not used here")
    parser.add_argument("--flood", nargs=2, type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.flood:
        flood(*asked.flood)
        return 0
    count, rounds = (5_000, 1) if asked.quick else (50_000, ROUNDS)
    token = prepare()
    os.environ["API_MEMBER_A_MINUTE"] = "1000000"  # so that only the flood meets a limit
    found = []
    with Server(SITE) as site:
        waits(site.port, token, until=threading.Event(), most=40)  # warm
        for _round in range(rounds):
            one = measured(site.port, token, count)
            found.append(one)
            told = ", ".join(
                f"p{percent} {percentile(one.quiet, percent):.1f} ms quiet,"
                f" {percentile(one.flooded, percent):.1f} ms in the flood,"
                f" ratio {one.ratio(percent):.2f}"
                for percent in (50, 95)
            )
            limited = one.statuses.get(429, 0) / count
            print(f"flood: {count:,} requests in {one.seconds:.0f} s, {limited:.1%} answered 429")
            print(f"a member's hundred segments, {len(one.flooded)} times: {told}", flush=True)
    ratios = {
        percent: statistics.median(one.ratio(percent) for one in found) for percent in (50, 95)
    }
    limited = min(one.statuses.get(429, 0) for one in found) / count
    ok = (
        max(ratios.values()) <= BUDGET_RATIO
        and limited > 0.9
        and all(set(one.statuses) <= {200, 429} for one in found)
    )
    print(f"ratio of p50 {ratios[50]:.2f}, of p95 {ratios[95]:.2f}, the middle of {rounds}")
    print(
        json.dumps(
            {
                "name": "api",
                "requests": count,
                "rounds": rounds,
                "limited": round(limited, 4),
                "quiet_ms": [round(percentile(one.quiet, 50), 2) for one in found],
                "flooded_ms": [round(percentile(one.flooded, 50), 2) for one in found],
                "ratio": round(ratios[50], 2),
                "ratio_p95": round(ratios[95], 2),
                "budget": {"ratio": BUDGET_RATIO, "ratio_p95": BUDGET_RATIO},
                "ok": ok,
            }
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
