"""Cutting a clip: what is stored, what it says, and what is refused with nothing stored."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from meetings.clips import services
from meetings.clips.models import Clip, ClipSpan
from meetings.records.models import State
from meetings.transcripts.utterances import Utterance
from tests.concurrency import at_once
from tests.meetings.clips.factories import ClipFactory, cut
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def test_clip_keeps_its_spans_words_and_transcript_version():
    clip = cut((4_000, 8_000), (10_000, 13_000))
    assert list(clip.spans.order_by("position").values_list("start_ms", "end_ms")) == [
        (4_000, 8_000),
        (10_000, 13_000),
    ]
    assert clip.duration_ms == 7_000
    assert clip.transcript_version == 1
    assert clip.language == "en"
    assert [(one["speaker"], one["text"]) for one in clip.words] == [
        ("Chair Ruiz", "The budget is approved."),
        ("Member Okafor", "the parking fees."),
    ]
    assert (clip.words[0]["start_ms"], clip.words[0]["end_ms"]) == (4_000, 8_000)
    assert clip.words[1]["start_ms"] >= 10_000
    assert clip.words[1]["key"] == clip.transcript.segments.last().key


def test_words_are_those_whose_middle_is_in_the_span_by_their_own_times():
    recording = RecordingFactory(ready=True)
    transcript = transcribe([Utterance(0, 4_000, "one two three four")], meeting=recording.meeting)
    transcript.segments.update(word_starts_ms=[0, 100, 200, 3_000])
    clip = cut((1_000, 4_000), recording=recording)
    assert [one["text"] for one in clip.words] == ["three four"]


def test_meeting_without_transcript_can_be_clipped():
    clip = cut((0, 1_000), said=None)
    assert clip.transcript is None
    assert clip.words == []


def test_slug_is_long_and_differs():
    recording = RecordingFactory(ready=True)
    slugs = {cut(recording=recording).slug for _ in range(5)}
    assert len(slugs) == 5
    assert min(map(len, slugs)) >= 12


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": "  "}, "title"),
        ({"spans": [(5_000, 4_000)]}, "before it begins"),
        ({"spans": [(14_000, 15_000)]}, "ends at 0:14"),
        ({"visibility": "everybody"}, "private, unlisted or public"),
        ({"title": "a" * 121}, "120"),
        ({"note": "a" * 2_001}, "2000"),
        ({"maker_name": "a" * 81}, "80"),
        ({"title": "a\0b"}, "character"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(change, sentence):
    recording = RecordingFactory(ready=True)
    given = {
        "owner": MembershipFactory().user,
        "meeting": recording.meeting,
        "spans": [(0, 4_000)],
        "title": "T",
        "now": timezone.now(),
    }
    with pytest.raises((services.NotCut, services.NotDescribed), match=sentence):
        services.cut(**(given | change))
    assert not Clip.objects.exists()
    assert not ClipSpan.objects.exists()


def test_meeting_without_recording_that_plays_is_refused():
    for recording in (RecordingFactory(), RecordingFactory(ready=True, is_current=False)):
        with pytest.raises(services.NotCut, match="no recording"):
            cut(recording=recording)


@pytest.mark.parametrize("state", [State.DRAFT, State.ANNOUNCED, State.WITHDRAWN])
def test_meeting_that_is_not_published_is_refused(state):
    recording = RecordingFactory(meeting=MeetingFactory(state=state), ready=True)
    with pytest.raises(services.NotCut, match="published"):
        cut(recording=recording)


def test_clips_of_a_day_are_limited_and_one_s_own(settings):
    settings.CLIPS_A_DAY = 2
    recording, owner = RecordingFactory(ready=True), MembershipFactory().user
    yesterday = timezone.now() - timedelta(days=1, minutes=1)
    cut(recording=recording, owner=owner, now=yesterday)
    cut(recording=recording, owner=owner)
    cut(recording=recording)
    cut((1_000, 4_000), recording=recording, owner=owner)
    with pytest.raises(services.NotCut, match="2 clips in the last day"):
        cut((2_000, 4_000), recording=recording, owner=owner)


def test_a_button_that_is_pressed_twice_makes_one_clip(settings):
    settings.CLIPS_A_DAY = 1
    now = timezone.now()
    same = {"recording": RecordingFactory(ready=True), "owner": MembershipFactory().user}
    first = cut((0, 2_000), (6_000, 8_000), **same, now=now)
    soon = now + timedelta(seconds=59)
    assert cut((6_000, 8_000), (0, 2_000), **same, now=soon) == first

    settings.CLIPS_A_DAY = 100
    others = [
        cut((0, 2_000), (6_000, 8_000), recording=same["recording"], now=soon),  # another's
        cut((0, 2_000), (6_000, 8_001), **same, now=soon),
        cut((0, 2_000), **same, now=soon),
        cut((0, 2_000), (6_000, 8_000), **same, title="Another", now=soon),
        cut((0, 2_000), (6_000, 8_000), **same, now=now + timedelta(minutes=2)),
    ]
    assert len({first, *others}) == 6


def test_what_was_deleted_can_be_cut_again_at_once():
    same = {"recording": RecordingFactory(ready=True), "owner": MembershipFactory().user}
    first = cut(**same)
    services.delete(clip=first, now=timezone.now())
    assert cut(**same) != first


def test_markup_in_a_title_is_kept_as_it_was_typed():
    assert cut(title="<b>Fees</b> & more").title == "<b>Fees</b> & more"


@pytest.mark.parametrize(
    "change",
    [
        {"visibility": "nobody"},
        {"slug": "short"},
        {"slug": "with space12"},
        {"duration_ms": 0},
        {"owner": None},
        {"title": ""},
        {"deleted_at": timezone.now()},
        {"taken_down_at": timezone.now()},
    ],
)
def test_database_refuses_a_clip_that_cannot_be(change):
    clip = ClipFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Clip.objects.filter(pk=clip.pk).update(**change)


def test_database_refuses_a_span_that_ends_before_it_begins():
    clip = ClipFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        ClipSpan.objects.create(clip=clip, position=1, start_ms=9_000, end_ms=9_000)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_hold_the_limit_of_the_day(settings):
    settings.CLIPS_A_DAY = 1
    recording, owner = RecordingFactory(ready=True), MembershipFactory().user

    def press(start_ms):
        return services.cut(
            owner=owner,
            meeting=recording.meeting,
            spans=[(start_ms, 4_000)],
            title="T",
            now=timezone.now(),
        )

    outcomes = at_once(lambda: press(0), lambda: press(1_000))
    assert sorted(type(one).__name__ for one in outcomes) == ["Clip", "NotCut"]
    (made,) = Clip.objects.all()
    again = made.spans.get().start_ms
    assert at_once(lambda: press(again), lambda: press(again)) == [made, made]
