"""Drafts of real meetings, which nobody here wrote, in three languages."""

import time
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from meetings.articles import services
from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from tests.meetings.records.factories import BodyFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def taken_in(path):
    body = BodyFactory(name="Committee", slug="committee")
    call_command("import_meeting", str(path), body=body.slug, held_on="2018-02-07", verbosity=0)
    return Meeting.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "file",
    [
        "ca-legislature/assembly-20190327_Local_Government.vtt",
        "ca-legislature/senate-20210317_Health.vtt",
        "knox-county/CIty_Council_100601_0.srt",
        "bundestag/with-video.json",
        "french-meetings/686239f069621dada25c3408f1867d66.0.ctm",
    ],
)
def test_a_real_meeting_is_told_in_words_that_were_said(sample_data, file):
    meeting = taken_in(sample_data / "captions" / file)
    article = services.draft(meeting=meeting, now=NOW)
    spoken = " ".join(
        " ".join(segment.text.split())
        for segment in transcripts.segments(transcripts.current(meeting))
    )
    sentences = list(article.sentences.order_by("paragraph", "position"))
    assert 3 <= max(sentence.paragraph for sentence in sentences) <= 6
    for sentence in sentences:
        words = sentence.text[min(sentence.text.index(m) for m in "“„«" if m in sentence.text) :]
        assert words.strip("“”„«»\xa0") in spoken


@pytest.mark.slow
@pytest.mark.django_db
def test_a_hearing_of_fifteen_thousand_cues_takes_less_than_thirty_seconds(sample_data):
    meeting = taken_in(sample_data / "captions/ca-legislature/assembly-20180207_HealthCare.vtt")
    begun = time.process_time()
    services.draft(meeting=meeting, now=NOW)
    assert time.process_time() - begun < 30
