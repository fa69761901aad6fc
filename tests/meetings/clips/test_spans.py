"""Spans of a clip: what is bridged, what is refused, and that no spans come out wrong."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.clips.spans import BRIDGED_MS, NotCut, length_of, settled

HOUR = 3_600_000


def test_gap_under_two_seconds_is_bridged_and_one_of_two_seconds_is_not():
    assert settled([(0, 1_000), (2_999, 4_000)], duration_ms=HOUR) == [(0, 4_000)]
    assert settled([(0, 1_000), (3_000, 4_000)], duration_ms=HOUR) == [(0, 1_000), (3_000, 4_000)]


def test_order_of_spans_does_not_matter():
    assert settled([(9_000, 10_000), (0, 1_000)], duration_ms=HOUR) == [(0, 1_000), (9_000, 10_000)]


def test_end_of_a_rounded_caption_is_drawn_back_into_the_recording():
    assert settled([(HOUR - 5_000, HOUR + 800)], duration_ms=HOUR) == [(HOUR - 5_000, HOUR)]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ([], "Choose where"),
        ([(5_000, 4_000)], "would end at 0:04, before it begins at 0:05"),
        ([(5_000, 5_000)], "before it begins"),
        ([(5_000, 5_499)], "half a second"),
        ([(HOUR, HOUR + 1_000)], "The recording ends at 1:00:00"),
        ([(HOUR - 1_000, HOUR + 2_001)], "The recording ends at 1:00:00"),
        ([(-1, 4_000)], "The recording ends"),
        ([(float("nan"), 4_000)], "no time"),
        ([(0, float("inf"))], "no time"),
        ([(0.0, 4_000)], "no time"),
        ([(False, 4_000)], "no time"),
        ([("0", "4000")], "no time"),
        ([(0, 4_000), (3_999, 8_000)], "overlap at 0:03"),
        ([(0, 4_000), (0, 4_000)], "overlap"),
        ([(0, 601_000)], "lasts 10:00 at most, and this one would last 10:01"),
        ([(0, 300_000), (302_000, 603_000)], "10:01"),
        ([(n * 4_000, n * 4_000 + 1_000) for n in range(21)], "20 parts at most"),
        ([(0, 10**30)], "The recording ends"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_a_sentence(wanted, sentence):
    with pytest.raises(NotCut, match=sentence):
        settled(wanted, duration_ms=HOUR)


def test_million_spans_are_refused_without_looking_at_them():
    class Many(list):
        def __len__(self):
            return 1_000_000

        def __iter__(self):
            raise AssertionError("They are not read.")

    with pytest.raises(NotCut, match="20 parts"):
        settled(Many(), duration_ms=HOUR)


def test_limits_are_those_of_the_settings(settings):
    settings.CLIP_MAX_SECONDS, settings.CLIP_MAX_SPANS = 5, 1
    assert settled([(0, 5_000)], duration_ms=HOUR) == [(0, 5_000)]
    with pytest.raises(NotCut, match="lasts 0:05 at most"):
        settled([(0, 5_001)], duration_ms=HOUR)
    with pytest.raises(NotCut, match="one part at most"):
        settled([(0, 1_000), (4_000, 5_000)], duration_ms=HOUR)


@given(
    st.lists(st.tuples(st.integers(-10, 70_000), st.integers(-10, 70_000)), max_size=8),
    st.integers(1, 60_000),
)
def test_settled_spans_are_ordered_apart_inside_and_keep_what_was_wanted(wanted, duration_ms):
    try:
        spans = settled(wanted, duration_ms=duration_ms)
    except NotCut:
        return
    for span in spans:
        assert 0 <= span.start_ms < span.end_ms <= duration_ms
    for before, after in pairwise(spans):
        assert after.start_ms - before.end_ms >= BRIDGED_MS
    for start_ms, end_ms in wanted:
        kept = min(end_ms, duration_ms)
        assert any(span.start_ms <= start_ms and kept <= span.end_ms for span in spans)
    assert length_of(spans) >= max(min(end, duration_ms) - start for start, end in wanted)
