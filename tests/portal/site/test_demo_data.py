"""The demonstration meetings keep what load_demo and the README promise of them."""

import datetime as dt
import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DEMO = Path(__file__).parents[3] / "portal" / "site" / "demo"
COUNCIL = "2026-09-14-city-council"
SCHOOLS = "2026-10-05-school-board"
LEVELS = ["country", "state", "county", "city", "school_district"]

TIMES = re.compile(r"(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})")
VOICE = re.compile(r"<v ([^<>]+)>([^<>&]+)")


@dataclass(frozen=True)
class Said:
    """One cue. Times in milliseconds."""

    start_ms: int
    end_ms: int
    speaker: str
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())


def milliseconds(hours: str, minutes: str, seconds: str, thousandths: str) -> int:
    assert int(minutes) < 60
    assert int(seconds) < 60
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(thousandths)


def transcript(folder: str) -> list[Said]:
    """The cues, read more strictly than WebVTT asks, so that any reader agrees on them."""
    header, note, *blocks = (DEMO / folder / "transcript.vtt").read_text("utf-8").split("\n\n")
    assert header == "WEBVTT"
    assert note.startswith("NOTE\n")
    cues = []
    for block in blocks:
        timing, _, payload = block.strip().partition("\n")
        times = TIMES.fullmatch(timing)
        voice = VOICE.fullmatch(payload.replace("\n", " "))
        assert times, timing
        assert voice, payload
        start_ms, end_ms = (
            milliseconds(*times.groups()[:4]),
            milliseconds(*times.groups()[4:]),
        )
        cues.append(Said(start_ms, end_ms, voice[1], voice[2]))
    return cues


def manifest(folder: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((DEMO / folder / "meeting.json").read_text("utf-8"))
    return read


def places_and_bodies() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((DEMO / "places.json").read_text("utf-8"))
    return read


both = pytest.mark.parametrize("folder", [COUNCIL, SCHOOLS])


@both
def test_note_says_that_it_is_fiction_and_under_which_licence(folder: str) -> None:
    text = (DEMO / folder / "transcript.vtt").read_text("utf-8")
    note = " ".join(text.split("\n\n")[1].split())
    assert "Fictional." in note
    assert "MIT licence" in note


@pytest.mark.parametrize(
    ("folder", "minutes", "words", "speakers"),
    [(COUNCIL, 18, 2700, 10), (SCHOOLS, 15, 2300, 10)],
)
def test_meeting_is_as_long_as_promised(
    folder: str, minutes: int, words: int, speakers: int
) -> None:
    cues = transcript(folder)
    assert sum(cue.end_ms - cue.start_ms for cue in cues) >= minutes * 60_000
    assert sum(cue.words for cue in cues) >= words
    assert len({cue.speaker for cue in cues}) >= speakers


@both
def test_every_cue_has_a_voice_and_words(folder: str) -> None:
    for cue in transcript(folder):
        assert cue.speaker == cue.speaker.strip() != ""
        assert cue.text.strip()


@both
def test_cues_follow_one_another_without_overlap(folder: str) -> None:
    cues = transcript(folder)
    assert all(cue.start_ms < cue.end_ms for cue in cues)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(cues))


@both
def test_nobody_speaks_faster_or_slower_than_people_do(folder: str) -> None:
    for cue in transcript(folder):
        assert 90 <= cue.words / (cue.end_ms - cue.start_ms) * 60_000 <= 220, cue


@both
def test_no_line_is_longer_than_a_caption_should_be(folder: str) -> None:
    lines = (DEMO / folder / "transcript.vtt").read_text("utf-8").splitlines()
    assert max(map(len, lines)) <= 200


@both
def test_every_quotation_that_is_opened_is_closed(folder: str) -> None:
    said = " ".join(cue.text.lower() for cue in transcript(folder))
    marks = re.findall(r"\bend quote\b|\bquote,", said)
    assert marks == ["quote,", "end quote"] * (len(marks) // 2)
    assert len(marks) >= 6


@both
def test_agenda_ascends_and_each_item_opens_a_cue(folder: str) -> None:
    agenda = manifest(folder)["agenda"]
    starts = []
    for item in agenda:
        hours, minutes, seconds = item["start"].split(":")
        starts.append(milliseconds(hours, minutes, seconds, "0"))
    assert 6 <= len(agenda) <= 8
    assert all(a < b for a, b in itertools.pairwise(starts))
    assert set(starts) <= {cue.start_ms for cue in transcript(folder)}
    assert len({item["title"] for item in agenda}) == len(agenda)


@both
def test_manifest_names_a_body_a_date_and_files_that_exist(folder: str) -> None:
    read = manifest(folder)
    assert set(read) == {"title", "body", "held_on", "language", "agenda", "files"}
    assert read["body"] in {body["slug"] for body in places_and_bodies()["bodies"]}
    assert dt.date.fromisoformat(read["held_on"]).isoformat() == folder[:10]
    assert all((DEMO / folder / name).is_file() for name in read["files"])


def test_every_place_comes_after_its_parent_and_below_its_level() -> None:
    level_of: dict[str | None, int] = {None: -1}
    for place in places_and_bodies()["places"]:
        assert level_of[place["parent"]] < LEVELS.index(place["level"])
        assert place["slug"] not in level_of
        level_of[place["slug"]] = LEVELS.index(place["level"])
    assert all(body["place"] in level_of for body in places_and_bodies()["bodies"])


def test_newcomer_finds_an_empty_body_for_imports() -> None:
    demo = next(body for body in places_and_bodies()["bodies"] if body["slug"] == "demo")
    assert demo["name"] == "Demonstration archive"
    assert "demo" not in {manifest(folder)["body"] for folder in (COUNCIL, SCHOOLS)}


@pytest.mark.parametrize(
    ("folder", "opening", "tally", "counted"),
    [
        (
            COUNCIL,
            "call the roll on Ordinance",
            "four ayes, two noes, one absent",
            (4, 2),
        ),
        # The roll begins after the student's advisory aye, which is not counted.
        (SCHOOLS, "Ms. Farouqi.", "Three ayes and two noes", (3, 2)),
    ],
)
def test_announced_tally_is_that_of_the_answers(
    folder: str, opening: str, tally: str, counted: tuple[int, int]
) -> None:
    cues = transcript(folder)
    end = next(n for n, cue in enumerate(cues) if tally in cue.text)
    begin = max(n for n, cue in enumerate(cues[:end]) if opening in cue.text)
    answers = [re.search(r"\b(Aye|No)\b[.,]", cue.text) for cue in cues[begin:end]]
    given = [answer[1] for answer in answers if answer]
    assert (given.count("Aye"), given.count("No")) == counted


def test_free_two_minutes_of_the_council_do_not_give_the_matter_away() -> None:
    cues = transcript(COUNCIL)
    free = [cue for cue in cues if cue.start_ms < cues[0].start_ms + 120_000]
    assert not any("Cannery" in cue.text or "rates" in cue.text for cue in free)
