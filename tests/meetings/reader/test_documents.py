"""The documents of a meeting as members take them away, and nobody else."""

import io
from typing import Any

import docx
import pytest
from django.urls import reverse
from lxml import etree

from meetings.records.models import State
from meetings.transcripts.documents import DOCUMENTS
from meetings.transcripts.utterances import Utterance
from tests.meetings.records.factories import AgendaItemFactory, MeetingFactory
from tests.meetings.transcripts.factories import transcribe

SAID = [
    Utterance(0, 4_000, "Good evening.", "Chair Ruiz"),
    Utterance(4_000, 8_000, "The budget is <approved>.", "Member Okafor"),
    Utterance(8_000, 9_000, "So be it.", "Chair Ruiz"),
]


@pytest.fixture
def meeting(db: None) -> Any:
    meeting = MeetingFactory(title="Budget")
    AgendaItemFactory(meeting=meeting, title="Vote", start_ms=4_000)
    transcribe(SAID, meeting=meeting)
    return meeting


def asked(reader: Any, meeting: Any, ending: str) -> Any:
    return reader.get(reverse("transcript", args=[meeting.pk, ending]))


@pytest.mark.parametrize("ending", DOCUMENTS)
def test_documents_are_for_members_alone(ending: str, meeting: Any, personas: Any) -> None:
    for name, reader in personas.items():
        answer = asked(reader, meeting, ending)
        if name in {"member", "staff"}:
            assert answer.status_code == 200
            assert answer["Content-Type"] == DOCUMENTS[ending].content_type
            assert answer["Content-Disposition"].endswith(f'{meeting.pk}.{ending}"')
            assert b"".join(answer.streaming_content)
        else:
            assert answer.status_code == 402
            assert b"approved" not in answer.content


def test_xml_takes_as_many_queries_for_a_long_meeting_as_for_a_short_one(
    meeting: Any, member: Any, django_assert_num_queries: Any
) -> None:
    # session, user, membership; meeting, transcript; speakers, agenda; words
    for ending in ("akn.xml", "tei.xml"):
        with django_assert_num_queries(8):
            made = b"".join(asked(member, meeting, ending).streaming_content)
        assert "The budget is <approved>." in "".join(etree.fromstring(made).itertext())


def test_speakers_are_named_in_the_order_in_which_they_speak(meeting: Any, member: Any) -> None:
    made = b"".join(asked(member, meeting, "tei.xml").streaming_content)
    people = etree.fromstring(made).findall(".//{*}person/{*}persName")
    assert [one.text for one in people] == ["Chair Ruiz", "Member Okafor"]


def test_docx_of_a_stored_meeting_has_its_agenda_and_turns(meeting: Any, member: Any) -> None:
    made = b"".join(asked(member, meeting, "docx").streaming_content)
    lines = [paragraph.text for paragraph in docx.Document(io.BytesIO(made)).paragraphs]
    assert "Vote" in lines
    assert "0:00:04  Member Okafor  The budget is <approved>." in lines


def test_a_draft_s_documents_are_for_staff_alone(member: Any, staff: Any) -> None:
    draft = MeetingFactory(state=State.DRAFT)
    transcribe(SAID, meeting=draft)
    assert asked(member, draft, "tei.xml").status_code == 404
    assert asked(staff, draft, "tei.xml").status_code == 200


def test_the_meeting_s_page_offers_every_kind(meeting: Any, member: Any, visitor: Any) -> None:
    page = b"".join(member.get(meeting.get_absolute_url()).streaming_content).decode()
    for ending in DOCUMENTS:
        assert reverse("transcript", args=[meeting.pk, ending]) in page
    assert "transcript.pdf" not in visitor.get(meeting.get_absolute_url()).text
