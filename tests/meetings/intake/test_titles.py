"""Every screen of the desk says what it is, to who has many open and to who hears them."""

import re

import pytest
from django.urls import reverse

from meetings.intake import answers
from tests.meetings.articles.factories import ErrorReportFactory, sound_article
from tests.meetings.records.factories import MeetingFactory

pytestmark = pytest.mark.django_db


def title(staff, address):
    answer = staff.get(address)
    assert answer.status_code == 200
    told = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)[1]
    return " ".join(told.split())


def test_articles_and_reports_name_theirs(staff):
    article = sound_article(headline="Council buys a pipe")
    report = ErrorReportFactory(article=article)
    for name, told in (("review", "Council buys a pipe"), ("take_back", "Withdraw this article?")):
        address = reverse(f"admin:meetings_article_{name}", args=[article.pk])
        assert title(staff, address).startswith(f"{told} | ")
    assert title(staff, reverse("admin:meetings_article_queue")).startswith("Articles | ")
    decide = reverse("admin:meetings_errorreport_decide", args=[report.pk])
    assert title(staff, decide).startswith("Decide about a report | ")


def test_transcripts_and_recordings_name_theirs(staff):
    transcript = sound_article().meeting.transcripts.get()
    for name, told in (("edit", "Edit transcript"), ("versions", "Versions of the transcript")):
        assert title(staff, answers.url(name, transcript)).startswith(f"{told} | ")
    read = reverse("admin:meetings_transcript_read", args=[transcript.pk])
    assert title(staff, read).startswith("Version 1 of the transcript | ")
    brings = reverse("admin:meetings_meeting_bring_in")
    assert title(staff, brings).startswith("Bring meetings in | ")
    recordings = reverse("admin:meetings_meeting_recordings", args=[MeetingFactory().pk])
    assert title(staff, recordings).startswith("Recordings of this meeting | ")
