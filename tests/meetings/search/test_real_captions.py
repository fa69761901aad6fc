"""Phrases of real hearings, across the borders of segments, are found where they were said."""

import random
from collections import Counter

import pytest

from meetings.intake.repairs import Refused, repair
from meetings.search.building import rebuild
from meetings.search.finding import search
from meetings.search.hits import Question
from meetings.search.parsing import parse
from meetings.search.reading import Reader
from meetings.search.tree import Phrase
from meetings.search.words import words
from meetings.transcripts import live
from meetings.transcripts import services as transcripts
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions
from tests.meetings.records.factories import BodyFactory, MeetingFactory

PHRASES = 100


@pytest.fixture
def hearings(sample_data, db):
    """The published hearings, each with its segments as they are read."""
    body = BodyFactory()
    published = {}
    for file in sorted((sample_data / "captions" / "ca-legislature").glob("*.vtt")):
        try:
            utterances = live.utterances(repair(read(file.read_bytes(), file.name)).cues)
        except (NotCaptions, Refused):
            continue
        meeting = MeetingFactory(body=body, title=file.stem)
        transcripts.add_version(
            meeting=meeting, language="en", source_format="webvtt", utterances=utterances
        )
        published[meeting] = [said.text for said in utterances]
    return published


def _across(texts, at: int, chance: random.Random) -> str:
    """The last words of a segment and the first of the next, as they stand there."""
    left, right = texts[at].split(), texts[at + 1].split()
    return " ".join([*left[-chance.randint(2, 5) :], *right[: chance.randint(2, 5)]])


def _times(phrase: tuple[str, ...], spoken) -> int:
    """How often a phrase is said in all hearings, counted without the index."""
    needle = f" {' '.join(phrase)} "
    return sum(_count(text, needle) for text in spoken)


def _count(text: str, needle: str) -> int:
    count, at = 0, text.find(needle)
    while at >= 0:
        count, at = count + 1, text.find(needle, at + 1)
    return count


@pytest.mark.slow
def test_a_hundred_phrases_across_segments_are_found_first_where_they_were_said(hearings, folder):
    rebuild(folder)
    opened = Reader(folder).open()
    spoken = [
        f" {' '.join(w for text in texts for w in words(text))} " for texts in hearings.values()
    ]
    chance = random.Random(5)
    long_enough = [meeting for meeting, texts in hearings.items() if len(texts) > 20]
    seen: Counter[str] = Counter()
    while sum(seen.values()) < PHRASES:
        meeting = chance.choice(long_enough)
        texts = hearings[meeting]
        at = chance.randrange(len(texts) - 1)
        phrase = _across(texts, at, chance)
        tree = parse(f'"{phrase}"').tree
        if not isinstance(tree, Phrase) or not words(texts[at]) or not words(texts[at + 1]):
            continue
        times = _times(tree.words, spoken)
        found = search(opened, Question(tree))
        assert found.total >= 1, phrase
        assert found.total <= times, phrase  # nothing counts twice
        if times == 1:
            [moment] = found.moments
            assert moment.meeting == meeting, phrase
            assert [line.text for line in moment.lines] == texts[at : at + 2], phrase
            shown = " ".join(p.text for line in moment.lines for p in line.parts if p.is_match)
            assert words(shown) == tree.words
        seen["once" if times == 1 else "often"] += 1
    assert seen["once"] > PHRASES / 2
