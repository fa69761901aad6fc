"""What is exported parses back, whatever the words are."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.exports import (
    CHUNK_CHARACTERS,
    EXPORTS,
    About,
    to_json,
    to_srt,
    to_text,
    to_webvtt,
)
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions, Reading
from meetings.transcripts.formats.portaljson import SCHEMA, read_portal_json


@dataclass(frozen=True)
class Said:
    key: str
    speaker_name: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None = None


ABOUT = About("Rules Committee --> 3 May\n\n<b>", "https://example.org/meetings/1/?t=1&x=2", "en")
NASTY = [
    "-->", "--", "x--", "->", "→", "&", "&amp;", "&lt;", "&#60;", "<b>", "</b>", "<", ">", "<v>",
    "a<b", "NOTE", "STYLE", "WEBVTT", "00:00:01.000 --> 00:00:02.000",
    "00:00:01,000 --> 00:00:02,000", "7", "{\\an8}", "{y:i}", "C:\\News", "R&D", "שלום",
    "\u202bمرحبا\u202c", "👩\u200d⚖️", "é", "e\u0301", "10\xa0000", "#hash", "[00:00:01] Eve",
    "\"quoted\"", "it's", "<c.red>", "<00:00:01.000>", "&nbsp;", "12:00 -> 13:00", "1 => 2",
    "x" * 90, "<!--", "]]>", "\ufeff",
]  # fmt: skip
SPACES = [" ", "\n", "\n\n", "\r\n", "\t", "  ", "\u2028"]


def characters() -> st.SearchStrategy[str]:
    return st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd")


def words() -> st.SearchStrategy[str]:
    free = st.text(characters(), min_size=1, max_size=8)
    return st.one_of(st.sampled_from(NASTY), free)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Words with white space between them and around; never blank."""
    said = draw(st.lists(words(), min_size=1, max_size=6))
    between = draw(st.lists(st.sampled_from(SPACES), min_size=len(said), max_size=len(said)))
    text = "".join(f"{word}{space}" for word, space in zip(said, between, strict=True))
    return text if text.strip() else "word"


@st.composite
def transcripts(draw: st.DrawFn) -> list[Said]:
    segments: list[Said] = []
    start = 0
    for number in range(draw(st.integers(1, 5))):
        start += draw(st.integers(0, 400_000))
        speaker = draw(st.one_of(st.just(""), texts()))
        confidence = draw(st.none() | st.floats(0, 1))
        end = start + draw(st.integers(0, 20_000))
        segments.append(Said(f"{number:016x}", speaker, start, end, draw(texts()), confidence))
    return segments


def folded(text: str) -> str:
    return re.sub(r"[ \t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+", " ", text).strip()


def parsed(
    write: Callable[[Iterable[Said], About], Iterator[str]], segments: list[Said], name: str
) -> Reading:
    return read("".join(write(segments, ABOUT)).encode(), name)


@given(transcripts())
def test_webvtt_reads_back_to_the_same_segments(segments: list[Said]) -> None:
    reading = parsed(to_webvtt, segments, "x.vtt")
    assert [(c.start_ms, c.end_ms, c.speaker, c.text) for c in reading.cues] == [
        (s.start_ms, s.end_ms, " ".join(s.speaker_name.split()), folded(s.text)) for s in segments
    ]


@given(transcripts())
def test_json_reads_back_to_the_same_segments_character_by_character(segments: list[Said]) -> None:
    reading = parsed(to_json, segments, "x.json")
    assert [(c.start_ms, c.end_ms, c.speaker, c.text, c.confidence) for c in reading.cues] == [
        (s.start_ms, s.end_ms, s.speaker_name, s.text, s.confidence) for s in segments
    ]
    assert (reading.title, reading.language) == (ABOUT.title, ABOUT.language)


@given(transcripts())
def test_srt_reads_back_to_the_same_times_and_words(segments: list[Said]) -> None:
    reading = parsed(to_srt, segments, "x.srt")
    assert [(c.start_ms, c.end_ms, c.text) for c in reading.cues] == [
        (s.start_ms, s.end_ms, folded(s.text)) for s in segments
    ]


@pytest.mark.parametrize("word", [word for word in NASTY if word.strip("\ufeff")])
def test_srt_keeps_a_nasty_word_alone(word: str) -> None:
    said = [Said("a", "", 0, 1_000, word), Said("b", "", 1_000, 2_000, word)]
    assert [cue.text for cue in parsed(to_srt, said, "x.srt").cues] == [word, word]


@given(transcripts())
def test_text_reads_back_to_the_same_words(segments: list[Said]) -> None:
    text = "".join(to_text(segments, ABOUT))
    _, *paragraphs = text.removesuffix("\n").split("\n\n")
    heads, bodies = zip(
        *(paragraph.lstrip("\n").split("\n") for paragraph in paragraphs), strict=True
    )
    assert " ".join(bodies) == " ".join(folded(segment.text) for segment in segments)
    assert all(re.match(r"\[\d\d+:\d\d:\d\d\]", head) for head in heads)


@given(transcripts())
def test_json_follows_its_schema(segments: list[Said]) -> None:
    document = json.loads("".join(to_json(segments, ABOUT)))
    jsonschema.validate(document, SCHEMA)
    assert [one["key"] for one in document["segments"]] == [segment.key for segment in segments]


def test_webvtt_names_title_source_speaker_and_key() -> None:
    said = [Said("00ab", "Elena <Ruiz> & co", 1_500, 3_600_000, "Aye & <no>", 0.5)]
    assert "".join(to_webvtt(said, About("Council", "https://example.org/1"))) == (
        "WEBVTT\n\nNOTE\nCouncil\nhttps://example.org/1\n\n"
        "00ab\n00:00:01.500 --> 01:00:00.000\n"
        "<v Elena &lt;Ruiz&gt; &amp; co>Aye &amp; &lt;no&gt;\n\n"
    )


def test_text_gives_each_turn_its_time_and_speaker() -> None:
    said = [
        Said("a", "Mayor Ruiz", 0, 900, "Good evening."),
        Said("b", "Mayor Ruiz", 900, 2_000, "Roll call."),
        Said("c", "Clerk", 62_000, 63_000, "Ames?"),
    ]
    assert "".join(to_text(said, About("Council", "https://example.org/1"))) == (
        "Council\nhttps://example.org/1\n\n\n[00:00:00] Mayor Ruiz\nGood evening. Roll call.\n\n"
        "[00:01:02] Clerk\nAmes?\n"
    )


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_a_long_transcript_is_written_while_it_is_read(name: str) -> None:
    taken = 0

    def segments() -> Iterator[Said]:
        nonlocal taken
        for number in range(15_000):
            taken = number
            yield Said(f"{number:016x}", "", number * 1000, number * 1000 + 900, "Some words.")

    pieces = EXPORTS[name].write(segments(), ABOUT)
    first = next(pieces)
    assert taken < 2_000
    rest = list(pieces)
    assert max(map(len, [first, *rest])) < 2 * CHUNK_CHARACTERS
    assert (first + "".join(rest)).count("Some words.") == 15_000


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_an_empty_transcript_is_a_whole_file(name: str) -> None:
    text = "".join(EXPORTS[name].write([], About("Council")))
    if name == "json":
        jsonschema.validate(json.loads(text), SCHEMA)
    if name == "vtt":
        assert read(text.encode(), "x.vtt").cues == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 2}, "version 2 of its format"),
        ({"segments": {}}, "no list"),
        ({"segments": [{"start_ms": 1.5, "end_ms": 2, "text": "a"}]}, "Segment 1: “start_ms”"),
        ({"segments": [{"start_ms": True, "end_ms": 2, "text": "a"}]}, "Segment 1: “start_ms”"),
        ({"segments": [{"start_ms": -1, "end_ms": 2, "text": "a"}]}, "Segment 1: “start_ms”"),
        ({"segments": [{"start_ms": 1, "end_ms": 2, "text": None}]}, "Segment 1 has no “text”"),
        ({"segments": [3]}, "Segment 1 is not an object"),
    ],
)
def test_json_that_breaks_the_schema_is_refused_with_its_place(
    change: dict[str, object], sentence: str
) -> None:
    document = json.loads("".join(to_json([], ABOUT))) | change
    with pytest.raises(NotCaptions, match=re.escape(sentence)):
        read_portal_json(document)
