"""A set of edits becomes one version, by one INSERT … SELECT, all of it or nothing."""

import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.transcripts import correcting, queries, services, versions
from meetings.transcripts.correcting import NothingChanged, Outdated
from meetings.transcripts.edits import Assign, Join, NotThere, Remove, Rename, Reword, Split
from meetings.transcripts.models import Origin, Segment, Speaker, Transcript
from meetings.transcripts.utterances import Utterance
from tests.concurrency import at_once
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.editing import drawn_edits
from tests.memberships.factories import StaffFactory

SAID = [
    Utterance(0, 2_000, "Good evening.", "Chair Ruiz", 0.9, (0, 700), (95, 85)),
    Utterance(2_000, 6_000, "We begin with the budjet.", "Chair Ruiz", 0.4),
    Utterance(6_000, 7_000, "Aye.", ""),
    Utterance(6_000, 7_000, "Aye.", ""),
    Utterance(7_000, 9_000, "<script>alert(1)</script> שלום", "Clerk Quandt"),
]


@pytest.fixture
def transcript(db) -> Transcript:
    return add(SAID)


@pytest.fixture
def clerk(db):
    return StaffFactory(display_name="Ines Calloway")


def add(said) -> Transcript:
    return services.add_version(
        meeting=MeetingFactory(), language="en", source_format="webvtt", utterances=said
    )


def keys(transcript):
    rows = Segment.objects.filter(transcript=transcript).in_order()
    return list(rows.values_list("key", flat=True))


def said(transcript):
    return [
        Utterance(
            s.start_ms,
            s.end_ms,
            s.text,
            s.speaker_name,
            s.confidence,
            tuple(s.word_starts_ms or ()),
            tuple(s.word_confidences or ()),
        )
        for s in queries.segments(transcript)
    ]


def correct(base, edits, by, **more):
    return correcting.correct(base=base, edits=edits, by=by, **more).transcript


def test_one_word_becomes_a_new_version_and_the_old_one_stays(transcript, clerk):
    there = keys(transcript)
    made = correct(
        transcript, [Reword(there[1], "We begin with the budget.")], clerk, note=" A slip "
    )

    right = replace(SAID[1], text="We begin with the budget.", confidence=None)
    assert said(made) == [SAID[0], right, *SAID[2:]]
    assert said(transcript) == SAID
    assert [now == was for now, was in zip(keys(made), there, strict=True)] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert queries.current(transcript.meeting) == made
    made.refresh_from_db()
    assert (made.version, made.made_from, made.origin) == (2, 1, Origin.CORRECTED)
    assert (made.change_count, made.note, made.format) == (1, "A slip", "webvtt")
    assert (made.made_by, made.made_by_name) == (clerk, "Ines Calloway")
    positions = (
        Segment.objects.filter(transcript=made).in_order().values_list("position", flat=True)
    )
    assert list(positions) == [1, 2, 3, 4, 5]


def test_all_kinds_of_edits_in_one_set(transcript, clerk):
    a, b, c, d, e = keys(transcript)
    made = correct(
        transcript,
        [
            Rename("Chair Ruiz", "Mayor Ruiz"),
            Split(b, 8, "new"),
            Assign("new", "Member Okafor"),
            Join(c, d),
            Remove(e),
        ],
        clerk,
    )
    assert said(made) == [
        replace(SAID[0], speaker_name="Mayor Ruiz"),
        Utterance(2_000, 3_333, "We begin", "Mayor Ruiz", 0.4),
        Utterance(3_333, 6_000, "with the budjet.", "Member Okafor", 0.4),
        Utterance(6_000, 7_000, "Aye. Aye.", "", None),
    ]
    assert keys(made)[0] == a
    assert (made.segment_count, made.word_count, made.speaker_count) == (4, 9, 2)
    assert (made.first_ms, made.last_ms) == (0, 7_000)
    # The old version keeps its speakers, by their old names.
    assert [line.speaker_name for line in said(transcript)] == [u.speaker_name for u in SAID]


def test_what_is_known_of_words_goes_with_them(transcript, clerk):
    first = keys(transcript)[0]
    made = correct(transcript, [Split(first, 5, "new"), Assign("new", "X")], clerk)
    assert said(made)[:2] == [
        Utterance(0, 700, "Good", "Chair Ruiz", 0.9, (0,), (95,)),
        Utterance(700, 2_000, "evening.", "X", 0.9, (0,), (85,)),
    ]
    made = correct(made, [Reword(keys(made)[1], "morning.")], clerk)
    assert said(made)[1] == Utterance(700, 2_000, "morning.", "X", None, (0,), ())
    made = correct(made, [Assign(keys(made)[0], "Y")], clerk)
    assert said(made)[0] == Utterance(0, 700, "Good", "Y", 0.9, (0,), (95,))


def test_doubts_stay_until_somebody_reviews(transcript, clerk):
    Transcript.objects.filter(pk=transcript.pk).update(doubts=["Loops."])
    made = correct(transcript, [Reword(keys(transcript)[0], "Hello.")], clerk)
    made.refresh_from_db()
    assert made.doubts == ["Loops."]


def test_speakers_merge_where_the_name_is_there(transcript, clerk):
    made = correct(transcript, [Rename("Chair Ruiz", "Clerk Quandt")], clerk)
    assert [line.speaker_name for line in said(made)] == ["Clerk Quandt"] * 2 + [
        "",
        "",
        "Clerk Quandt",
    ]
    assert keys(made) == keys(transcript)
    assert Speaker.objects.filter(meeting=transcript.meeting).count() == 2


def test_nobody_s_segments_get_a_speaker_and_the_other_way_round(transcript, clerk):
    made = correct(transcript, [Rename("Clerk Quandt", ""), Rename("Chair Ruiz", "X")], clerk)
    assert [line.speaker_name for line in said(made)] == ["X", "X", "", "", ""]
    again = correct(made, [Rename("", "Y")], clerk)
    assert [line.speaker_name for line in said(again)] == ["X", "X", "Y", "Y", "Y"]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_what_is_stored_is_what_the_edits_give(db, data):
    """Any edits: the database holds what the pure functions give, the old version too."""
    transcript, by = add(SAID), StaffFactory()
    before = versions.stored(transcript)
    heard = versions.with_words(transcript, before.lines, keys(transcript))
    edits, after = drawn_edits(data.draw, heard, prefix="new-")
    try:
        made = correct(transcript, edits, by)
    except NothingChanged:
        return
    facts = [(line.fact, line.speaker) for line in after]
    assert [(line.fact, line.speaker) for line in versions.stored(made).lines] == facts
    assert versions.stored(transcript) == before
    unchanged = {line.id for line in before.lines} & {line.id for line in after if line in heard}
    assert unchanged <= set(keys(made))


def test_every_column_of_a_segment_is_copied(transcript, clerk):
    """A column that is added to Segment goes with what did not change."""
    made = correct(transcript, [Remove(keys(transcript)[0])], clerk)
    own = [
        field.name
        for field in Segment._meta.concrete_fields
        if field.name not in {"id", "transcript", "position"}
    ]
    was = Segment.objects.filter(transcript=transcript).in_order().values(*own)
    assert list(Segment.objects.filter(transcript=made).in_order().values(*own)) == list(was)[1:]


@pytest.mark.parametrize("edits", [[], [Reword("first", " Good  evening. ")], [Rename("X", "Y")]])
def test_nothing_changed_is_nothing_stored(edits, transcript, clerk):
    first = keys(transcript)[0]
    edits = [replace(edit, id=first) if isinstance(edit, Reword) else edit for edit in edits]
    with pytest.raises(NothingChanged, match="version 1"):
        correct(transcript, edits, clerk)
    assert Transcript.objects.get() == transcript


def test_an_edit_of_what_is_not_there_stores_nothing(transcript, clerk):
    edits = [Reword(keys(transcript)[0], "Fine."), Reword("0" * 16, "Not there.")]
    with pytest.raises(NotThere):
        correct(transcript, edits, clerk)
    assert Transcript.objects.get() == transcript


def test_another_meeting_s_segment_is_not_there(transcript, clerk):
    other = add([Utterance(0, 1, "Elsewhere.")])
    with pytest.raises(NotThere):
        correct(transcript, [Reword(keys(other)[0], "Here.")], clerk)


def test_a_set_that_is_sent_twice_is_stored_once(transcript, clerk):
    draft, edits = uuid.uuid4(), [Reword(keys(transcript)[0], "Good morning.")]
    first = correct(transcript, edits, clerk, draft=draft)
    assert correct(transcript, edits, clerk, draft=draft) == first
    assert Transcript.objects.count() == 2


def test_the_same_draft_is_not_known_in_another_meeting(transcript, clerk):
    draft = uuid.uuid4()
    correct(transcript, [Reword(keys(transcript)[0], "Good morning.")], clerk, draft=draft)
    other = add(SAID)
    with pytest.raises(IntegrityError):
        correct(other, [Reword(keys(other)[0], "Good morning.")], clerk, draft=draft)


def test_edits_beside_another_s_are_merged(transcript, clerk):
    there = keys(transcript)
    correct(transcript, [Reword(there[1], "We begin with the budget.")], StaffFactory())
    made = correcting.correct(base=transcript, edits=[Reword(there[0], "Hello.")], by=clerk)
    assert made.is_merged
    assert [line.text for line in said(made.transcript)[:2]] == [
        "Hello.",
        "We begin with the budget.",
    ]
    assert made.transcript.made_from == 2


def test_edits_of_what_another_changed_are_given_back(transcript, clerk):
    there = keys(transcript)
    theirs = correct(transcript, [Reword(there[1], "We begin with theirs.")], StaffFactory())
    edits = [Reword(there[0], "Hello."), Reword(there[1], "We begin with mine.")]
    with pytest.raises(Outdated) as caught:
        correct(transcript, edits, clerk)
    assert caught.value.newest == theirs
    assert caught.value.sorted_out.edits == edits[:1]
    assert caught.value.sorted_out.conflicts[0].edits == edits[1:]
    assert queries.current(transcript.meeting) == theirs


def test_an_old_version_is_brought_back_as_a_new_one(transcript, clerk):
    there = keys(transcript)
    second = correct(transcript, [Reword(there[2], "No."), Remove(there[3])], clerk)
    made = correcting.bring_back(old=transcript, instead_of=second, by=clerk).transcript
    assert said(made) == SAID
    assert keys(made) == there
    made.refresh_from_db()
    assert (made.version, made.made_from, made.origin) == (3, 1, Origin.BROUGHT_BACK)
    assert (made.change_count, made.segment_count) == (2, 5)
    with pytest.raises(NothingChanged):
        correcting.bring_back(old=transcript, instead_of=made, by=clerk)
    with pytest.raises(Outdated):
        correcting.bring_back(old=second, instead_of=second, by=clerk)


def test_the_review_is_inherited_and_taken_back(transcript, clerk):
    now = transcript.created_at
    assert services.mark_reviewed(transcript=transcript, by=clerk, now=now)
    transcript.refresh_from_db()
    made = correct(transcript, [Reword(keys(transcript)[0], "Hello.")], clerk)
    made.refresh_from_db()
    assert (made.reviewed_at, made.reviewed_by, made.reviewed_by_name) == (
        now,
        clerk,
        "Ines Calloway",
    )
    assert made.is_corrected_since
    assert not transcript.is_corrected_since
    assert not services.mark_reviewed(transcript=transcript, by=clerk, now=now)
    assert services.take_review_back(transcript=made)
    made.refresh_from_db()
    assert (made.reviewed_at, made.reviewed_by, made.reviewed_by_name) == (None, None, "")


def test_one_edit_of_15_000_segments_is_nine_statements(db, clerk):
    transcript = add(
        [
            Utterance(n * 1_000, n * 1_000 + 900, f"Words of segment {n}.", f"Speaker {n % 9}")
            for n in range(15_000)
        ]
    )
    key = keys(transcript)[7_000]
    with CaptureQueriesContext(connection) as asked:
        made = correct(transcript, [Reword(key, "Other words.")], clerk)
    statements = [q["sql"].split()[0] for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 9
    inserts = [
        q["sql"] for q in asked if q["sql"].strip().startswith("INSERT INTO meetings_segment")
    ]
    assert len(inserts) == 1
    assert "SELECT" in inserts[0]
    assert len(inserts[0]) < 4_000  # the words of others are not sent
    assert made.segment_count == Segment.objects.filter(transcript=made).count() == 15_000


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_both_kept() -> None:
    transcript, by = add(SAID), StaffFactory()
    there = keys(transcript)

    outcomes = at_once(
        lambda: correct(transcript, [Reword(there[0], "Mine.")], by),
        lambda: correct(transcript, [Reword(there[4], "Theirs.")], by),
    )

    assert sorted(one.version for one in outcomes) == [2, 3]
    now = queries.current(transcript.meeting)
    assert [line.text for line in said(now)] == [
        "Mine.",
        "We begin with the budjet.",
        "Aye.",
        "Aye.",
        "Theirs.",
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_words_one_is_told() -> None:
    transcript, by = add(SAID), StaffFactory()
    first = keys(transcript)[0]

    outcomes = at_once(
        lambda: correct(transcript, [Reword(first, "Mine.")], by),
        lambda: correct(transcript, [Reword(first, "Theirs.")], by),
    )

    assert {type(one) for one in outcomes} == {Transcript, Outdated}
    assert Transcript.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_set_sent_twice_at_once_is_stored_once() -> None:
    transcript, by, draft = add(SAID), StaffFactory(), uuid.uuid4()
    first = keys(transcript)[0]

    def send():
        return correct(transcript, [Reword(first, "Mine.")], by, draft=draft)

    assert [one.version for one in at_once(send, send, send)] == [2, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_a_file_taken_in_beside_an_edit_loses_neither() -> None:
    transcript, by = add(SAID), StaffFactory()
    there = keys(transcript)
    renewed = [*SAID[:4], Utterance(7_000, 9_000, "From a new file.", "Clerk Quandt")]

    at_once(
        lambda: correct(transcript, [Reword(there[0], "Mine.")], by),
        lambda: services.add_version(
            meeting=transcript.meeting, language="en", source_format="srt", utterances=renewed
        ),
    )

    versions_there = Transcript.objects.order_by("version").values_list("version", flat=True)
    assert list(versions_there) == [1, 2, 3]
    texts = {line.text for t in Transcript.objects.all() for line in said(t)}
    assert {"Mine.", "From a new file."} <= texts
