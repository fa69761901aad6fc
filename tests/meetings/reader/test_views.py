"""The meeting page: every word for members, two minutes for others, nothing beyond in any byte."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localtime

from meetings.records.models import Meeting, State
from meetings.transcripts.models import Transcript
from meetings.transcripts.utterances import Utterance
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import AgendaItemFactory, MeetingFactory
from tests.meetings.transcripts.factories import transcribe

FREE = "Welcome to everybody who came tonight."
SECRET = "Zanzibar flamingo."
BEYOND = 600_000


@pytest.fixture
def meeting() -> Meeting:
    meeting = MeetingFactory()
    AgendaItemFactory(meeting=meeting, title="Opening", start_ms=0)
    said = [
        Utterance(5_000, 9_000, FREE, "Chair Ruiz"),
        Utterance(BEYOND, BEYOND + 4_000, SECRET, "Clerk Quandt"),
        *(
            Utterance(BEYOND + n * 1_000 + 5_000, BEYOND + n * 1_000 + 5_900, f"Flamingo {n}.", "B")
            for n in range(400)
        ),
    ]
    transcribe(said, meeting=meeting)
    return meeting


def everything(response) -> str:
    """All bytes of an answer, headers included."""
    streamed: Iterator[bytes] = response if response.streaming else iter([response.content])
    body = b"".join(streamed).decode()
    return body + "".join(f"{name}: {value}\n" for name, value in response.items())


@pytest.mark.django_db
def test_a_member_reads_every_word(member: Client, meeting: Meeting) -> None:
    response = member.get(meeting.get_absolute_url())
    page = everything(response)

    assert response.status_code == 200
    assert response.streaming
    assert FREE in page
    assert SECRET in page
    assert page.count("Flamingo ") == 400
    assert "</html>" in page
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["visitor", "refunded_member"])
@pytest.mark.parametrize("query", ["", "?t=7", "?t=600", "?t=601.5", "?t=999999"])
def test_others_get_the_first_two_minutes_and_not_a_word_more(
    who: str, query: str, meeting: Meeting, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(who)

    response = client.get(meeting.get_absolute_url() + query)
    page = everything(response)

    assert response.status_code == 200
    assert FREE in page
    assert "Chair Ruiz" in page
    assert "lamingo" not in page
    assert "Quandt" not in page
    assert "30-day" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", [*(f"transcript.{kind}" for kind in ("vtt", "srt", "txt", "json")), "captions.vtt"]
)
def test_exports_and_captions_are_for_members(
    name: str, visitor: Client, refunded_member: Client, member: Client, meeting: Meeting
) -> None:
    url = f"/meetings/{meeting.pk}/{name}"

    for refused in (visitor.get(url), refunded_member.get(url)):
        assert refused.status_code == 402
        assert refused["Content-Type"] == "application/problem+json"
        assert json.loads(refused.content)["status"] == 402
        assert "lamingo" not in everything(refused)
        assert FREE not in everything(refused)
    given = member.get(url)
    assert given.status_code == 200
    assert SECRET in everything(given)
    assert given.has_header("Content-Disposition") == name.startswith("transcript")
    assert "no-store" in given["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.DRAFT, State.ANNOUNCED, State.WITHDRAWN])
def test_until_it_is_published_even_members_do_not_get_the_words(
    state: State, member: Client, staff: Client, meeting: Meeting
) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=state, withdrawn_reason="Recorded twice.")

    page = member.get(meeting.get_absolute_url())
    export = member.get(f"/meetings/{meeting.pk}/transcript.vtt")
    captions = member.get(f"/meetings/{meeting.pk}/captions.vtt")

    expected = {State.DRAFT: 404, State.ANNOUNCED: 200, State.WITHDRAWN: 410}
    assert page.status_code == expected[state]
    assert (export.status_code, captions.status_code) == (404, 404)
    assert "lamingo" not in everything(page) + everything(export) + everything(captions)
    assert FREE not in everything(page)
    assert SECRET in everything(staff.get(meeting.get_absolute_url()))


@pytest.mark.django_db
def test_a_withdrawn_meeting_says_why(visitor: Client, meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(
        state=State.WITHDRAWN, withdrawn_reason="Recorded <twice>."
    )

    response = visitor.get(meeting.get_absolute_url())

    assert response.status_code == 410
    assert "Recorded &lt;twice&gt;." in response.content.decode()


@pytest.mark.django_db
def test_a_moment_is_marked(member: Client, visitor: Client, meeting: Meeting) -> None:
    page = everything(member.get(meeting.get_absolute_url() + "?t=600"))
    free = everything(visitor.get(meeting.get_absolute_url() + "?t=6"))
    beyond = everything(visitor.get(meeting.get_absolute_url() + "?t=600"))

    assert f'<mark id="moment">{SECRET}</mark>' in page
    assert 'data-t="600000,604000"' in page
    assert f'<mark id="moment">{FREE}</mark>' in free
    assert "10:00 lies beyond" in beyond


@pytest.mark.django_db
@pytest.mark.parametrize("t", ["", "x", "-5", "nan", "inf", "1e400", "9" * 400, "٣"])
def test_a_time_that_is_none_opens_the_page_at_its_start(
    t: str, member: Client, meeting: Meeting
) -> None:
    response = member.get(meeting.get_absolute_url(), {"t": t})

    assert response.status_code == 200
    assert SECRET in everything(response)


@pytest.mark.django_db
def test_a_wrong_slug_leads_to_the_right_one(visitor: Client, meeting: Meeting) -> None:
    response = visitor.get(f"/meetings/{meeting.pk}/other/?t=600")

    assert response.status_code == 301
    assert response["Location"] == meeting.get_absolute_url() + "?t=600"


@pytest.mark.django_db
def test_words_are_escaped(member: Client) -> None:
    said = [Utterance(0, 1_000, "<script>alert(1)</script> & <!-- transcript -->", "<b>Ann</b>")]
    transcript = transcribe(said)

    page = everything(member.get(transcript.meeting.get_absolute_url()))

    assert "<script>alert" not in page
    assert "<b>Ann" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;!-- transcript --&gt;" in page


@pytest.mark.django_db
def test_a_page_takes_few_queries(
    visitor: Client, member: Client, meeting: Meeting, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(8):
        everything(visitor.get(meeting.get_absolute_url()))
    with django_assert_max_num_queries(13):
        everything(member.get(meeting.get_absolute_url() + "?t=600"))


@pytest.mark.django_db
def test_members_see_who_speaks_for_how_long_and_others_do_not(
    member: Client, visitor: Client, meeting: Meeting
) -> None:
    told = everything(member.get(meeting.get_absolute_url()))
    others = everything(visitor.get(meeting.get_absolute_url()))

    for name, length in [("B", "6 min"), ("Chair Ruiz", "4 s"), ("Clerk Quandt", "4 s")]:
        assert f'<span>{name}</span> <span class="figures quiet">{length}</span>' in told
    assert "data-speaker" not in others


@pytest.mark.django_db
def test_what_was_hard_to_hear_is_marked_and_explained(member: Client) -> None:
    said = [Utterance(0, 900, "Clear.", confidence=0.6), Utterance(1_000, 1_900, "Known.")]
    clear = transcribe(said).meeting
    dim = transcribe([*said, Utterance(2_000, 2_900, "Mumble.", confidence=0.59)]).meeting

    assert "hard to hear" not in everything(member.get(clear.get_absolute_url()))
    page = everything(member.get(dim.get_absolute_url()))
    assert "hard to hear" in page
    assert 'data-t="2000,2900" class="unsure">Mumble.' in page
    assert page.count('class="unsure"') == 2  # the segment, and the explanation


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["visitor", "member"])
def test_it_is_said_whether_somebody_reviewed_the_words(
    who: str, request: pytest.FixtureRequest
) -> None:
    reader: Client = request.getfixturevalue(who)
    transcript = transcribe([Utterance(0, 900, "Words.")])
    rows = Transcript.objects.filter(pk=transcript.pk)

    def standing() -> str:
        page = everything(reader.get(transcript.meeting.get_absolute_url()))
        found = re.search(r'<p class="standing".*?>(.*?)</p>', page, re.DOTALL)
        assert found
        return " ".join(found[1].split())

    assert standing() == "Not yet reviewed."
    rows.update(origin="recognized")
    assert standing() == "Written by a machine from the recording. Not yet reviewed."
    day = transcript.created_at + timedelta(days=1)
    rows.update(reviewed_at=day, reviewed_by_name="R. Editor")
    assert standing() == f"Reviewed by R. Editor on {date_format(localtime(day))}."
    rows.update(reviewed_at=transcript.created_at - timedelta(days=1), reviewed_by_name="")
    assert re.fullmatch(r"Reviewed by our staff on .*\. Corrected since, on .*\.", standing())


@pytest.mark.django_db
def test_recording_that_is_not_ready_is_spoken_of_to_members_alone(
    visitor: Client, member: Client, staff: Client, meeting: Meeting
) -> None:
    recording = RecordingFactory(meeting=meeting)
    address = meeting.get_absolute_url()
    assert 'class="notice unready' in everything(member.get(address))
    assert f"/recording/{recording.pk}/change/" not in everything(member.get(address))
    assert f"/recording/{recording.pk}/change/" in everything(staff.get(address))
    for_visitors = everything(visitor.get(address))
    assert "unready" not in for_visitors
    assert "poster" not in for_visitors
