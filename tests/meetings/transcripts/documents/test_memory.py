"""Documents that are made whole have a bound: a meeting of twelve hours takes no server down."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
# What the process takes at most, Python, Django and the libraries included: in megabytes.
BOUNDS = {"docx": 300, "pdf": 500}
# A process of its own, because the kernel tells the peak of a process and never a lower one. VmHWM
# and not `ru_maxrss`, which begins with what the parent had taken.
MAKING = """
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
import django
django.setup()
from meetings.transcripts.documents import DOCUMENTS, Item, Sitting

@dataclass
class Said:
    key: str
    speaker_name: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None = None

HOURS, SECONDS = 12, 4
WORDS = "the budget of the council for roads and".split()
sitting = Sitting(
    meeting_id=7, title="Budget", body="Council", body_slug="council", place="Osier Ferry",
    held_on=date(2026, 3, 3), language="en", version=2, made_at=datetime(2026, 3, 4, tzinfo=UTC),
    url="https://portal.example/meetings/7/budget/", site="Portal",
    site_url="https://portal.example", licence="Name the source.", licence_url="",
    speakers=[f"Speaker {n}" for n in range(9)],
    agenda=[Item(f"Item {n}", n * 3_600_000) for n in range(HOURS)],
)
spoken = (
    Said(f"{n:016x}", f"Speaker {n // 5 % 9}", n * SECONDS * 1000, (n + 1) * SECONDS * 1000,
         " ".join(WORDS[(n + i) % 8] for i in range(10)).capitalize() + ".")
    for n in range(HOURS * 3600 // SECONDS)
)
size = sum(len(piece) for piece in DOCUMENTS[sys.argv[1]].write(spoken, sitting))
peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(size, int(peak) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", BOUNDS)
def test_twelve_hours_of_speech_stay_within_their_bound(ending: str) -> None:
    """108,000 words: three times what is said in a long evening."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    made = subprocess.run(
        [sys.executable, "-c", MAKING, ending],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    size, peak_mb = map(int, made.stdout.split())
    assert size > 50_000
    assert peak_mb <= BOUNDS[ending], f"{peak_mb} MB"
