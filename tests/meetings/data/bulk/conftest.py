"""A media folder for each test, and a town with one of everything that must stay out."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from meetings.records.models import Meeting, State
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory, ErrorReportFactory, SentenceFactory
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.media.buckets import bucket, objects
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import AgendaItemFactory, MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory, UserFactory

__all__ = ["bucket", "objects"]

SECRET = "quicksilver"
SAID = [
    Utterance(
        0, 4_000, "Good evening.\n<b>R&D</b> “quoted” \u202bمرحبا\u202c 👩\u200d⚖️", "Chair Ruiz"
    ),
    Utterance(4_000, 8_000, "The budget is approved.", "Chair Ruiz", 0.5),
    Utterance(8_000, 8_000, "Nobody said this.", ""),
]


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def town(transactional_db) -> Meeting:
    """Two published meetings in two months, and around them whatever nobody may have."""
    owner = MembershipFactory().user
    meeting = MeetingFactory(title="Budget", held_on=date(2026, 3, 3))
    recording = RecordingFactory(meeting=meeting, ready=True, original_name=f"{SECRET}.mp4")
    transcribe([Utterance(0, 4_000, "Good morning.", "Chair Ruiz")], meeting=meeting)
    transcribe(SAID, meeting=meeting, version=2)
    AgendaItemFactory(meeting=meeting, title="Parking")
    article = ArticleFactory(meeting=meeting, headline="Budget approved")
    SentenceFactory(article=article, text="The council approved the budget.")
    ErrorReportFactory(article=article, what=SECRET, email=f"{SECRET}@example.org")
    ArticleFactory(meeting=meeting, headline=SECRET, state="in_review")
    ClipFactory(recording=recording, owner=owner, title="Approved")
    ClipFactory(recording=recording, owner=owner, title=SECRET, visibility="private")
    ClipFactory(recording=recording, owner=owner, title=SECRET, visibility="unlisted")
    ClipFactory(recording=recording, owner=UserFactory(), title=SECRET)  # no member any more
    transcribe(SAID[:1], meeting=MeetingFactory(title="Roads", held_on=date(2026, 4, 30)))
    for state in (State.DRAFT, State.ANNOUNCED, State.WITHDRAWN):
        hidden = MeetingFactory(title=SECRET, state=state, held_on=date(2026, 3, 9))
        transcribe([Utterance(0, 4_000, SECRET, SECRET)], meeting=hidden)
        SentenceFactory(article=ArticleFactory(meeting=hidden, headline=SECRET), text=SECRET)
    return meeting


def lines(folder: Path, stem: str) -> list[dict[str, Any]]:
    """The rows of an NDJSON file."""
    text = gzip.decompress((folder / f"{stem}.ndjson.gz").read_bytes()).decode()
    return [json.loads(line) for line in text.split("\n")[:-1]]
