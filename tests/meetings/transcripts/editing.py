"""Drawing lines and edits by chance, and random edits that can be made on them."""

from hypothesis import strategies as st

from meetings.transcripts.edits import Assign, Join, Remove, Rename, Reword, Sheet, Split
from meetings.transcripts.lines import EditRefused, Line
from meetings.transcripts.utterances import key_of

WORDS = ["aye", "the", "budget", "north", "pier", "Café", "שלום", "عليكم", "<b>", "🙂", "e\u0301"]
NAMES = ["", "Chair Ruiz", "Clerk Quandt", "O'Neil <i>"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


@st.composite
def lines_of_a_meeting(draw, most=8):
    """In the order of their starts; they may overlap, and last no time at all."""
    lines, start, seen = [], 0, {}
    for _ in range(draw(st.integers(1, most))):
        start += draw(st.sampled_from([0, 0, 1, 700, 4_000]))
        end = start + draw(st.sampled_from([0, 1, 900, 4_000]))
        fact = (start, end, draw(texts))
        count = seen[fact] = seen.get(fact, -1) + 1
        lines.append(
            Line(
                key_of(*fact, count=count),
                *fact,
                draw(st.sampled_from(NAMES)),
                draw(st.sampled_from([None, 0.4, 0.9])),
            )
        )
    return lines


def edit_of(draw, sheet, number):
    """Any edit, on a sheet as it stands; a few that must be refused among them."""
    here = list(sheet)
    at = draw(st.integers(0, len(here) - 1))
    line = here[at]
    match draw(st.sampled_from(["reword", "assign", "rename", "split", "join", "remove"])):
        case "reword":
            return Reword(
                line.id, draw(st.sampled_from(["", "  ", *WORDS, "two words", "a\nb\x00"]))
            )
        case "assign":
            return Assign(line.id, draw(st.sampled_from(NAMES)))
        case "rename":
            return Rename(draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES)))
        case "split":
            return Split(line.id, draw(st.integers(-1, len(line.text) + 1)), f"new-{number}")
        case "join":
            following = here[min(at + 1, len(here) - 1)]
            return Join(line.id, following.id)
        case _:
            return Remove(line.id)


@st.composite
def edited(draw, most=10):
    """Lines, edits that can be made on them one after another, and the lines after these."""
    lines = draw(lines_of_a_meeting())
    return lines, *drawn_edits(draw, lines, most)


def drawn_edits(draw, lines, most=10, prefix=""):
    sheet, edits = Sheet(lines), []
    for number in range(draw(st.integers(0, most))):
        edit = edit_of(draw, sheet, f"{prefix}{number}")
        before = list(sheet)
        try:
            sheet.apply(edit)
        except EditRefused:
            assert list(sheet) == before
        else:
            edits.append(edit)
    return edits, list(sheet)
