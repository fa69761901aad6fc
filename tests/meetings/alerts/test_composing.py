"""A message is grouped by alert and meeting, quotes what matched, and stays short."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.alerts import composing
from meetings.alerts.models import Alert, Match, Source, Stage
from meetings.search.moments import Part
from portal.post import rendering
from tests.meetings.records.factories import MeetingFactory

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def council():
    return MeetingFactory.build(
        pk=7,
        title="Council & <b>Co</b>",
        slug="council",
        held_on=date(2026, 11, 20),
        body__pk=1,
        body__name="Oakland City Council",
        body__place__pk=1,
        body__place__name="Oakland",
    )


def found(meeting, name="rent control", pk=1, start_ms=754_200, **given):
    values = {
        "pk": pk,
        "alert": Alert(pk=len(name), name=name),
        "meeting": meeting,
        "stage": Stage.AFTER,
        "source": Source.TRANSCRIPT,
        "start_ms": start_ms,
        "speaker": "Chair Ruiz",
        "lines": [
            {"parts": [["We vote on ", False], ["rent control", True], [" <now>.", False]]},
        ],
        "found_at": NOW,
    }
    return Match(**(values | given))


def words(rows, **given):
    letter = composing.letter(rows, **({"standfirsts": {}} | given))
    return rendering.render(
        template="alerts/digest",
        subject=letter.subject,
        context={"letter": letter, "stop_url": "https://portal.example/stop/"},
    )


def test_both_parts_say_what_matched_who_said_it_and_where(council, settings):
    said = words([found(council)], standfirsts={7: "The council capped rents."})
    assert "We vote on <strong>rent control</strong> &lt;now&gt;." in said.html
    assert "We vote on *rent control* <now>." in said.text
    url = f"{settings.SITE_URL}/meetings/7/council/?t=754.2#moment"
    for part in (said.html, said.text):
        assert url in part
        assert "12:34" in part
        assert "Chair Ruiz" in part
        assert "The council capped rents." in part
        assert "November 20, 2026 · Oakland City Council, Oakland" in part
        assert "https://portal.example/stop/" in part
        assert f"{settings.SITE_URL}/alerts/by-link/" in part
    assert "Council &amp; &lt;b&gt;Co&lt;/b&gt;" in said.html


def test_alerts_stand_by_name_meetings_by_day_and_moments_as_they_were_said(council):
    earlier = MeetingFactory.build(pk=9, held_on=date(2026, 11, 1), body__pk=1, body__place__pk=1)
    rows = [
        found(council, "zoning", pk=1),
        found(council, "rent control", pk=2, start_ms=9_000),
        found(council, "rent control", pk=3, start_ms=1_000),
        found(earlier, "rent control", pk=4),
    ]
    letter = composing.letter(rows, standfirsts={})
    assert [one.alert.name for one in letter.alerts] == ["rent control", "zoning"]
    assert [one.meeting.pk for one in letter.alerts[0].meetings] == [9, 7]
    assert [quote.start_ms for quote in letter.alerts[0].meetings[1].quotes] == [1_000, 9_000]
    assert letter.subject == "4 new moments: rent control, zoning"


def test_what_is_still_to_come_says_so(council):
    row = found(council, stage=Stage.BEFORE, source=Source.AGENDA, start_ms=None, speaker="")
    said = words([row])
    assert said.subject == "rent control: coming up at Oakland City Council on November 20"
    for part in (said.html, said.text):
        assert "Coming up on November 20, 2026" in part
        assert "None" not in part


def test_a_flood_is_cut_and_counted_and_leads_to_the_rest(council, settings):
    rows = [found(council, pk=n, start_ms=n) for n in range(composing.MOMENTS_MAX + 3)]
    said = words(rows)
    assert said.html.count("<strong>") == composing.MOMENTS_MAX
    assert "3 more moments did not fit" in said.text
    for part in (said.html, said.text):
        assert f"{settings.SITE_URL}/alerts/matches/" in part
    assert len(said.html.encode()) < 100_000


def test_a_subject_holds_no_line_break_that_somebody_typed(council):
    said = words([found(council, "rent\r\nBcc: x@example.org")])
    assert "\n" not in said.subject
    assert "\r" not in said.subject


@given(
    st.lists(st.builds(Part, st.text(alphabet="ab \n", max_size=300), st.booleans()), max_size=12)
)
def test_what_is_shortened_stays_short_and_keeps_its_first_mark(parts):
    short = composing.shortened(parts)
    assert sum(len(part.text) for part in short) <= composing.WORDS_MAX + 2
    first = next((part for part in parts if part.is_match and part.text.strip()), None)
    if first is not None and not any(part.is_match for part in parts[: parts.index(first)]):
        kept = next(part for part in short if part.is_match)
        assert first.text.startswith(kept.text)
