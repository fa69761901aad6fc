"""Whatever is edited: order, time and the words of others stay as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.edits import (
    Assign,
    Join,
    NotThere,
    Remove,
    Rename,
    Reword,
    Split,
    applied,
)
from meetings.transcripts.lines import EditRefused, Line, tidy
from tests.meetings.transcripts.editing import edited, lines_of_a_meeting

SAID = [
    Line("a", 0, 2_000, "Good evening.", "Chair Ruiz", 0.9),
    Line("b", 2_000, 6_000, "We begin with the budjet.", "Chair Ruiz", 0.4),
    Line("c", 6_000, 7_000, "Aye.", "Clerk Quandt"),
]


def texts(lines):
    return [line.text for line in lines]


@given(edited())
def test_lines_stay_in_the_order_of_their_starts_and_none_ends_before_it_starts(case):
    _lines, _edits, after = case
    starts = [line.start_ms for line in after]
    assert starts == sorted(starts)
    assert all(line.start_ms <= line.end_ms for line in after)
    assert len({line.id for line in after}) == len(after)
    assert all(line.text and line.text == line.text.strip() for line in after)


@given(edited())
def test_time_is_covered_as_before_where_nothing_was_removed(case):
    lines, edits, after = case
    if any(isinstance(edit, Remove) for edit in edits):
        return

    def covered(them):
        spans = sorted((line.start_ms, line.end_ms) for line in them)
        whole = [list(spans[0])]
        for start, end in spans[1:]:
            if start <= whole[-1][1]:
                whole[-1][1] = max(whole[-1][1], end)
            else:
                whole.append([start, end])
        return whole

    # Joining two closes the gap between them: time is only ever added.
    joins = any(isinstance(edit, Join) for edit in edits)
    before, now = covered(lines), covered(after)
    assert (before[0][0], before[-1][1]) == (now[0][0], now[-1][1])
    assert joins or now == before


@given(edited())
def test_words_are_neither_lost_nor_made_by_splitting_and_joining(case):
    lines, edits, after = case
    if any(isinstance(edit, Reword | Remove) for edit in edits):
        return
    squashed = ["".join("".join(texts(them)).split()) for them in (lines, after)]
    assert squashed[0] == squashed[1]


@given(edited())
def test_what_no_edit_names_is_untouched(case):
    lines, edits, after = case
    named = {getattr(edit, part, None) for edit in edits for part in ("id", "next")}
    renamed = any(isinstance(edit, Rename) for edit in edits)
    now = {line.id: line for line in after}
    for line in lines:
        if line.id not in named:
            assert now[line.id].fact == line.fact
            assert renamed or now[line.id] == line


@given(lines_of_a_meeting(), st.data())
def test_joining_what_was_split_between_words_gives_it_back(lines, data):
    line = data.draw(st.sampled_from(lines))
    spaces = [at for at, letter in enumerate(line.text) if letter == " "]
    if not spaces:
        return
    at = data.draw(st.sampled_from(spaces))
    assert applied(lines, [Split(line.id, at, "new"), Join(line.id, "new")]) == lines


def test_other_words_are_sure_and_the_time_stays():
    after = applied(SAID, [Reword("b", "We begin with the budget.")])
    assert after[1] == Line("b", 2_000, 6_000, "We begin with the budget.", "Chair Ruiz", None)


def test_the_same_words_again_change_nothing():
    assert applied(SAID, [Reword("b", " We begin  with the budjet. ")]) == SAID


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\x00", "\x00 \x1f"])
def test_a_segment_without_words_is_refused(text):
    with pytest.raises(EditRefused, match="remove it"):
        applied(SAID, [Reword("b", text)])


def test_text_comes_on_one_line_without_what_cannot_be_stored():
    assert tidy("a\r\n b\x00\x1b \ud83d c") == "a b \ufffd c"
    assert tidy("\u202bשלום, עולם\u202c") == "\u202bשלום, עולם\u202c"


def test_a_speaker_is_renamed_everywhere_and_may_merge_with_another():
    after = applied(SAID, [Rename("Chair Ruiz", "Clerk  Quandt ")])
    assert {line.speaker for line in after} == {"Clerk Quandt"}
    assert [line.fact for line in after] == [line.fact for line in SAID]


def test_one_segment_goes_to_a_speaker_or_to_nobody():
    after = applied(SAID, [Assign("a", "Member Okafor"), Assign("c", "")])
    assert [line.speaker for line in after] == ["Member Okafor", "Chair Ruiz", ""]


def test_a_split_divides_time_by_letters():
    left, right = applied([Line("b", 1_000, 5_000, "aaa bbbbb", "X", 0.4)], [Split("b", 3, "n")])
    assert (left.text, left.start_ms, left.end_ms) == ("aaa", 1_000, 2_500)
    assert (right.text, right.start_ms, right.end_ms) == ("bbbbb", 2_500, 5_000)
    assert (right.id, right.speaker, right.confidence) == ("n", "X", 0.4)


HEARD = Line("b", 1_000, 5_000, "aaa b c", "", 0.5, (0, 3_000, 3_500), (90, 40, 80))


def test_a_split_takes_the_times_of_words_where_they_are_known():
    left, right = applied([HEARD], [Split("b", 4, "n")])
    assert left == Line("b", 1_000, 4_000, "aaa", "", 0.5, (0,), (90,))
    assert right == Line("n", 4_000, 5_000, "b c", "", 0.5, (0, 500), (40, 80))
    assert applied([left, right], [Join("b", "n")]) == [HEARD]


def test_within_a_word_the_letters_tell():
    left, right = applied([HEARD], [Split("b", 1, "n")])
    assert left.end_ms == right.start_ms == 1_000 + 4_000 // 7
    assert (left.word_starts, right.word_starts) == ((), ())


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("aaa x c", (0, 3_000, 3_500)),
        ("aaa c", (0, 3_500)),
        ("aaa b b2 c", (0, 3_000, 3_500, 3_500)),
        ("so aaa b c", (0, 0, 3_000, 3_500)),
        ("aaa b c done", (0, 3_000, 3_500, 4_000)),
        ("x y z w", (0, 1_000, 2_000, 3_000)),
    ],
)
def test_a_word_that_stays_keeps_its_time(text, starts):
    (after,) = applied([HEARD], [Reword("b", text)])
    assert (after.word_starts, after.word_confidences) == (starts, ())


def test_the_second_part_begins_no_later_than_the_next_line():
    lines = [Line("a", 0, 10_000, "one two"), Line("b", 1_000, 2_000, "meanwhile")]
    after = applied(lines, [Split("a", 4, "n")])
    assert [(line.start_ms, line.end_ms) for line in after] == [
        (0, 1_000),
        (1_000, 10_000),
        (1_000, 2_000),
    ]


def test_a_segment_of_no_length_is_split_into_two_of_no_length():
    after = applied([Line("a", 7, 7, "Aye. Aye.")], [Split("a", 4, "n")])
    assert [(line.start_ms, line.end_ms, line.text) for line in after] == [
        (7, 7, "Aye."),
        (7, 7, "Aye."),
    ]


@pytest.mark.parametrize("at", [-5, -1, 0, 13, 14, 99])
def test_a_split_at_the_border_is_refused(at):
    with pytest.raises(EditRefused, match="both parts"):
        applied(SAID, [Split("a", at, "n")])


def test_right_to_left_words_are_split_in_the_order_of_speaking():
    after = applied([Line("a", 0, 900, "שלום עולם")], [Split("a", 4, "n")])
    assert texts(after) == ["שלום", "עולם"]


@pytest.mark.parametrize(
    ("edit", "refusal"),
    [
        (Reword("x", "words"), NotThere),
        (Join("a", "c"), EditRefused),
        (Join("c", "c"), EditRefused),
        (Join("c", "x"), NotThere),
        (Split("a", 4, "b"), EditRefused),
        (Split("a", 4, ""), EditRefused),
        (Reword("a", "x" * 10_001), EditRefused),
        (Assign("a", "x" * 201), EditRefused),
        (Rename("Chair Ruiz", "x" * 201), EditRefused),
    ],
)
def test_what_cannot_be_done_is_refused_and_says_why(edit, refusal):
    with pytest.raises(refusal, match=r"\w{3,}.*\.$"):
        applied(SAID, [edit])


def test_the_last_segment_stays():
    with pytest.raises(EditRefused, match="last one"):
        applied(SAID, [Remove("a"), Remove("b"), Remove("c")])


def test_two_are_joined_and_are_as_unsure_as_the_less_sure():
    after = applied(SAID, [Join("a", "b")])
    assert after[0] == Line(
        "a", 0, 6_000, "Good evening. We begin with the budjet.", "Chair Ruiz", 0.4
    )
    assert after[1:] == SAID[2:]
