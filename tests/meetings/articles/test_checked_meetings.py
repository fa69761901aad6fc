"""The checks on real meetings: what was said holds, and what was not is seen."""

import re
from datetime import UTC, datetime

import pytest

from meetings.articles import services
from meetings.articles.checks import together
from meetings.articles.checks.finding import Kind
from meetings.articles.checks.heard import Heard
from meetings.articles.models import Check
from meetings.transcripts import queries as transcripts
from tests.meetings.articles.test_real_meetings import taken_in

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
FACTS = together.Facts()
AMOUNTS = {Kind.FIGURE, Kind.MONEY, Kind.DATE, Kind.VOTE}
COUNCIL = "knox-county/CIty_Council_100601_0.srt"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "file",
    [
        "ca-legislature/assembly-20190327_Local_Government.vtt",
        COUNCIL,
        "bundestag/with-video.json",
        "french-meetings/686239f069621dada25c3408f1867d66.0.ctm",
    ],
)
def test_an_article_of_quotations_fails_no_check(sample_data, file):
    meeting = taken_in(sample_data / "captions" / file)
    article = services.draft(meeting=meeting, now=NOW)
    assert services.check_article(article=article, now=NOW) == []
    assert Check.objects.of_article(article).filter(verdict="verbatim").count() >= 10


@pytest.mark.django_db
def test_a_figure_that_was_changed_is_seen(sample_data):
    """Of a real meeting: each figure with another first digit, against the segment it is from."""
    meeting = taken_in(sample_data / "captions" / COUNCIL)
    segments = list(transcripts.segments(transcripts.current(meeting)))
    seen = total = 0
    for segment in segments:
        for digits in re.finditer(r"(?<![\w.,:/-])[1-8]\d*", segment.text):
            at = digits.start()
            changed = f"{segment.text[:at]}{int(segment.text[at]) + 1}{segment.text[at + 1 :]}"
            held = together.check(segment.text, [segment], Heard([segment]), facts=FACTS)
            assert not any(together.has_failed(one) for one in held if one.kind in AMOUNTS)
            found = together.check(changed, [segment], Heard([segment]), facts=FACTS)
            total += 1
            seen += any(together.has_failed(one) for one in found if one.kind in AMOUNTS)
    assert total >= 100
    assert seen / total >= 0.98
