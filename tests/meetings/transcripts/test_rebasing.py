"""Two edit at once: what touches other segments fits, what touches the same is shown."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.edits import Assign, Join, Remove, Rename, Reword, Split, applied
from meetings.transcripts.lines import EditRefused, Line
from meetings.transcripts.patches import between
from meetings.transcripts.rebasing import rebased
from tests.meetings.transcripts.editing import drawn_edits, lines_of_a_meeting
from tests.meetings.transcripts.test_patches import followed, positions

SAID = [
    Line(f"{n:016x}", n * 1_000, (n + 1) * 1_000, f"Words of {n}.", "AB"[n % 2]) for n in range(8)
]
A, B, C, D, E, *_REST = (line.id for line in SAID)


def saved(lines, edits):
    """The next version: what changed has a key of its own."""
    return followed(lines, between(lines, positions(lines), applied(lines, edits)))


def sort(mine, theirs):
    return rebased(SAID, saved(SAID, theirs), mine)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ([Reword(A, "Mine.")], [Reword(B, "Theirs.")]),
        ([Reword(A, "Mine.")], [Remove(B)]),
        ([Reword(A, "Mine.")], [Assign(A, "X")]),
        ([Reword(A, "Mine.")], [Rename("A", "X")]),
        ([Assign(A, "X")], [Rename("B", "Y")]),
        ([Rename("A", "X")], [Reword(A, "Theirs.")]),
        ([Rename("A", "X")], [Assign(A, "Y")]),
        ([Rename("A", "X"), Rename("X", "Y")], [Reword(A, "Theirs.")]),
        ([Split(A, 5, "n"), Reword("n", "Mine.")], [Split(B, 5, "m")]),
        ([Join(A, B)], [Join(C, D)]),
        ([Remove(C)], [Join(A, B)]),
    ],
)
def test_what_touches_other_segments_fits(mine, theirs):
    assert sort(mine, theirs).edits == mine
    assert sort(mine, theirs).conflicts == []


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ([Reword(A, "Mine.")], [Reword(A, "Theirs.")]),
        ([Reword(A, "Mine.")], [Remove(A)]),
        ([Reword(A, "Mine.")], [Split(A, 5, "m")]),
        ([Remove(A)], [Reword(A, "Theirs.")]),
        ([Split(A, 5, "n")], [Reword(A, "Theirs.")]),
        ([Assign(A, "X")], [Assign(A, "Y")]),
        ([Assign(A, "X")], [Rename("A", "Y")]),
        ([Join(A, B)], [Reword(B, "Theirs.")]),
        ([Join(A, B)], [Assign(B, "A")]),
        ([Rename("A", "X")], [Rename("A", "Y")]),
        ([Rename("A", "X"), Rename("X", "Y")], [Rename("A", "Z")]),
    ],
)
def test_what_touches_the_same_segment_is_shown(mine, theirs):
    sorted_out = sort(mine, theirs)
    assert sorted_out.edits == []
    assert [conflict.edits for conflict in sorted_out.conflicts] == [mine]


def test_edits_that_hang_together_go_together():
    mine = [
        Split(A, 5, "n"),
        Reword(E, "Fits."),
        Reword("n", "of nought"),
        Join("n", B),
        Reword(D, "Fits too."),
    ]
    sorted_out = sort(mine, [Reword(B, "Theirs.")])
    assert sorted_out.edits == [mine[1], mine[4]]
    (conflict,) = sorted_out.conflicts
    assert conflict.edits == [mine[0], mine[2], mine[3]]
    assert [line.text for line in conflict.was] == ["Words of 0.", "Words of 1."]
    assert [line.text for line in conflict.mine] == ["Words", "of nought Words of 1."]
    assert [line.text for line in conflict.theirs] == ["Words of 0.", "Theirs."]


def test_both_doing_the_same_is_no_conflict():
    same = [Reword(A, "The same."), Assign(B, "X"), Remove(C)]
    sorted_out = sort(same, same)
    assert (sorted_out.edits, sorted_out.conflicts) == ([], [])


def test_edits_that_never_fitted_are_refused():
    with pytest.raises(EditRefused):
        sort([Reword("nowhere", "Words.")], [Reword(A, "Theirs.")])


@given(lines_of_a_meeting(), st.data())
def test_no_edit_is_lost_and_nobody_s_words_are_overwritten(lines, data):
    mine, my_lines = drawn_edits(data.draw, lines, prefix="mine-")
    theirs, _lines = drawn_edits(data.draw, lines, prefix="theirs-")
    newest = saved(lines, theirs)
    sorted_out = rebased(lines, newest, mine)

    held = [edit for conflict in sorted_out.conflicts for edit in conflict.edits]
    assert len(sorted_out.edits) + len(held) <= len(mine)
    after = {line.id: line for line in applied(newest, sorted_out.edits)}
    was = {line.id for line in lines}
    for line in newest:
        if line.id not in was:  # theirs
            assert after[line.id].fact == line.fact
    if newest == lines:
        assert applied(newest, sorted_out.edits) == my_lines
        assert sorted_out.conflicts == []


@given(lines_of_a_meeting(), st.data())
def test_what_is_neither_kept_nor_shown_was_done_by_both(lines, data):
    mine, my_lines = drawn_edits(data.draw, lines, most=4, prefix="mine-")
    theirs, _lines = drawn_edits(data.draw, lines, most=4, prefix="theirs-")
    newest = saved(lines, theirs)
    sorted_out = rebased(lines, newest, mine)
    left = [e for c in sorted_out.conflicts for e in c.edits] + sorted_out.edits
    said = {(line.fact, line.speaker) for line in newest}
    for edit in mine:
        if edit in left or isinstance(edit, Rename | Remove):
            continue
        for line in my_lines:
            if line.id == edit.id:
                assert (line.fact, line.speaker) in said


def test_the_second_of_two_same_segments_is_told_apart():
    twice = [replace(SAID[0], id="one"), replace(SAID[0], id="two")]
    sorted_out = rebased(twice, [twice[1]], [Reword("two", "Mine.")])
    assert sorted_out.edits == [Reword("two", "Mine.")]
