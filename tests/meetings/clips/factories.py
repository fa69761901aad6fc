"""Clips for tests: rows alone, and clips that are cut as members cut them."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from meetings.clips import services
from meetings.clips.models import Clip, ClipSpan, Visibility
from meetings.transcripts.utterances import Utterance
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory


class ClipFactory(DjangoModelFactory[Clip]):
    """A public clip of a member: seconds 4 to 8 of a recording without files."""

    class Meta:
        model = Clip
        skip_postgeneration_save = True

    owner = factory.LazyFunction(lambda: MembershipFactory().user)
    recording = factory.SubFactory(RecordingFactory, ready=True)
    meeting = factory.SelfAttribute("recording.meeting")
    slug = factory.Sequence(lambda number: f"clip{number:08}")
    title = "What the chair said"
    visibility = Visibility.PUBLIC
    duration_ms = 4_000
    created_at = factory.LazyFunction(timezone.now)
    changed_at = factory.SelfAttribute("created_at")

    @factory.post_generation
    def spans(row, create, given):  # noqa: N805 - factory_boy hands over the row
        for position, (start_ms, end_ms) in enumerate(given or [(4_000, 8_000)]):
            ClipSpan.objects.create(clip=row, position=position, start_ms=start_ms, end_ms=end_ms)


SAID = [
    Utterance(0, 4_000, "Good evening and welcome.", "Chair Ruiz"),
    Utterance(4_000, 8_000, "The budget is approved.", "Chair Ruiz"),
    Utterance(8_000, 13_000, "But not the parking fees.", "Member Okafor"),
]


def cut(*spans: tuple[int, int], recording=None, said=SAID, **given) -> Clip:
    """Have a member cut these spans out of a recording whose meeting has a transcript."""
    recording = recording or RecordingFactory(ready=True)
    if said and not recording.meeting.transcripts.exists():
        transcribe(said, meeting=recording.meeting)
    owner = given.pop("owner", None) or MembershipFactory().user
    about = {"title": "What the chair said", "visibility": Visibility.PUBLIC, **given}
    about.setdefault("now", timezone.now())
    return services.cut(
        owner=owner, meeting=recording.meeting, spans=spans or [(4_000, 8_000)], **about
    )
