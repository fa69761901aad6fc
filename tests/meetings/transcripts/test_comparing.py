"""What differs between two versions is told word by word, whatever was done between them."""

from dataclasses import replace

from hypothesis import given

from meetings.transcripts.comparing import MANY, Reassigned, compared, pieces
from meetings.transcripts.edits import Assign, Join, Remove, Rename, Reword, Split, applied
from meetings.transcripts.lines import Line
from meetings.transcripts.patches import between
from tests.meetings.transcripts.editing import edited
from tests.meetings.transcripts.test_patches import followed, positions

SAID = [
    Line(f"{n:016x}", n * 1_000, (n + 1) * 1_000, f"Words of {n}.", "AB"[n % 2]) for n in range(8)
]
A, B, C, D, *_REST = (line.id for line in SAID)


def told(edits):
    """Each run as text: [-removed-], {+added+}, ¶ where a segment begins."""
    comparison = compared(SAID, saved(SAID, edits))
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return [
        " ".join(
            signs[piece.change].format(f"¶{piece.text}" if piece.is_turn else piece.text)
            for piece in pieces(run)
        )
        for run in comparison.runs
    ]


def saved(lines, edits):
    return followed(lines, between(lines, positions(lines), applied(lines, edits)))


def test_one_word():
    assert told([Reword(B, "Words on 1.")]) == ["¶B Words [-of-] {+on+} 1."]


def test_a_split_a_join_and_a_removal():
    assert told([Split(A, 5, "n")]) == ["¶A Words {+¶A+} of 0."]
    assert told([Join(C, D)]) == ["¶A Words of 2. [-¶B-] Words of 3."]
    assert told([Remove(C)]) == ["[-¶A-] [-Words of 2.-]"]


def test_neighbours_are_one_run_and_others_are_not():
    edits = [Reword(A, "First."), Reword(B, "Second."), Reword(D, "Fourth.")]
    assert len(told(edits)) == 2


def test_speakers_are_told_of_once():
    comparison = compared(SAID, saved(SAID, [Rename("A", "Ana"), Assign(B, "Ben")]))
    assert comparison.runs == []
    assert comparison.reassigned == [Reassigned("A", "Ana", 4, 0), Reassigned("B", "Ben", 1, 1_000)]


def test_nothing_differs_from_itself():
    assert compared(SAID, SAID).runs == []
    assert compared(SAID, SAID).reassigned == []


@given(edited())
def test_the_pieces_give_both_versions_back(case):
    lines, edits, _after = case
    now = saved(lines, edits)
    comparison = compared(lines, now)
    for side, left_out in (("was", "added"), ("now", "removed")):
        told = [
            word
            for run in comparison.runs
            for piece in pieces(run)
            if piece.change != left_out and not piece.is_turn
            for word in piece.text.split()
        ]
        there = [
            word
            for run in comparison.runs
            for line in getattr(run, side)
            for word in line.text.split()
        ]
        assert told == there
    fresh = {line.id for line in now} - {line.id for line in lines}
    assert fresh <= {line.id for run in comparison.runs for line in run.now}


def test_a_transcript_made_anew_is_compared_minute_by_minute():
    was = [replace(SAID[0], id=f"a{n}", start_ms=n * 2_000, text=f"a b {n}") for n in range(5_000)]
    now = [replace(line, id=f"b{line.id}", text=line.text + " c") for line in was]
    runs = compared(was, now).runs
    assert len(runs) == 10_000 // 60 + 1
    assert all(len(run.was) <= MANY for run in runs)
    assert sum(len(run.was) for run in runs) == sum(len(run.now) for run in runs) == 5_000
