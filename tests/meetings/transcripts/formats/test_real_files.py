"""What our readers say of real files: hearings, councils and parliaments."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Effect, NotCaptions, Reading

# Cues, and the notes by kind. Why each file was chosen stands in SOURCE.md beside them.
CALIFORNIA: dict[str, tuple[int, dict[str, int]] | str] = {
    "assembly-20180103_Rules": (23, {}),
    "assembly-20180207_HealthCare": (14974, {}),
    "assembly-20180319_BudgetSub5": (1295, {"four_digit_milliseconds": 2}),
    "assembly-20180406_Jt_SelccmteonWine_new": (8961, {"four_digit_milliseconds": 10}),
    "assembly-20180412_RulesCmte": (11, {}),
    "assembly-20180423_Banking": (1852, {"four_digit_milliseconds": 2}),
    "assembly-20180424_Judiciary": (8580, {"four_digit_milliseconds": 6}),
    "assembly-20180516_Appropriations": (1789, {}),
    "assembly-20180611_Transportation": (333, {"four_digit_milliseconds": 2}),
    "assembly-20180627_Insurance": (3817, {}),
    "assembly-20180702_Revenue_Taxation": "this is a web page, not captions",
    "assembly-20180703_Utilities_Energy.txt": "no line of the file has times",
    "assembly-20190327_Local_Government": (2478, {}),
    "assembly-20190409_BudgetSub_6": (755, {"ends_before_start": 1}),
    "assembly-20190424_Appropriations": (2102, {}),
    "assembly-20200506_Education": (4427, {"control_character": 1}),
    "assembly-20200609_Utilities_and_Energy": (1007, {}),
    "assembly-20200803_Governmental_Organization": (446, {"ends_before_start": 1}),
    "assembly-20210608_Labor_Employment": (2470, {}),
    "assembly-20220114_Floor": (1382, {}),
    "assembly-20220203_Rules": (37, {}),
    "senate-20190408_Floor_high": (2144, {"ends_before_start": 1}),
    "senate-20190911_Governance_Finance_high": (490, {"ends_before_start": 1}),
    "senate-20210317_Health": (4193, {}),
    "senate-20210428_Health": "The file is empty",
    "senate-20210706_Governmental_Org": (3343, {}),
}


@pytest.fixture
def captions(sample_data: Path) -> Path:
    return sample_data / "captions"


def opened(path: Path) -> Reading:
    return read(path.read_bytes(), path.name)


def test_every_california_file_has_its_expectation(captions):
    names = {path.stem for path in (captions / "ca-legislature").glob("*.vtt")}
    assert names == set(CALIFORNIA)


@pytest.mark.parametrize("name", CALIFORNIA)
def test_california_hearing(captions, name):
    expected = CALIFORNIA[name]
    path = captions / f"ca-legislature/{name}.vtt"
    if isinstance(expected, str):
        with pytest.raises(NotCaptions, match=expected):
            opened(path)
        return
    found = opened(path)
    assert (len(found.cues), Counter(note.kind for note in found.notes)) == expected
    lost = [note for note in found.notes if note.effect is Effect.LOST]
    assert all(note.cue for note in lost)  # so that no word need be lost
    written = path.read_bytes().count(b"-->")
    assert len(found.cues) + len(lost) == written


def test_largest_hearing_is_read_well_under_a_second(captions):
    data = (captions / "ca-legislature/assembly-20180207_HealthCare.vtt").read_bytes()
    began = time.process_time()
    read(data, "a.vtt")
    assert time.process_time() - began < 1


def test_escaped_tags_are_words_as_the_file_says(captions):
    found = opened(captions / "ca-legislature/assembly-20210608_Labor_Employment.vtt")
    assert any(cue.text.startswith("<c.red>T'S DIRECTLY") for cue in found.cues)


@pytest.mark.parametrize(
    ("name", "count"),
    [("Beer_Brd_081104_0", 65), ("City_Council_080520_0", 1534), ("CIty_Council_100601_0", 2674)],
)
def test_knox_county_reads_alike_as_subrip_and_as_webvtt(captions, name, count):
    subrip = opened(captions / f"knox-county/{name}.srt")
    webvtt = opened(captions / f"knox-county/{name}.vtt")
    assert len(subrip.cues) == count
    assert (subrip.notes, webvtt.notes) == ((), ())
    moments = [
        [(cue.start_ms, cue.end_ms, cue.text) for cue in found.cues] for found in (subrip, webvtt)
    ]
    assert moments[0] == moments[1]


@pytest.mark.parametrize(
    ("name", "count", "last_ms"),
    [
        ("example_whisper_output_transcript", 30, 143_520),
        ("expected-seattle-briefing-transcript", 7, 180_000),
        ("generated_transcript_from_brief_080221_2012161", 21, 72_972),
        ("generated_transcript_from_fake_captions", 9, 49_516),
    ],
)
def test_seattle_council_transcripts(captions, name, count, last_ms):
    path = captions / f"seattle-council/{name}.json"
    found = opened(path)
    assert (len(found.cues), found.cues[-1].end_ms, found.notes) == (count, last_ms, ())
    assert all(cue.confidence for cue in found.cues)
    written = [
        [word["text"] for word in sentence["words"]]
        for sentence in json.loads(path.read_text("utf-8"))["sentences"]
    ]
    assert [[word.text for word in cue.words] for cue in found.cues] == written


def test_bundestag(captions):
    found = opened(captions / "bundestag/with-video.json")
    assert (len(found.cues), found.language) == (93, "de")
    assert [(mark.title, mark.start_ms) for mark in found.agenda] == [
        ("Sitzungseröffnung", 0),
        ("Wahl des Bundeskanzlers", 298_000),
    ]
    starts = [cue.start_ms for cue in found.cues]
    assert starts == sorted(starts)
    with pytest.raises(NotCaptions, match="None of the 2 speeches"):
        opened(captions / "bundestag/minimal.json")


@pytest.mark.parametrize(
    ("name", "count", "first", "unknown"),
    [
        (
            "0b9ec6f049e68d4a35fae75792e2a84e",
            210,
            (
                "ce sont des problématiques que nous avons depuis que nous on depuis plusieurs "
                "mois, voire plusieurs années et pour lesquelles nous n'avions pas trouvé de "
                "solution complètement satisfaisante."
            ),
            1,
        ),
        ("686239f069621dada25c3408f1867d66", 121, "le langage, c'est quoi\u00a0?", 10),
    ],
)
def test_french_meetings_read_as_french(captions, name, count, first, unknown):
    path = captions / f"french-meetings/{name}.0.ctm"
    found = opened(path)
    assert len(found.cues) == count
    assert found.cues[0].text == first
    assert Counter(note.kind for note in found.notes) == {"unknown_word": unknown}
    said = "".join("".join(cue.text.split()) for cue in found.cues)
    tokens = [row.split("\t")[4] for row in path.read_text("utf-8").splitlines()]
    written = "".join(
        "[…]" if token == "<unk>" else token for token in tokens if "<start" not in token
    )
    assert said == written  # no word lost or doubled
