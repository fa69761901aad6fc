"""Which segments a clip plays: those that overlap its spans, and with end pieces nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.clips import runs
from meetings.clips.runs import Entry, Piece, Run
from meetings.clips.timed import Span

ENDS = [6_000, 12_000, 18_000, 24_000, 30_000]


def numbers(*spans):
    return [entry.number for entry in runs.entries([Span(*one) for one in spans], ENDS, [])]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 1_000)], [0]),
        ([(5_999, 6_000)], [0]),
        ([(5_999, 6_001)], [0, 1]),
        ([(6_000, 12_000)], [1]),
        ([(6_000, 12_001)], [1, 2]),
        ([(0, 30_000)], [0, 1, 2, 3, 4]),
        ([(29_999, 30_000)], [4]),
        ([(1_000, 2_000), (4_500, 7_000)], [0, 1]),
        ([(1_000, 2_000), (13_000, 14_000)], [0, 2]),
        ([(31_000, 32_000)], []),
    ],
)
def test_segments_are_those_that_overlap_a_span(spans, expected):
    assert numbers(*spans) == expected


def test_segments_in_a_row_are_one_run_and_others_are_not_opened():
    found = runs.entries([Span(1_000, 7_000), Span(13_000, 14_000), Span(19_000, 20_000)], ENDS, [])
    assert runs.runs(found) == [Run(0, 3)]
    found = runs.entries([Span(1_000, 2_000), Span(13_000, 14_000)], ENDS, [])
    assert runs.runs(found) == [Run(0, 0), Run(2, 2)]


@st.composite
def meetings(draw):
    """Ends of segments, and spans as a clip has them."""
    lengths = draw(st.lists(st.integers(1, 9_000), min_size=1, max_size=30))
    ends, at = [], 0
    for length in lengths:
        at += length
        ends.append(at)
    spans, begin = [], 0
    for gap, lasts in draw(
        st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 9_000)), min_size=1, max_size=6)
    ):
        begin += gap
        spans.append(Span(begin, begin + lasts))
        begin += lasts + 2_000
    return ends, spans


@given(meetings())
def test_every_segment_is_opened_if_and_only_if_it_overlaps_a_span(made):
    ends, spans = made
    opened = {
        number
        for run in runs.runs(runs.entries(spans, ends, []))
        for number in range(run.first, run.last + 1)
    }
    starts = [0, *ends[:-1]]
    overlapping = {
        number
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        if any(start < span.end_ms and span.start_ms < end for span in spans)
    }
    assert opened == overlapping


@given(meetings())
def test_playlist_says_where_each_span_lies_and_how_long_it_is(made):
    ends, spans = made
    found = runs.entries(spans, ends, [])
    text = "".join(runs.playlist(spans, found, base_of=lambda number: "/b/"))
    placed = re.findall(r"^#EXT-X-CLIP-SPAN:START=([\d.]+),END=([\d.]+)$", text, re.MULTILINE)
    inside = [span for span in spans if span.start_ms < ends[-1]]
    assert len(placed) == len(inside)
    for (start, end), span in zip(placed, inside, strict=True):
        lasts = min(span.end_ms, ends[-1]) - span.start_ms
        assert round(float(end) * 1000) - round(float(start) * 1000) == lasts
    lengths = [float(one) for one in re.findall(r"^#EXTINF:([\d.]+),$", text, re.MULTILINE)]
    assert len(lengths) == len(found)
    longest = int(re.search(r"TARGETDURATION:(\d+)", text)[1])
    assert all(length <= longest for length in lengths)


def lines(spans, pieces=()):
    found = runs.entries(spans, ENDS, list(pieces))
    return "".join(runs.playlist(spans, found, base_of=lambda number: f"/t{number}/")).splitlines()


def test_playlist_of_two_runs_is_cut_where_they_meet():
    assert lines([Span(4_000, 7_000), Span(25_000, 26_000)]) == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:6",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-START:TIME-OFFSET=4.000,PRECISE=YES",
        "#EXT-X-CLIP-SPAN:START=4.000,END=7.000",
        "#EXT-X-CLIP-SPAN:START=13.000,END=14.000",
        '#EXT-X-MAP:URI="/t0/init.mp4"',
        "#EXTINF:6.000,",
        "/t0/0.m4s",
        "#EXTINF:6.000,",
        "/t1/1.m4s",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="/t4/init.mp4"',
        "#EXTINF:6.000,",
        "/t4/4.m4s",
        "#EXT-X-ENDLIST",
    ]


HEAD = Piece(4_000, 6_000, "/head.mp4", 100, 700)
TAIL = Piece(18_000, 19_000, "/tail.mp4", 90, 400)


def test_with_end_pieces_nothing_outside_is_played_and_no_segment_is_opened_beyond():
    spans = [Span(4_000, 19_000)]
    found = runs.entries(spans, ENDS, [HEAD, TAIL])
    assert found == [
        Entry(4_000, 6_000, piece=HEAD),
        Entry(6_000, 12_000, 1),
        Entry(12_000, 18_000, 2),
        Entry(18_000, 19_000, piece=TAIL),
    ]
    assert runs.runs(found) == [Run(1, 2)]
    assert lines(spans, [HEAD, TAIL])[6:] == [
        "#EXT-X-START:TIME-OFFSET=0.000,PRECISE=YES",
        "#EXT-X-CLIP-SPAN:START=0.000,END=15.000",
        '#EXT-X-MAP:URI="/head.mp4",BYTERANGE="100@0"',
        "#EXTINF:2.000,",
        "#EXT-X-BYTERANGE:600@100",
        "/head.mp4",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="/t1/init.mp4"',
        "#EXTINF:6.000,",
        "/t1/1.m4s",
        "#EXTINF:6.000,",
        "/t2/2.m4s",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="/tail.mp4",BYTERANGE="90@0"',
        "#EXTINF:1.000,",
        "#EXT-X-BYTERANGE:310@90",
        "/tail.mp4",
        "#EXT-X-ENDLIST",
    ]


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD],
        [TAIL],
        [HEAD, Piece(18_000, 19_001, "/long.mp4", 9, 99)],
        [Piece(4_000, 5_999, "/short.mp4", 9, 99), TAIL],
        [Piece(4_000, 4_000, "/none.mp4", 9, 99), TAIL],
    ],
)
def test_pieces_that_do_not_fill_the_span_are_left_alone(pieces):
    assert [one.number for one in runs.entries([Span(4_000, 19_000)], ENDS, pieces)] == [0, 1, 2, 3]


def test_span_on_the_borders_of_segments_needs_no_pieces():
    assert runs.runs(runs.entries([Span(6_000, 18_000)], ENDS, [])) == [Run(1, 2)]
