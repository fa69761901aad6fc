"""A patch says as little as has to be written, and gives the edited lines back."""

from dataclasses import replace

from hypothesis import given

from meetings.transcripts.edits import Assign, Rename, Reword, Split, applied
from meetings.transcripts.lines import Line
from meetings.transcripts.patches import between
from tests.meetings.transcripts.editing import edited

SAID = [Line(f"{n:016x}", n * 1_000, n * 1_000 + 900, f"Words {n}.", "Ruiz") for n in range(1_000)]


def positions(lines):
    return {line.id: 10 + 3 * number for number, line in enumerate(lines)}


def followed(lines, patch):
    """What `versions.copy` does in the database."""
    at = positions(lines)
    rows = []
    for line in lines:
        speaker = patch.assigned.get(at[line.id], patch.renamed.get(line.speaker, line.speaker))
        rows.append((at[line.id], 0, replace(line, speaker=speaker)))
    rows = [row for row in rows if row[0] not in patch.gone]
    rows += [(written.place, written.part, written.line) for written in patch.written]
    return [line for _place, _part, line in sorted(rows, key=lambda row: row[:2])]


@given(edited())
def test_following_the_patch_gives_the_edited_lines(case):
    lines, _edits, after = case
    rows = followed(lines, between(lines, positions(lines), after))
    assert [(r.fact, r.speaker) for r in rows] == [(r.fact, r.speaker) for r in after]
    keys = [row.id for row in rows]
    assert len(set(keys)) == len(keys)


@given(edited())
def test_what_did_not_change_keeps_its_key_and_what_did_has_another(case):
    lines, _edits, after = case
    rows = followed(lines, between(lines, positions(lines), after))
    was = {line.id: line.fact for line in lines}
    for line, row in zip(after, rows, strict=True):
        if was.get(line.id) == line.fact:
            assert row.id == line.id
        else:
            assert was.get(row.id, row.fact) == row.fact


@given(edited())
def test_only_what_differs_is_counted(case):
    lines, _edits, after = case
    patch = between(lines, positions(lines), after)
    if [(r.fact, r.speaker) for r in lines] != [(r.fact, r.speaker) for r in after]:
        assert not patch.is_empty
    assert between(lines, positions(lines), lines).is_empty


def test_one_word_is_one_row():
    patch = between(SAID, positions(SAID), applied(SAID, [Reword(SAID[500].id, "Other words.")]))
    assert (len(patch.gone), len(patch.written), patch.change_count) == (1, 1, 1)
    assert patch.gone == [10 + 3 * 500]


def test_a_new_name_for_a_speaker_writes_no_row():
    edits = [Rename("Ruiz", "Chair Ruiz"), Assign(SAID[3].id, "Clerk Quandt")]
    patch = between(SAID, positions(SAID), applied(SAID, edits))
    assert patch.renamed == {"Ruiz": "Chair Ruiz"}
    assert patch.assigned == {10 + 3 * 3: "Clerk Quandt"}
    assert (patch.change_count, patch.gone, patch.written) == (1_000, [], [])


def test_a_split_leaves_all_others():
    patch = between(SAID, positions(SAID), applied(SAID, [Split(SAID[0].id, 5, "new")]))
    assert [(one.place, one.part, one.line.text) for one in patch.written] == [
        (-1, 1, "Words"),
        (-1, 2, "0."),
    ]
    assert patch.change_count == 2


def test_words_that_come_back_have_their_old_key():
    key = between([], {}, [replace(SAID[7], id="new")]).written[0].line.id
    changed = applied(SAID, [Reword(SAID[7].id, "Other words.")])
    back = applied(changed, [Reword(SAID[7].id, "Words 7.")])
    assert between([], {}, [replace(back[7], id="x")]).written[0].line.id == key
