"""Insights on the meeting page: members read them, others see how many of each kind there are."""

import json
from datetime import UTC, datetime

import pytest

from meetings.articles import services
from meetings.articles.models import Insight, InsightEvidence
from meetings.records.models import State
from tests.meetings.articles.test_services import spoken_meeting
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SAID = "water rates is adopted, four to two"


@pytest.fixture
def meeting(db):
    meeting = spoken_meeting()
    services.gather(meeting=meeting, now=NOW)
    return meeting


def file_of(meeting):
    return f"/meetings/{meeting.pk}/insights.json"


def page(client, meeting):
    answer = client.get(meeting.get_absolute_url())
    assert answer.status_code == 200
    return b"".join(answer) if answer.streaming else answer.content


def insights_of(content):
    return content.decode().partition('<section class="insights"')[2].partition("</section>")[0]


def test_members_read_each_with_the_moment_that_it_rests_on(member, meeting):
    shown = insights_of(page(member, meeting))
    assert shown.count("data-kind=") == Insight.objects.count() > 4
    assert SAID in shown
    held = InsightEvidence.objects.get(insight__kind="vote", insight__text__contains=SAID)
    assert f"?t={held.start_ms // 1000}#moment" in shown
    assert "4 to 2" in shown


def test_members_choose_a_kind(member, meeting):
    shown = insights_of(page(member, meeting))
    for kind in Insight.objects.values_list("kind", flat=True):
        assert f'value="{kind}"' in shown


@pytest.mark.parametrize("who", ["visitor", "refunded"])
def test_others_see_how_many_there_are_and_not_a_word(personas, meeting, who):
    content = page(personas[who], meeting)
    shown = insights_of(content)
    votes = Insight.objects.filter(kind="vote").count()
    assert f'<dt>Votes</dt><dd class="figures">{votes}</dd>' in shown
    free = {"The ordinance raises water rates by 8 percent on January 1."}  # first two minutes
    for one in Insight.objects.all():
        words = one.text.partition("“")[2].rstrip("”")
        if words in free or one.evidence.get().end_ms <= 120_000:
            continue
        assert words.encode() not in content
    assert b"4 to 2" not in content


def test_the_file_has_each_with_its_evidence(member, meeting):
    answer = member.get(file_of(meeting))
    assert "attachment" in answer["Content-Disposition"]
    told = json.loads(answer.content)
    assert told["format"] == "citizen-portal/insights"
    [voted] = [one for one in told["insights"] if SAID in one["text"]]
    assert (voted["kind"], voted["ayes"], voted["noes"]) == ("vote", 4, 2)
    assert voted["evidence"][0]["url"].endswith("#moment")


@pytest.mark.parametrize("who", ["visitor", "refunded"])
def test_the_file_is_for_members(personas, meeting, who):
    answer = personas[who].get(file_of(meeting))
    assert answer.status_code == 402
    assert SAID.encode() not in answer.content


@pytest.mark.django_db
def test_a_meeting_that_is_not_public_gives_nothing(member, meeting):
    meeting.state = State.DRAFT
    meeting.save()
    assert member.get(file_of(meeting)).status_code == 404
    assert member.get("/meetings/999999/insights.json").status_code == 404


@pytest.mark.django_db
def test_until_a_meeting_is_published_not_even_numbers_are_told(visitor, meeting):
    meeting.state = State.ANNOUNCED
    meeting.save()
    assert b'class="insights"' not in page(visitor, meeting)


def test_what_no_longer_stands_in_the_transcript_is_neither_shown_nor_counted(
    member, visitor, meeting
):
    transcribe([], meeting=meeting, version=2)
    assert b'class="insights"' not in page(member, meeting)
    assert b'class="insights"' not in page(visitor, meeting)
    assert json.loads(member.get(file_of(meeting)).content)["insights"] == []


def test_a_meeting_without_insights_says_nothing_of_them(member, db):
    assert b'class="insights"' not in page(member, MeetingFactory())


def test_what_a_model_wrote_is_escaped(member, meeting):
    Insight.objects.update(text="<script>alert(1)</script>", who="")
    content = page(member, meeting)
    assert b"<script>alert(1)" not in content
    assert b"&lt;script&gt;alert(1)" in content
