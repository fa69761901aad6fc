"""Damaged caption files are mended without losing a word, or refused with line and reason."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.intake.repairs import Refused, Repaired, repair
from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Cue, Effect, NotCaptions, Note, Reading, Word

MINUTE = 60_000


def reading(cues: Sequence[Cue], notes: Sequence[Note] = (), format: str = "webvtt") -> Reading:  # noqa: A002 - as in Reading
    return Reading(format, "utf-8", tuple(cues), tuple(notes))


def at(*times: tuple[int, int], text: str = "Some words.") -> list[Cue]:
    """Cues on lines 10, 20, 30 … with times in milliseconds, and their number in the text."""
    return [
        Cue(10 * number, start, end, f"{number} {text}")
        for number, (start, end) in enumerate(times, start=1)
    ]


def mended(cues: Sequence[Cue]) -> Repaired:
    return repair(reading(cues))


def times(repaired: Repaired) -> list[tuple[int, int]]:
    return [(cue.start_ms, cue.end_ms) for cue in repaired.cues]


def order(repaired: Repaired) -> list[int]:
    return [cue.line // 10 for cue in repaired.cues]


def kinds(repaired: Repaired) -> dict[str, tuple[int, ...]]:
    return {repair.kind: repair.lines for repair in repaired.repairs}


def test_sound_cues_stay_as_they_are() -> None:
    cues = at((0, 2_000), (2_000, 4_000), (3_000, 9_000), (3_000, 3_000))
    assert mended(cues) == Repaired(tuple(cues), ())


# --- cues that end before they start -----------------------------------------------------------


@pytest.mark.parametrize("end", [0, 500, 999])
def test_a_cue_that_ends_before_it_starts_lasts_to_the_next(end: int) -> None:
    repaired = mended(at((1_000, end), (3_000, 4_000)))
    assert times(repaired) == [(1_000, 3_000), (3_000, 4_000)]
    assert kinds(repaired) == {"ends_before_start": (10,)}


def test_a_cue_that_ends_before_it_starts_lasts_five_seconds_at_most() -> None:
    assert times(mended(at((1_000, 0), (90_000, 91_000), (95_000, 0)))) == [
        (1_000, 6_000),
        (90_000, 91_000),
        (95_000, 100_000),
    ]


def test_what_a_reader_gives_back_as_lost_takes_its_place_again() -> None:
    first, lost, last = at((0, 1_000), (2_000, 0), (3_000, 4_000))
    note = Note(20, Effect.LOST, "ends_before_start", "Line 20 ends before it starts.", lost)
    repaired = repair(reading([first, last], [note]))
    assert order(repaired) == [1, 2, 3]
    assert times(repaired)[1] == (2_000, 3_000)
    assert [r.sentence for r in repaired.repairs] == [
        "1 cue ends before it starts (line 20): lasting to the next cue, 5 seconds at most."
    ]


# --- clocks ------------------------------------------------------------------------------------


def test_a_clock_that_restarts_moves_later_cues_on() -> None:
    cues = at(
        (50 * MINUTE, 51 * MINUTE),
        (51 * MINUTE, 52 * MINUTE),
        (0, 1_000),
        (1_000, 2_000),
        (5_000, 6_000),
    )
    repaired = mended(cues)
    assert times(repaired)[2:] == [
        (52 * MINUTE, 52 * MINUTE + 1_000),
        (52 * MINUTE + 1_000, 52 * MINUTE + 2_000),
        (52 * MINUTE + 5_000, 52 * MINUTE + 6_000),
    ]
    assert order(repaired) == [1, 2, 3, 4, 5]
    assert kinds(repaired) == {"clock_restarts": (30,)}


def test_a_clock_may_restart_twice_and_words_move_with_their_cue() -> None:
    cues = at((60_000, 61_000), (0, 1_000), (4_000, 20_000))
    cues.append(Cue(40, 0, 1_000, "words", words=(Word("words", 500, 900),)))
    repaired = mended(cues)
    assert times(repaired) == [
        (60_000, 61_000),
        (61_000, 62_000),
        (65_000, 81_000),
        (81_000, 82_000),
    ]
    assert repaired.cues[-1].words == (Word("words", 81_500, 81_900),)


def test_cues_out_of_order_by_a_few_seconds_are_sorted_and_keep_their_times() -> None:
    cues = at((0, 5_000), (9_000, 12_000), (6_000, 8_000), (12_000, 13_000))
    repaired = mended(cues)
    assert order(repaired) == [1, 3, 2, 4]
    assert times(repaired) == [(0, 5_000), (6_000, 8_000), (9_000, 12_000), (12_000, 13_000)]
    assert kinds(repaired) == {"out_of_order": (30,)}


def test_one_time_far_back_moves_nothing_later() -> None:
    """As in the Assembly's file of 3 August 2020."""
    cues = at(
        (100_000, 102_000),
        (102_000, 49_000),
        (49_000, 106_000),
        (106_100, 107_000),
        (107_000, 108_000),
    )
    repaired = mended(cues)
    assert times(repaired) == [
        (100_000, 102_000),
        (102_000, 104_000),
        (104_000, 106_000),
        (106_100, 107_000),
        (107_000, 108_000),
    ]
    assert kinds(repaired) == {"stray_time": (20, 30)}


def test_one_time_far_ahead_moves_nothing_later() -> None:
    cues = at((0, 1_000), (2_000, 3_000), (9 * MINUTE, 9 * MINUTE), (4_000, 5_000), (6_000, 7_000))
    repaired = mended(cues)
    assert times(repaired) == [
        (0, 1_000),
        (2_000, 3_000),
        (3_000, 4_000),
        (4_000, 5_000),
        (6_000, 7_000),
    ]
    assert kinds(repaired) == {"stray_time": (30,)}


def test_rolling_and_overlapping_cues_are_no_restart() -> None:
    cues = at(*((2_000 * n, 2_000 * n + 7_000) for n in range(50)))
    assert mended(cues) == Repaired(tuple(cues), ())


TIMES = st.integers(0, 400_000)


@given(st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=30))
def test_whatever_the_clock_does_time_runs_forward_and_no_word_is_lost(
    spans: list[tuple[int, int]],
) -> None:
    cues = at(*spans)
    repaired = mended(cues)
    starts = [cue.start_ms for cue in repaired.cues]
    assert starts == sorted(starts)
    assert all(cue.end_ms >= cue.start_ms >= 0 for cue in repaired.cues)
    assert sorted(cue.text for cue in repaired.cues) == sorted(cue.text for cue in cues)


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 20_000)), min_size=1, max_size=30))
def test_a_sound_clock_is_never_touched(steps: list[tuple[int, int]]) -> None:
    spans: list[tuple[int, int]] = []
    start = 0
    for step, lasting in steps:
        start += step
        spans.append((start, start + lasting))
    cues = at(*spans)
    assert mended(cues) == Repaired(tuple(cues), ())


# --- text --------------------------------------------------------------------------------------


def test_caption_tags_escaped_once_too_often_are_left_out() -> None:
    repaired = mended([Cue(3, 0, 1_000, "<c.red>IT'S <u>SUPERVISED</u></c> a < b")])
    assert repaired.cues[0].text == "IT'S SUPERVISED a < b"
    assert kinds(repaired) == {"escaped_tag": (3,)}


def test_what_looks_like_a_tag_stays_in_formats_that_have_none() -> None:
    cues = [Cue(1, 0, 1_000, "the <b> tag")]
    assert repair(reading(cues, format="council-data")).cues == tuple(cues)


def test_one_control_character_in_a_thousand_cues_is_left_out() -> None:
    cues = at(*((n * 1_000, n * 1_000 + 900) for n in range(1_000)))
    cues[500] = Cue(5_010, 500_000, 500_900, "C\x07A")
    repaired = mended(cues)
    assert repaired.cues[500].text == "CA"
    assert kinds(repaired) == {"control_character": (5_010,)}


def test_repairs_are_counted_and_name_the_first_lines() -> None:
    notes = [
        Note(line, Effect.REPAIRED, "empty_line_in_cue", f"Line {line} was kept.")
        for line in range(1, 8)
    ]
    lost = [
        Note(10 * n, Effect.LOST, "four_digit_milliseconds", "…", Cue(10 * n, 0, 1_000, "Words"))
        for n in range(1, 8)
    ]
    repaired = repair(reading([], [*notes, *lost, Note(9, Effect.MET, "comment", "A comment.")]))
    assert [(r.kind, r.count, r.lines) for r in repaired.repairs] == [
        ("empty_line_in_cue", 7, (1, 2, 3, 4, 5)),
        ("four_digit_milliseconds", 7, (10, 20, 30, 40, 50)),
    ]
    assert [r.sentence for r in repaired.repairs] == [
        "Line 1 was kept. The same in 7 places (lines 1, 2, 3, 4, 5 and others).",
        (
            "7 cues have times with four digits of milliseconds"
            " (lines 10, 20, 30, 40, 50 and others):"
            " read as what was meant, so that no word is lost."
        ),
    ]


def test_entries_of_json_are_not_called_lines() -> None:
    [ends] = repair(reading(at((1_000, 0), (3_000, 0)), format="council-data")).repairs
    assert "(entries 10 and 20)" in ends.sentence
    with pytest.raises(Refused, match=r"^Entry 7: the time is before 0"):
        repair(reading([Cue(7, -1, 5, "Words")], format="aligned-speech"))


# --- refused -----------------------------------------------------------------------------------

HOURS_100 = 100 * 3_600_000


@pytest.mark.parametrize(
    ("cue", "reason"),
    [
        (Cue(7, 0, HOURS_100 + 1, "Words"), "beyond 100"),
        (Cue(7, HOURS_100 + 1, 0, "Words"), "beyond 100"),
        (Cue(7, -1, 5, "Words"), "before 0"),
        (Cue(7, 0, 5, "Words", "x" * 10_000), "10,000 characters"),
        (Cue(7, 0, 5, "Words \x00"), "U+0000"),
        (Cue(7, 0, 5, "Words \x1b[31m"), "U+001B"),
        (Cue(7, 0, 5, "Words", "Eve\x07"), "U+0007"),
        (Cue(7, 0, 5, "Words \ud800"), "U+D800"),
        (Cue(7, 0, 5, "W\N{REPLACEMENT CHARACTER}rds"), "could not be read"),
        (Cue(7, 0, 5, "<script>alert(1)</script>"), "code for a browser"),
        (Cue(7, 0, 5, "< SCRIPT src=x>"), "code for a browser"),
        (Cue(7, 0, 5, "<img src=x onerror=alert(1)>"), "code for a browser"),
        (Cue(7, 0, 5, "Words", "<iframe>"), "code for a browser"),
    ],
)
def test_what_captions_do_not_hold_is_refused_with_its_line(cue: Cue, reason: str) -> None:
    with pytest.raises(Refused, match="Line 7") as refused:
        mended([Cue(3, 0, 1, "Sound words"), cue])
    assert reason in refused.value.message
    assert refused.value.line == 7


def test_limits_themselves_are_taken() -> None:
    cues = [Cue(7, 0, HOURS_100, "a <b and JavaScript: aye", "x" * 200)]
    assert mended(cues).cues == tuple(cues)


def test_lost_words_refuse_the_file() -> None:
    note = Note(9, Effect.LOST, "sixty_or_more", "Line 9: the time 00:61:10 has 61 minutes.")
    with pytest.raises(Refused, match=r"^Line 9: the time 00:61:10 has 61 minutes\.") as refused:
        repair(reading(at((0, 1_000)), [note]))
    assert refused.value.line == 9


@pytest.mark.parametrize("cues", [[], [Cue(3, 0, 5, " \n ")], [Cue(3, 0, 5, "<c></c>")]])
def test_no_words_are_no_captions(cues: list[Cue]) -> None:
    with pytest.raises(Refused, match="No captions were found"):
        mended(cues)


def through(text: str, name: str) -> Repaired:
    return repair(read(text.encode(), name))


VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n"


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        (f"{VTT}<script>alert(1)</script>", "a.vtt", 4),
        (f"{VTT}&lt;script&gt;alert(1)", "a.vtt", 3),
        (f"{VTT}Words\x00", "a.vtt", 4),
        (f"{VTT}Words \x1b", "a.vtt", 4),
        (f"{VTT}<v {'x' * 10_000}>Words", "a.vtt", 3),
        (f"{VTT}Words\n\n101:00:00.000 --> 101:00:01.000\nLate", "a.vtt", 6),
        (f"{VTT}Words\n\n00:61:10.000 --> 00:61:12.000\nOdd", "a.vtt", 6),
        (f"{VTT}Words\n\nWords without times", "a.vtt", 6),
        ("1\n00:00:01,000 --> 00:00:02,000\n<script>x", "a.srt", 3),
    ],
)
def test_bad_files_are_refused_whole_with_their_line(text: str, name: str, line: int) -> None:
    with pytest.raises(Refused, match=f"(?i)line {line}") as refused:
        through(text, name)
    assert refused.value.line == line


@pytest.mark.slow
def test_of_the_real_files_23_are_taken_and_three_refused(sample_data: Path) -> None:
    taken: dict[str, Repaired] = {}
    refused: list[str] = []
    for path in sorted((sample_data / "captions/ca-legislature").glob("*.vtt")):
        try:
            taken[path.stem] = repair(read(path.read_bytes(), path.name))
        except (NotCaptions, Refused):
            refused.append(path.stem)
    assert len(taken) == 23
    assert refused == [
        "assembly-20180702_Revenue_Taxation",
        "assembly-20180703_Utilities_Energy.txt",
        "senate-20210428_Health",
    ]
    assert {name: kinds(repaired) for name, repaired in taken.items() if repaired.repairs} == {
        "assembly-20180207_HealthCare": {"escaped_tag": (21446, 28450)},
        "assembly-20180319_BudgetSub5": {"four_digit_milliseconds": (2401, 2407)},
        "assembly-20180406_Jt_SelccmteonWine_new": {
            "four_digit_milliseconds": (2501, 2505, 4963, 4966, 8575)
        },
        "assembly-20180423_Banking": {"four_digit_milliseconds": (5068, 5074)},
        "assembly-20180424_Judiciary": {
            "four_digit_milliseconds": (7648, 7654, 14284, 14290, 18895)
        },
        "assembly-20180611_Transportation": {"four_digit_milliseconds": (706, 712)},
        "assembly-20180627_Insurance": {"escaped_tag": (6516, 8910)},
        "assembly-20190409_BudgetSub_6": {"ends_before_start": (2268,)},
        "assembly-20200506_Education": {"control_character": (11274,)},
        "assembly-20200803_Governmental_Organization": {"stray_time": (42, 45)},
        "assembly-20210608_Labor_Employment": {"escaped_tag": (4740,)},
        "senate-20190408_Floor_high": {"stray_time": (444, 447, 450)},
        "senate-20190911_Governance_Finance_high": {"ends_before_start": (1473,)},
    }
    for repaired in taken.values():
        starts = [cue.start_ms for cue in repaired.cues]
        assert starts == sorted(starts)
