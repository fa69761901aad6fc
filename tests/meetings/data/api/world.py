"""A town in the API: one of each thing, with words that only members read."""

from dataclasses import dataclass

from django.utils import timezone

from meetings.articles.models import Check, Insight
from meetings.transcripts.models import Segment, Transcript
from meetings.transcripts.utterances import Utterance
from tests.meetings.alerts.factories import alert
from tests.meetings.articles.factories import ArticleFactory, EvidenceFactory, SentenceFactory
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory, token_of

BASE = "/api/v1/"
PAID_FOR = "quicksilver marmalade"


@dataclass
class World:
    """What there is. `token` is its member's."""

    member: object
    token: str
    meeting: object
    transcript: Transcript
    article: object
    recording: object
    clip: object
    alert: object
    insight: Insight

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.token}"}


def world() -> World:
    """One of each thing."""
    member = MembershipFactory().user
    meeting = MeetingFactory()
    transcript = transcribe(
        [
            Utterance(1_000, 5_000, "Good evening.", "Chair Ruiz"),
            Utterance(200_000, 204_000, f"The {PAID_FOR} is approved.", "Chair Ruiz"),
            Utterance(204_000, 209_000, "Thank you all.", "Member Okafor"),
        ],
        meeting=meeting,
    )
    meeting.agenda.create(position=1, title="Call to order", start_ms=1_000)
    key = Segment.objects.get(transcript=transcript, position__gte=0, start_ms=200_000).key
    article = ArticleFactory(meeting=meeting)
    sentence = SentenceFactory(article=article, evidence=None)
    EvidenceFactory(
        sentence=sentence,
        first_key=key,
        last_key=key,
        start_ms=200_000,
        end_ms=204_000,
        words=f"The {PAID_FOR} is approved.",
    )
    Check.objects.create(
        sentence=sentence,
        position=0,
        kind="quotation",
        verdict="altered",
        is_failed=True,
        start=0,
        end=3,
        detail={"said": PAID_FOR},
    )
    insight = Insight.objects.create(
        meeting=meeting,
        position=0,
        kind="decision",
        text=f"The {PAID_FOR} is approved.",
        language="en",
        writer="extractive",
        writer_version="1",
        transcript_version=1,
        created_at=timezone.now(),
    )
    insight.evidence.create(first_key=key, last_key=key, start_ms=200_000, end_ms=204_000)
    recording = RecordingFactory(meeting=meeting, ready=True, duration_ms=300_000)
    clip = ClipFactory(recording=recording, owner=member, title=f"About {PAID_FOR}")
    return World(
        member,
        token_of(member).written,
        meeting,
        transcript,
        article,
        recording,
        clip,
        alert(f'"{PAID_FOR}"', owner=member),
        insight,
    )
