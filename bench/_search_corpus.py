"""The corpus that `bench/search.py` searches: real segments with shuffled words, or a real one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby, pairwise
from pathlib import Path

from meetings.intake.repairs import Refused, repair
from meetings.records.models import Body, Meeting, Place, State
from meetings.search.words import read as words_of
from meetings.transcripts import live
from meetings.transcripts import services as transcripts
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import NotCaptions
from meetings.transcripts.utterances import Utterance

A_MEETING = 2_000  # segments
FIRST_DAY = date(2010, 1, 1)
BODIES = 40


@dataclass(slots=True)
class Questions:
    """What is asked, drawn from the corpus while it is made."""

    spoken: list[list[str]] = field(default_factory=list)
    pairs: Counter[tuple[str, ...]] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    def hear(self, segments: Sequence[Utterance]) -> None:
        """Keep a little of a meeting: two neighbors for phrases, and counts of words."""
        sample = [words_of(said.text) for said in segments[:40]]
        self.spoken += [
            left + right for left, right in zip(sample[::9], sample[1::9], strict=False)
        ]
        for words in sample[:8]:
            self.words.update(words)
            self.pairs.update(pairwise(words))

    def sets(self, count: int, chance: random.Random) -> dict[str, list[str]]:
        """Searches of each kind, as they are typed."""
        long_enough = [words for words in self.spoken if len(words) > 6]
        drawn = [chance.choice(long_enough) for _ in range(count)]
        starts = [chance.randrange(len(words) - 3) for words in drawn]
        ranked = [word for word, _count in self.words.most_common(3_000) if len(word) > 2]
        some = max(10, count // 8)
        single = [ranked[int(len(ranked) ** (n / some)) - 1] for n in range(some)]
        rare = [chance.choice(ranked[200:]) for _ in range(3 * some)]
        return {
            "four-word phrases": [
                f'"{" ".join(words[at : at + 4])}"' for words, at in zip(drawn, starts, strict=True)
            ],
            "common phrases": [f'"{a} {b}"' for (a, b), _count in self.pairs.most_common(some)],
            "single words": single,
            "filtered": [
                f"{word} body:/bench-{n % BODIES} after:2015" for n, word in enumerate(single)
            ],
            "boolean": [
                f"({a} OR {b}) {single[n]} -{c}"
                for n, (a, b, c) in enumerate(zip(rare[::3], rare[1::3], rare[2::3], strict=True))
            ],
        }


def shuffled(sample: Path, count: int, seed: int) -> Iterator[list[Utterance]]:
    """Meetings whose segments are real ones with their words in another order."""
    real = _real_segments(sample)
    chance = random.Random(seed)
    for start in range(0, count, A_MEETING):
        meeting = []
        for number in range(min(A_MEETING, count - start)):
            words = chance.choice(real).split()
            chance.shuffle(words)
            at = number * 6_000
            speaker = f"Speaker {number // 7 % 8}"
            meeting.append(Utterance(at, at + 5_000, " ".join(words), speaker))
        yield meeting


def from_file(file: Path) -> Iterator[list[Utterance]]:
    """Meetings of a file of tab-separated meeting, position, start, end, speaker, text."""
    with file.open(encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t", 5) for line in lines)
        for _meeting, segments in groupby(rows, key=lambda row: row[0]):
            yield [
                Utterance(int(start), max(int(start), int(end)), text, speaker)
                for _m, _p, start, end, speaker, text in segments
                if text.strip()
            ]


def stored(meetings: Iterator[list[Utterance]], questions: Questions, first: int) -> int:
    """Publish the meetings; returns the number of segments. `first` is the first one's number."""
    state, _ = Place.objects.get_or_create(slug="bench", name="Bench", level="state")
    bodies = [
        Body.objects.get_or_create(
            slug=f"bench-{n}", defaults={"place": state, "name": f"Board {n}"}
        )[0]
        for n in range(BODIES)
    ]
    count = 0
    for number, segments in enumerate(meetings, start=first):
        held_on = FIRST_DAY + timedelta(days=number * 37 % 6_000)
        meeting = Meeting.objects.create(
            body=bodies[number % BODIES],
            title=f"Hearing {number}",
            slug="hearing",
            held_on=held_on,
            state=State.PUBLISHED,
            published_at=f"{held_on}T12:00Z",
        )
        transcripts.add_version(
            meeting=meeting, language="en", source_format="webvtt", utterances=segments
        )
        questions.hear(segments)
        count += len(segments)
    return count


def _real_segments(sample: Path) -> list[str]:
    found: list[str] = []
    for file in sorted(sample.glob("*.vtt")):
        try:
            cues = repair(read(file.read_bytes(), file.name)).cues
        except (NotCaptions, Refused):
            continue
        found += [said.text for said in live.utterances(cues)]
    return found
