"""Coverage and the calendar: counts that are true, months without a meeting, few queries."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone

from meetings.front.coverage import SHOWN_MONTHS, coverage
from meetings.records.models import State
from meetings.transcripts.models import Transcript
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import BodyFactory, MeetingFactory, PlaceFactory
from tests.meetings.transcripts.factories import transcribe

TODAY = date(2026, 11, 23)
SAID = [Utterance(0, 4_000, "Good evening.")]


@pytest.mark.django_db
def test_meetings_are_counted_by_how_far_they_are() -> None:
    body = BodyFactory(name="Council")
    whole = ArticleFactory(
        meeting__body=body,
        meeting__held_on=date(2026, 3, 1),
        meeting__published_at=datetime(2026, 3, 5, 9, tzinfo=UTC),
    ).meeting
    RecordingFactory(meeting=whole, ready=True)
    transcribe(SAID, meeting=whole)
    Transcript.objects.filter(meeting=whole).update(reviewed_at=timezone.now())
    transcribe(SAID, meeting=MeetingFactory(body=body))
    MeetingFactory(body=body, state=State.ANNOUNCED)
    MeetingFactory(body=body, state=State.DRAFT)
    MeetingFactory(body=body, state=State.WITHDRAWN)
    BodyFactory(name="Board")

    found = {one.body.name: one for one in coverage(today=TODAY)}

    council = found["Council"]
    assert (council.known, council.recorded, council.transcribed) == (3, 1, 2)
    assert (council.reviewed, council.summarised) == (1, 1)
    assert council.lag_days == 3  # the middle of 4 days 9 hours and 2 days 9 hours
    assert (found["Board"].known, found["Board"].lag_days, found["Board"].bars) == (0, None, [])


@pytest.mark.django_db
def test_months_without_a_meeting_are_named(visitor: Client) -> None:
    body = BodyFactory(name="Council")
    for month in (1, 2, 5):
        MeetingFactory(body=body, held_on=date(2026, month, 9))
    transcribe(SAID, meeting=body.meetings.earliest("held_on"))

    [one] = coverage(today=TODAY)

    assert one.gaps == [(date(2026, 3, 1), date(2026, 4, 1))]
    assert [bar.transcribed > 0 for bar in one.bars] == [True, False, False, False, False]
    assert "2: March 2026 – April 2026" in visitor.get("/coverage/").content.decode()


@pytest.mark.django_db
def test_a_month_that_is_not_over_is_not_missing() -> None:
    body = BodyFactory(name="Council")
    for month in (1, 3, 6):
        MeetingFactory(body=body, held_on=date(2026, month, 9))

    [one] = coverage(today=date(2026, 4, 30))

    assert one.gaps == [(date(2026, 2, 1), date(2026, 2, 1))]


@pytest.mark.django_db
def test_a_body_with_a_very_old_meeting_has_a_small_chart(visitor: Client) -> None:
    body = BodyFactory(name="Council")
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        MeetingFactory(body=body, held_on=day)

    assert len(coverage(today=TODAY)[0].bars) == SHOWN_MONTHS
    assert visitor.get("/coverage/").status_code == 200
    for path in ("/bodies/", "/places/", body.get_absolute_url(), body.place.get_absolute_url()):
        assert visitor.get(path).status_code == 200
        oldest = visitor.get(f"{path}?month=0001-01")
        assert 'href="?month=9999-12#calendar"' in oldest.content.decode()
        newest = visitor.get(f"{path}?month=9999-12")
        assert 'href="?month=0001-01#calendar"' in newest.content.decode()
        for month in ("0000-01", "10000-01", "2026-13", "2026"):
            assert visitor.get(f"{path}?month={month}").status_code == 404


@pytest.mark.django_db
def test_coverage_takes_three_queries_and_one_for_the_page(
    visitor: Client, django_assert_max_num_queries
) -> None:
    for _ in range(10):
        ArticleFactory()

    with django_assert_max_num_queries(4):
        assert visitor.get("/coverage/").status_code == 200


@pytest.mark.django_db
def test_calendar_shows_the_month_that_is_asked_for(visitor: Client) -> None:
    body = BodyFactory(name="Council", place=PlaceFactory(name="City"))
    for day, title in ((date(2026, 3, 3), "In March"), (date(2026, 5, 5), "In May")):
        MeetingFactory(body=body, held_on=day, title=title)
    MeetingFactory(body=body, held_on=date(2026, 3, 4), title="Secret", state=State.DRAFT)
    MeetingFactory(held_on=date(2026, 3, 3), title="Elsewhere")

    for path in ("/bodies/", "/places/", "/places/city/", "/bodies/council/"):
        month = visitor.get(path).context["month"]
        assert (month.first, month.before, month.after) == (
            date(2026, 5, 1),
            date(2026, 3, 3),
            None,
        )
        march = visitor.get(f"{path}?month=2026-03").context["month"]
        titles = {one.title for day in march.met for one in day.meetings}
        everywhere = path in {"/bodies/", "/places/"}
        assert titles == {"In March"} | ({"Elsewhere"} if everywhere else set())
        april = visitor.get(f"{path}?month=2026-04")
        around = (date(2026, 3, 3), date(2026, 5, 5))
        assert (april.context["month"].before, april.context["month"].after) == around
        assert "We know of no meeting in April 2026." in april.content.decode()
        assert visitor.get(f"{path}?month=x").status_code == 404


@pytest.mark.django_db
def test_places_count_what_lies_in_them(visitor: Client) -> None:
    state = PlaceFactory(name="State")
    city = PlaceFactory(name="City", parent=state)
    MeetingFactory(body__place=city)
    MeetingFactory(body__place=state)

    [branch] = visitor.get("/places/").context["tree"]

    assert (branch.bodies, branch.meetings) == (2, 2)
    assert (branch.children[0].bodies, branch.children[0].meetings) == (1, 1)
