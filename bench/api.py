"""The API under a flood: 50,000 requests from one address, and how long a member waits meanwhile.

Method: granian with two workers serves the site with the demonstration meetings. A member with a
token asks for a hundred segments, one request after the other, and the median is the quiet value.
Then a process of its own sends the flood over four connections, as fast as answers come, without a
token, and the member goes on as before. What is compared is the member's median in the flood with
the quiet one, in one run; that the flood was limited is counted from its answers. `--quick` sends
5,000. Flood and server share the machine, so the ratio is worst where there are few cores. The
last line is JSON.
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
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.pages import SITE, Server

BUDGET_RATIO = 2.0
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="5,000 requests")
    parser.add_argument("--data", type=Path, metavar="DIR", help="not used here")
    parser.add_argument("--flood", nargs=2, type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.flood:
        flood(*asked.flood)
        return 0
    count = 5_000 if asked.quick else 50_000
    token = prepare()
    os.environ["API_MEMBER_A_MINUTE"] = "1000000"  # so that only the flood meets a limit
    with Server(SITE) as site:
        waits(site.port, token, until=threading.Event(), most=40)  # warm
        quiet = statistics.median(waits(site.port, token, until=threading.Event(), most=200))
        over = threading.Event()
        command = [sys.executable, __file__, "--flood", str(site.port), str(count)]
        begun = time.perf_counter()
        flooding = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

        def watch() -> None:
            flooding.wait()
            over.set()

        threading.Thread(target=watch, daemon=True).start()
        flooded = statistics.median(waits(site.port, token, until=over, most=1_000_000))
        seconds = time.perf_counter() - begun
        output = flooding.stdout.read() if flooding.stdout else "{}"
    statuses = {int(status): number for status, number in json.loads(output).items()}
    ratio = flooded / quiet
    limited = statuses.get(429, 0) / count
    ok = ratio <= BUDGET_RATIO and limited > 0.9 and set(statuses) <= {200, 429}
    print(f"flood: {count:,} requests in {seconds:.0f} s, {limited:.1%} of them answered 429")
    print(f"a member's hundred segments: {quiet:.1f} ms quiet, {flooded:.1f} ms in the flood")
    print(f"ratio {ratio:.2f}")
    print(
        json.dumps(
            {
                "name": "api",
                "requests": count,
                "limited": round(limited, 4),
                "quiet_ms": round(quiet, 2),
                "flooded_ms": round(flooded, 2),
                "ratio": round(ratio, 2),
                "budget": {"ratio": BUDGET_RATIO},
                "ok": ok,
            }
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
