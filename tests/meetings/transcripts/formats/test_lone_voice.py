"""A cue with one voice tag is read without walking through it, and reads the same."""

from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meetings.transcripts.formats import cuetext

PIECES = st.lists(
    st.sampled_from(
        ["<v ", "<v Ann", ">", "<", "&amp;", "&lt;b", "Ann", " ", "\n", "</v>", ".", "/"]
    )
)


@pytest.mark.slow
@given(PIECES.map("".join))
@example("<v Ann>Good evening.")
@example("<v >x")
@example("<v Ann\n B & C>")
@example("<v Ann>a > b")
def test_a_lone_voice_is_what_the_walk_finds(text: str) -> None:
    quick = cuetext.voices(text), cuetext.dropped_tags(text)

    with patch.object(cuetext, "_lone_voice", return_value=None):
        walked = cuetext.voices(text), cuetext.dropped_tags(text)

    assert quick == walked
