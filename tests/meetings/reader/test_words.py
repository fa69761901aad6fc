"""Segments as HTML: what was hard to hear, when words are said, and nothing that anybody wrote."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.reader import queries
from meetings.templatetags.words import said
from meetings.transcripts.models import Segment
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db
UNSURE = re.compile(r'<span class="unsure">(.*?)</span>')


def segment(text, **facts):
    return Segment(pk=1, key="a1", start_ms=1_000, end_ms=2_000, text=text, **facts)


def test_words_that_were_hard_to_hear_are_marked_and_neighbours_share_a_mark():
    one = segment("We do <not> know yet", confidence=0.2, word_confidences=[90, 60, 59, 3, 99])
    html = said(one, None)
    assert UNSURE.findall(html) == ["&lt;not&gt; know"]
    assert 'class="unsure">We' not in html  # where words are known, the segment is not marked


@pytest.mark.parametrize(("confidence", "is_unsure"), [(None, False), (0.6, False), (0.59, True)])
def test_where_no_word_is_known_the_segment_is_marked(confidence, is_unsure):
    assert (' class="unsure"' in said(segment("Words.", confidence=confidence), None)) is is_unsure


def test_marks_that_do_not_fit_the_words_are_left_out():
    html = said(segment("Three words here", word_confidences=[1, 1]), None)
    assert "unsure" not in html


def test_beginnings_of_words_go_along_and_nothing_where_they_are_unknown():
    html = said(segment("Two words", word_starts_ms=[0, 410]), None)
    assert html.startswith('<span id="s-a1" data-t="1000,2000" data-w="0,410">Two')
    assert "data-w" not in said(segment("Two words"), None)


def test_only_the_segment_that_the_address_names_is_the_moment():
    one, other = segment("One."), Segment(pk=2, key="b2", start_ms=0, end_ms=1, text="Other.")
    assert '<mark id="moment">One.</mark>' in said(one, one)
    assert "mark" not in said(one, other)


@given(st.text(), st.data())
def test_whatever_was_said_stands_there_and_is_no_markup(text, data):
    sure = st.lists(st.integers(0, 100), min_size=len(text.split()), max_size=len(text.split()))
    html = said(segment(text, word_confidences=data.draw(st.none() | sure)), None)
    words = unescape(re.sub(r"</?span[^>]*>", "", html))
    assert words.split() == text.split()
    assert not re.search(r"<(?!/?span)", html)


def test_one_doubtful_word_is_enough_for_the_legend():
    transcript = transcribe([])
    for position, sure in enumerate([[60, 90], None, []]):
        Segment.objects.create(
            transcript=transcript,
            position=position,
            key=str(position),
            start_ms=0,
            end_ms=1,
            text="Two words",
            word_confidences=sure,
        )
    assert not queries.hearing(transcript).has_unsure_words
    Segment.objects.filter(transcript=transcript, key="0").update(word_confidences=[60, 59])
    assert queries.hearing(transcript).has_unsure_words
