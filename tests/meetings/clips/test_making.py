"""Making a clip: the form as a page and as a part, what it notices, and what it refuses."""

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.clips.models import Clip
from meetings.clips.timed import Span
from meetings.clips.wanted import Wanted, exact_clock, milliseconds, widened_to, without
from meetings.records.models import State
from meetings.transcripts.utterances import Utterance
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

SAID = [
    Utterance(0, 4_000, "Good evening. The pier is open again.", "Ruiz"),
    Utterance(4_000, 8_000, "We will raise the fare.", "Ruiz"),
    Utterance(8_000, 12_000, "But not this year.", "Ruiz"),
    Utterance(12_000, 16_000, "<b>Thank</b> you.", "Quandt"),
    Utterance(40_000, 44_000, "The meeting is closed.", "Quandt"),
]
DETAILS = {"title": "The fare", "visibility": "unlisted", "note": "", "maker_name": "A. Reader"}
LATER = {"HX-Request": "true"}


@pytest.fixture
def meeting(db):
    meeting = MeetingFactory(state=State.PUBLISHED)
    RecordingFactory(
        meeting=meeting,
        ready=True,
        duration_ms=60_000,
        segment_ends_ms=list(range(6_000, 60_001, 6_000)),
    )
    transcribe(SAID, meeting=meeting)
    return meeting


def address(meeting, *parts, **more):
    pairs = [("meeting", meeting.pk)]
    for start, end in parts:
        pairs += [("from", start), ("to", end)]
    return f"/clips/new/?{urlencode([*pairs, *more.items()])}"


def sent(meeting, *parts, do="cut", **more):
    given = {"meeting": meeting.pk, "do": do, **DETAILS, **more}
    return given | {"from": [start for start, _end in parts], "to": [end for _start, end in parts]}


def mark(*parts):
    return ",".join(f"{start}-{end}" for start, end in parts)


def post(who, meeting, *parts, headers=None, **more):
    return who.post("/clips/new/", sent(meeting, *parts, **more), headers=headers)


def fields(answer):
    return [(part.wanted.start, part.wanted.end) for part in answer.context["parts"]]


def test_four_come_to_the_form(personas, meeting):
    statuses = {name: who.get(address(meeting)).status_code for name, who in personas.items()}
    assert statuses == {"visitor": 402, "member": 200, "refunded": 402, "staff": 200}
    for name in ("visitor", "refunded"):
        answer = post(personas[name], meeting, ("0:04", "0:12"))
        assert answer.status_code == 402
        assert "raise the fare" not in answer.content.decode()
    assert Clip.objects.count() == 0


def test_a_part_is_shown_with_its_words_and_those_around_it(member, meeting):
    answer = member.get(address(meeting, ("4", "12")))
    text = answer.content.decode()
    assert fields(answer) == [("0:04", "0:12")]
    assert "We will raise the fare. But not this year." in text
    assert "… Good evening. The pier is open again." in text
    assert "&lt;b&gt;Thank&lt;/b&gt; you." in text
    assert 'value="Ruiz: We will raise the fare. But not this year."' in text
    assert "notice doubt" not in text
    assert "Lasts 0:08." in text


def test_a_part_that_is_taken_back_is_noticed_and_the_rest_offered(member, meeting):
    text = member.get(address(meeting, ("4", "8"))).content.decode()
    assert "It stops before something is taken back" in text
    assert "End at 0:12" in text


def test_segments_are_named_by_their_keys_as_well(member, meeting):
    first, last = meeting.transcripts.get().segments.order_by("position")[1:3]
    answer = member.get(address(meeting, first=first.key, last=last.key))
    assert fields(answer) == [("0:04", "0:12")]
    assert fields(member.get(address(meeting, first="gone", last=last.key))) == [("", "")]


def test_whoever_saves_is_led_to_the_clip(member, meeting):
    parts = ("0:04", "0:12"), ("40", "0:44.0")
    answer = post(member, meeting, *parts)
    clip = Clip.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, clip.get_absolute_url())
    spans = clip.spans.order_by("position").values_list("start_ms", "end_ms")
    assert list(spans) == [(4_000, 12_000), (40_000, 44_000)]
    assert (clip.title, clip.visibility, clip.maker_name) == ("The fare", "unlisted", "A. Reader")
    assert clip.owner == member.user


def test_the_dialog_gets_the_form_alone_and_the_address_of_the_clip(member, meeting):
    drawn = member.get(address(meeting, ("4", "12")), headers=LATER).content.decode()
    assert drawn.lstrip().startswith("<form")
    assert "<html" not in drawn
    answer = post(member, meeting, ("4", "12"), headers=LATER)
    assert (answer.status_code, answer["Location"]) == (201, Clip.objects.get().get_absolute_url())


def test_nothing_is_saved_before_what_was_noticed_was_shown(member, meeting):
    part = ("4", "8")
    answer = post(member, meeting, part, seen=mark(("4", "12")))
    assert answer.status_code == 422
    assert "Not saved yet" in answer.content.decode()
    assert Clip.objects.count() == 0
    assert post(member, meeting, part, seen=mark(part)).status_code == 302  # their choice
    assert Clip.objects.get().duration_ms == 4_000


def test_what_is_offered_is_taken_with_one_press(member, meeting):
    answer = post(member, meeting, ("4", "8"), do="widen:0:0", title="Mine")
    assert answer.status_code == 200
    assert fields(answer) == [("0:04", "0:12")]
    assert 'value="Mine"' in answer.content.decode()
    assert "notice doubt" not in answer.content.decode()
    assert Clip.objects.count() == 0


def test_a_part_that_grows_takes_in_the_next_one(member, meeting):
    answer = post(member, meeting, ("4", "8"), ("10", "16"), do="widen:0:0")
    assert fields(answer) == [("0:04", "0:16")]


def test_a_title_that_was_only_suggested_follows_the_words(member, meeting):
    suggested = "Ruiz: We will raise the fare."
    given = {"do": "widen:0:0", "suggested": suggested}
    answer = post(member, meeting, ("4", "8"), title=suggested, **given)
    assert 'value="Ruiz: We will raise the fare. But not this year."' in answer.content.decode()
    answer = post(member, meeting, ("4", "8"), title="Ruiz on the fare", **given)
    assert 'value="Ruiz on the fare"' in answer.content.decode()


def test_a_form_that_says_nothing_stores_nothing(member, meeting):
    assert post(member, meeting, ("4", "12"), do="check").status_code == 200
    given = sent(meeting, ("4", "12"))
    del given["do"]
    assert member.post("/clips/new/", given).status_code == 200
    assert post(member, meeting, ("4", "12"), do="delete").status_code == 404
    assert Clip.objects.count() == 0


def test_keys_of_nonsense_name_nothing(member, meeting):
    for key in ("\0", "x" * 5_000, "' OR 1=1"):
        assert fields(member.get(address(meeting, first=key, last=key))) == [("", "")]


def test_what_is_longer_than_a_clip_may_be_is_not_looked_up(member, meeting):
    [part] = member.get(address(meeting, ("0", "9999999"))).context["parts"]
    assert part.lines == []


@pytest.mark.parametrize("do", ["widen:0:9", "widen:9:0", "drop:7"])
def test_what_is_not_there_any_more_changes_nothing(member, meeting, do):
    assert fields(post(member, meeting, ("4", "8"), do=do)) == [("4", "8")]


def test_parts_come_and_go(member, meeting):
    parts = ("4", "12"), ("40", "44")
    assert fields(post(member, meeting, *parts, do="more")) == [*parts, ("", "")]
    assert fields(post(member, meeting, *parts, do="drop:0")) == [parts[1]]
    assert fields(post(member, meeting, parts[0], do="drop:0")) == [("", "")]


def test_between_parts_that_follow_closely_nothing_is_cut_off(member, meeting):
    answer = member.get(address(meeting, ("4", "8"), ("8", "12")))
    assert not any(part.findings for part in answer.context["parts"])


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([("12", "4")], "before it begins"),
        ([("4", "NaN")], "“NaN” is no time"),
        ([("-4", "8")], "“-4” is no time"),
        ([("١٢", "20")], "is no time"),
        ([("4", "")], "Say when part 1 ends"),
        ([("", "12")], "Say when part 1 begins"),
        ([], "Say when part 1 begins"),
        ([("50", "9999999")], "The recording ends at"),
        ([("4", "12"), ("8", "16")], "overlap"),
        ([(str(n), str(n)) for n in range(21)], "20 parts at most"),
        ([("<b>", "</b>")], "“&lt;b&gt;” is no time"),
    ],
)
def test_what_cannot_be_cut_is_said_and_nothing_is_stored(member, meeting, parts, sentence):
    answer = post(member, meeting, *parts)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Clip.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title": ""}, "Give the clip a title."),
        ({"title": "x" * 121}, "longer than 120 characters"),
        ({"visibility": "everybody"}, "Choose who may see the clip."),
        ({"note": "x" * 2_001}, "longer than 2000 characters"),
    ],
)
def test_what_is_said_of_it_badly_is_refused_beside_its_field(member, meeting, given, sentence):
    answer = post(member, meeting, ("4", "12"), **given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Clip.objects.count() == 0


def test_a_title_of_markup_is_words(member, meeting):
    answer = post(member, meeting, ("4", "8"), title="<script>alert(1)</script>")
    assert "<script>alert" not in answer.content.decode()


def test_a_million_parts_are_refused_before_they_are_looked_at(member, meeting):
    many = urlencode([("from", "1"), ("to", "2")] * 2_000)
    assert member.get(f"/clips/new/?meeting={meeting.pk}&{many}").status_code == 400
    answer = member.get(address(meeting, *[("1", "2")] * 400))
    assert len(answer.context["parts"]) == 21


@pytest.mark.parametrize("asked", ["", "meeting=", "meeting=0", "meeting=x", "meeting=" + "9" * 30])
def test_without_a_meeting_there_is_no_form(member, meeting, asked):
    assert member.get(f"/clips/new/?{asked}").status_code == 404


def test_a_meeting_that_is_not_public_has_no_clips(member, staff, meeting):
    meeting.state = State.DRAFT
    meeting.save()
    assert member.get(address(meeting, ("4", "12"))).status_code == 404
    answer = post(staff, meeting, ("4", "12"))
    assert answer.status_code == 422
    assert "once the meeting is published" in answer.content.decode()
    assert Clip.objects.count() == 0


def test_without_a_recording_nothing_can_be_cut(member, meeting):
    meeting.recordings.all().delete()
    answer = member.get(address(meeting, ("4", "12")))
    assert "no recording that can be played now" in answer.content.decode()
    assert post(member, meeting, ("4", "12")).status_code == 422


def test_without_a_transcript_times_will_do(member, meeting):
    meeting.transcripts.all().delete()
    assert member.get(address(meeting, ("4", "12"))).status_code == 200
    assert post(member, meeting, ("4", "12")).status_code == 302


def test_the_name_given_last_is_suggested(member, meeting):
    post(member, meeting, ("4", "12"))
    assert 'value="A. Reader"' in member.get(address(meeting, ("4", "12"))).content.decode()


def test_many_parts_take_no_more_queries_than_one(member, meeting):
    counted = []
    for parts in ([("4", "12")], [("4", "12"), ("20", "24"), ("40", "44")]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            member.get(address(meeting, *parts))
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 9


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        *[("0", 0), ("754.2", 754_200), ("12:34.5", 754_500), ("1:02:03.125", 3_723_125)],
        *[(" 12:34,5 ", 754_500), ("90:00", 5_400_000), ("1.23456", 1_234)],
        *[
            ("", None),
            ("1:2:3:4", None),
            ("1e3", None),
            ("inf", None),
            ("0x10", None),
            ("1.", None),
        ],
    ],
)
def test_times_are_read_as_people_write_them(text, ms):
    assert milliseconds(text) == ms


@pytest.mark.parametrize("ms", [0, 1, 10, 999, 59_999, 60_000, 754_500, 3_600_000, 86_399_010])
def test_times_are_written_so_that_they_are_read_the_same(ms):
    assert milliseconds(exact_clock(ms)) == ms


def test_the_last_part_leaves_an_empty_one():
    assert without([Wanted("1", "2")], 0) == [Wanted("", "")]


def test_a_part_that_grows_leaves_those_alone_that_are_no_times():
    parts = [Wanted("x", ""), Wanted("1", "2"), Wanted("1.5", "9")]
    assert widened_to(parts, 1, Span(1_000, 3_000)) == [Wanted("x", ""), Wanted("0:01", "0:09")]
