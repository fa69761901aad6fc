"""Captions of a clip: on its own clock, as files and for the picture, whatever the words are."""

import re

import pytest

from meetings.clips import captioned
from meetings.clips.captioned import Look, Said, as_ass
from meetings.clips.timed import Span
from meetings.transcripts.formats import read
from tests.meetings.clips.factories import ClipFactory

LOOK = Look(1280, 720, 38, 40)
WORDS = [
    {"speaker": "Chair Ruiz", "start_ms": 4_100, "end_ms": 5_900, "text": "Order.", "key": "a"},
    {"speaker": "Chair Ruiz", "start_ms": 6_000, "end_ms": 7_900, "text": "All rise.", "key": "b"},
    {"speaker": "Okafor", "start_ms": 20_000, "end_ms": 21_500, "text": "No -->\n<b>", "key": "c"},
]
SPANS = [Span(4_000, 8_000), Span(20_000, 22_000)]


def events(text: str, style: str) -> list[tuple[str, str, str]]:
    found = re.findall(rf"Dialogue: 0,([\d:.]+),([\d:.]+),{style},,0,0,0,,(.*)", text)
    return [tuple(one) for one in found]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", captioned.TYPES)
def test_captions_run_on_the_clock_of_the_clip(kind: str) -> None:
    clip = ClipFactory(words=WORDS, spans=[tuple(span) for span in SPANS])

    text = "".join(captioned.as_file(clip, SPANS, kind))

    found = read(text.encode(), f"clip.{kind}")
    assert [(cue.start_ms, cue.end_ms) for cue in found.cues] == [
        (100, 1_900),
        (2_000, 3_900),
        (4_000, 5_500),
    ]
    assert [cue.text for cue in found.cues] == ["Order.", "All rise.", "No --> <b>"]
    assert kind == "srt" or f"{clip.get_absolute_url()}" in text


def test_the_speaker_s_name_stands_while_they_speak() -> None:
    said = [
        Said("a", "Chair Ruiz", 0, 1_000, "One."),
        Said("b", "Chair Ruiz", 1_200, 2_000, "Two."),
        Said("c", "", 2_100, 3_000, "Who?"),
        Said("d", "Okafor", 9_000, 10_000, "Me."),
    ]
    assert events(as_ass(said, LOOK), "Name") == [
        ("0:00:00.00", "0:00:02.10", "Chair Ruiz"),
        ("0:00:09.00", "0:00:11.50", "Okafor"),
    ]


def test_words_are_no_commands_to_whoever_draws_them() -> None:
    said = [Said("a", r"{\b1}Ruiz", 0, 2_000, "a {\\pos(1,2)} b\\N c\nDialogue: 0,x")]
    text = as_ass(said, LOOK)

    ((_start, _end, words),) = events(text, "Words")
    assert "\n" not in words
    assert text.count("Dialogue:") == 3  # two events, and what somebody said
    bare = words.replace(r"\{", "").replace(r"\}", "").replace("\\\u2060", "").replace(r"\N", "")
    assert not re.search(r"[{}\\]", bare)


def test_without_words_there_is_nothing_to_draw() -> None:
    assert "Dialogue" not in as_ass([], LOOK)
