"""The meeting page: a 4-hour meeting of 15,000 segments in Chromium, against one block of words.

Method: a meeting is made with 15,000 segments by 41 speakers (`--quick`: 8,000) and a recording
that need not play, because what the player says is said here in its place. Two granian servers show
it to a member: the site, and the site with all segments in one block that is sent when it is whole
(bench/_one_block.py). Chromium opens each in turn, in a window of 1280 × 900, three times over
(`--quick`: once); the median counts. Measured are, in the page's own time from the press on a link:

- *paint*: the first contentful paint;
- *interaction*: scripts are attached (the find box stands there) and a frame has passed since;
- *find*: from a typed word to the count of its matches, painted; the wait for typing included;
- *still*, *following*, *scrolling*: some seconds in which nothing happens; in which the page is
  told, ten times a second, where a player is that plays at four times the speed, so that four
  segments begin in each second; in which the page is moved by 60 pixels in each frame. Of each:
  frame times, and how much of the main thread's time a second takes, by its own clock, which no
  other program holds up;
- *memory*: what the page's process holds for itself once all has been done.

Frames are late when they come more than 1.5 frames of 60 a second after the one before. Without a
graphics card the processor paints as well, and what is late while the page stands still is the
machine's doing. Waits are budgeted as shares of what one block takes in the
same run: on two quiet cores the page paints after 0.2 s and can be used after 2 s. The last line is
JSON.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

import django

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench._long_meeting import long_meeting
from bench.pages import SITE, Server
from memberships.models import User
from portal.site.demonstration import MEMBER

ONE_BLOCK = "bench._one_block:application"
# Shares of what one block takes; milliseconds of each second, and megabytes; percent of frames that
# are late beyond those of a page that stands still. Where other work makes more of them late than
# that, it is half of one block's.
BUDGET_SHARE = {"paint_ms": 0.3, "interaction_ms": 0.85, "find_ms": 0.75, "memory_mb": 0.75}
BUDGET = {"following_busy_ms": 100, "scrolling_busy_ms": 150, "memory_mb": 200}
BUDGET_LATE = 3
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@dataclass
class Frames:
    """How a stretch of frames passed."""

    late_percent: float
    p95_ms: float
    worst_ms: float
    busy_ms: float
    """What a second of it takes of the main thread."""


def session() -> tuple[str, str]:
    """The cookie of the demonstration's member."""
    client = Client()
    client.force_login(User.objects.get(email=MEMBER.email))
    name = settings.SESSION_COOKIE_NAME
    return name, client.cookies[name].value


def main_thread_ms(tools: CDPSession) -> float:
    """What the page's main thread has worked so far, by its own clock."""
    metrics = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"]) * 1000


def stretch(page: Page, tools: CDPSession, script: str, seconds: int) -> Frames:
    begun = main_thread_ms(tools)
    gaps = sorted(page.evaluate(f"{script}({seconds})"))
    spent = main_thread_ms(tools) - begun
    late = sum(gap > 1000 / 60 * 1.5 for gap in gaps)
    return Frames(
        late_percent=100 * late / len(gaps),
        p95_ms=gaps[int(len(gaps) * 0.95)],
        worst_ms=gaps[-1],
        busy_ms=spent / seconds,
    )


def memory_mb(browser: Browser) -> float:
    """What the page's process holds for itself alone: the largest of the browser's renderers."""
    tools = browser.new_browser_cdp_session()
    processes = tools.send("SystemInfo.getProcessInfo")["processInfo"]
    tools.detach()
    sizes = []
    for one in processes:
        if one["type"] != "renderer":
            continue
        status = Path(f"/proc/{one['id']}/status").read_text()
        found = next(line for line in status.splitlines() if line.startswith("RssAnon"))
        sizes.append(int(found.split()[1]) / 1024)
    return max(sizes)


def open_page(
    browser: Browser, server: Server, path: str, cookie: tuple[str, str], seconds: int
) -> dict[str, float]:
    """One reader, one page: what they waited for, and how it moved."""
    address = f"http://127.0.0.1:{server.port}"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    # What is the same on every page of the site is in the browser already.
    page.goto(f"{address}/about-the-bench-that-is-not-there/")
    page.add_init_script(path=ROOT / "bench/_reader.js")
    page.goto(f"{address}{path}", wait_until="load")
    figures = {"interaction_ms": page.evaluate("bench.ready")}
    figures["paint_ms"] = page.evaluate("bench.paint()")
    figures["find_ms"] = page.evaluate("bench.find('budget hearing')")
    page.evaluate("bench.clear()")
    page.evaluate("bench.frames(0.5)")
    still = stretch(page, tools, "bench.frames", seconds)
    following = stretch(page, tools, "bench.follow", seconds)
    if not page.evaluate("bench.follows()"):
        raise RuntimeError("The page does not follow what is said.")
    scrolling = stretch(page, tools, "bench.scroll", seconds)
    for name, frames in (("still", still), ("following", following), ("scrolling", scrolling)):
        figures |= {f"{name}_{what}": value for what, value in vars(frames).items()}
    figures["memory_mb"] = memory_mb(browser)
    context.close()
    return figures


def median(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in rounds), 1) for name in rounds[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a shorter meeting, one round")
    parser.add_argument("--data", type=Path, metavar="DIR", help="not used here")
    asked = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is needed to measure: apt-get install chromium", file=sys.stderr)
        return 2
    count, rounds, seconds = (8_000, 1, 3) if asked.quick else (15_000, 3, 8)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_demo", verbosity=0, stdout=sys.stderr)
    cookie = session()
    ours: list[dict[str, float]] = []
    reference: list[dict[str, float]] = []
    with long_meeting(count) as path, Server(SITE) as site, Server(ONE_BLOCK) as block:
        connection.close()
        for _warm in range(4):
            site.get(path)
            block.get(path)
        with sync_playwright() as playwright:
            for _round in range(rounds):
                for server, into in ((site, ours), (block, reference)):
                    browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
                    into.append(open_page(browser, server, path, cookie, seconds))
                    browser.close()
    here, there = median(ours), median(reference)
    print(f"{count:,} segments{'':<18} here   one block")
    for name in here:
        print(f"{name:<28}{here[name]:>9,.1f}{there[name]:>12,.1f}")
    share = {name: round(here[name] / there[name], 2) for name in BUDGET_SHARE}
    over = [name for name, most in BUDGET_SHARE.items() if share[name] > most]
    over += [name for name, most in BUDGET.items() if here[name] > most]
    for name in ("following_late_percent", "scrolling_late_percent"):
        most = max(here["still_late_percent"] + BUDGET_LATE, there[name] / 2)
        over += [name] if here[name] > most else []
    for name in over:
        print(f"over its budget: {name}")
    figures = {
        "name": "reader",
        "segments": count,
        **here,
        "one_block": there,
        "share": share,
        "budget": {**BUDGET, "late_percent": BUDGET_LATE, "share": BUDGET_SHARE},
        "ok": not over,
    }
    print(json.dumps(figures))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
