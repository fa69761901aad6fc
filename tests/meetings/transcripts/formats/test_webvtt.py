"""WebVTT as a Reading: voices, and a note on whatever the W3C's rules drop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Cue, Effect, Note, Reading
from meetings.transcripts.formats.webvtt import parse

TIMES = "00:01.000 --> 00:02.000"


def reading(body: str, header: str = "WEBVTT") -> Reading:
    return read(f"{header}\n\n{body}\n".encode(), "a.vtt")


def only_note(body: str, header: str = "WEBVTT") -> Note:
    (note,) = reading(body, header).notes
    return note


def said(text: str) -> list[tuple[str, str]]:
    return [(cue.speaker, cue.text) for cue in reading(f"{TIMES}\n{text}").cues]


def test_cue_keeps_line_times_and_words():
    assert reading(f"an id\n{TIMES} align:start\nTwo\n  lines").cues == (
        Cue(4, 1000, 2000, "Two\nlines"),
    )


def test_full_parse_keeps_what_a_reading_leaves_out():
    file = parse(
        "WEBVTT - A title\nKind: captions\n\nSTYLE\n::cue {}\n\nREGION\nid:r\nlines:2\n\n"
        f"an id\n{TIMES} region:r position:10%\n<v Bob>Hi</v>\n"
    )
    (cue,) = file.cues
    assert (cue.identifier, cue.text, cue.settings.position) == ("an id", "<v Bob>Hi</v>", 10)
    assert cue.settings.region == file.regions[0]
    assert file.regions[0].lines == 2
    assert file.stylesheets == ["::cue {}"]
    assert (file.signature, file.header) == (" - A title", ("Kind: captions",))


def test_language_and_title_are_read_from_the_header():
    found = reading(f"{TIMES}\nHola", "WEBVTT - Sesión ordinaria\nLanguage: es-US\nKind: captions")
    assert (found.language, found.title, found.notes) == ("es-US", "Sesión ordinaria", ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<v Mayor Ruiz>Call the roll.", [("Mayor Ruiz", "Call the roll.")]),
        ("<v.loud Ruiz>Yes.</v>\n<v Okafor>No.</v>", [("Ruiz", "Yes."), ("Okafor", "No.")]),
        ("[bell] <v Ruiz>Yes.</v> [bell]", [("", "[bell]"), ("Ruiz", "Yes."), ("", "[bell]")]),
        ("<v Ruiz>A</v> <v Ruiz>B</v>", [("Ruiz", "A B")]),
        ("<i><v Ruiz>A <b>very</b> long</i> day", [("Ruiz", "A very long day")]),
        (
            "<v A>one <v B>two</v> three</v> four",
            [("A", "one"), ("B", "two"), ("A", "three"), ("", "four")],
        ),
        ("<v Ruiz &amp; Co>Hi", [("Ruiz & Co", "Hi")]),
        ("<v>Hi", [("", "Hi")]),
        ("Tom &amp; Jerry &lt;3 caf&eacute;", [("", "Tom & Jerry <3 café")]),
        ("one<br>two", [("", "one\ntwo")]),
        ("one <00:01.500>two", [("", "one two")]),
        ("<u><c.red>RED</c></u> WORDS", [("", "RED WORDS")]),
    ],
)
def test_words_and_voices_of_a_cue(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("times", "start_ms", "end_ms", "kind"),
    [
        ("00:11:06.332 --> 00:11:06.1000", 666_332, 667_000, "four_digit_milliseconds"),
        ("00:11:06.1000 --> 00:11:08.234", 667_000, 668_234, "four_digit_milliseconds"),
        ("00:00:01,000 --> 00:00:02,000", 1000, 2000, "comma_in_times"),
        ("00:00:01.5 --> 00:00:02.25", 1500, 2250, "malformed_times"),
        ("0:1:1.000 --> 0:1:2.000", 61_000, 62_000, "malformed_times"),
        ("00:00:01 --> 00:00:02.000", 1000, 2000, "malformed_times"),
    ],
)
def test_cue_with_times_that_can_still_be_read_is_lost_but_handed_on(times, start_ms, end_ms, kind):
    found = reading(f"{times}\n<v Bob>Hi\n\n{TIMES}\nsound")
    (note,) = found.notes
    assert (note.line, note.effect, note.kind) == (3, Effect.LOST, kind)
    assert note.cue == Cue(3, start_ms, end_ms, "Hi", "Bob")
    assert [cue.text for cue in found.cues] == ["sound"]
    assert note.what.startswith("Line 3: the time “")


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ("00:61:10.000 --> 00:61:12.000", "“00:61:10.000” has 61 minutes"),
        ("00:00:10.000 --> 00:00:72.000", "“00:00:72.000” has 72 seconds"),
        ("00:00:1d.000 --> 00:00:12.000", "cannot be read"),
        ("x 00:00:01.000 --> 00:00:12.000", "cannot be read"),
        ("00:00:01.000 and --> 00:00:12.000", "cannot be read"),
    ],
)
def test_times_that_nobody_can_read_lose_the_words(times, words):
    note = only_note(f"{times}\nHi")
    assert (note.line, note.effect, note.cue) == (3, Effect.LOST, None)
    assert words in note.what


def test_cue_that_ends_before_it_starts_is_handed_on_with_its_times():
    note = only_note("00:10.000 --> 00:00.000\nHi")
    assert (note.kind, note.effect) == ("ends_before_start", Effect.LOST)
    assert note.cue == Cue(3, 10_000, 0, "Hi")
    assert parse("WEBVTT\n\n00:10.000 --> 00:00.000\nHi").cues[0].end_ms == 0


def test_cue_of_no_length_stays():
    found = reading("00:10.000 --> 00:10.000\nHi")
    assert found.cues == (Cue(3, 10_000, 10_000, "Hi"),)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("block", "effect", "kind"),
    [
        ("Words without times", "lost", "text_without_times"),
        ("NOTES ABOUT THE LOGISTICS", "lost", "text_without_times"),
        ("STYLE IS A VIRTUE\nOF THE SENATE", "lost", "text_without_times"),
        ("STYLE\nOF THE SENATE", "lost", "text_without_times"),
        ("NOTE a remark", "met", "comment"),
        ("NOTE\na remark", "met", "comment"),
        ("STYLE\n::cue { color: red }", "met", "late_style"),
        ("REGION\nid:late", "met", "late_style"),
        ("17", "met", "lone_number"),
        ("WEBVTT", "met", "second_header"),
    ],
)
def test_block_without_times_is_noted_by_what_it_is(block, effect, kind):
    found = reading(f"{TIMES}\nfirst\n\n{block}\n\n{TIMES}\nlast")
    assert [(note.line, note.effect, note.kind) for note in found.notes] == [(6, effect, kind)]
    assert [cue.text for cue in found.cues] == ["first", "last"]


def test_empty_line_inside_a_cue_loses_the_words_after_it():
    note = only_note(f"{TIMES}\nfirst half\n\nsecond half")
    assert (note.line, note.kind) == (6, "text_without_times")
    assert "“second half”" in note.what


def test_times_without_an_empty_line_before_are_noted():
    found = reading(f"{TIMES}\none\n{TIMES}\ntwo")
    assert [cue.text for cue in found.cues] == ["one", "two"]
    assert [(note.line, note.kind) for note in found.notes] == [(5, "missing_empty_line")]


def test_empty_cues_are_counted_once():
    found = reading(f"{TIMES}\n\n{TIMES}\n<i></i>\n\n{TIMES}\nwords")
    assert len(found.cues) == 1
    (note,) = found.notes
    assert (note.line, note.kind, note.effect) == (3, "empty_cue", Effect.MET)
    assert "2 cues have no words" in note.what


def test_file_without_cues_is_read_as_such():
    assert reading("").cues == ()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("I <3 this city and you", "I <3 this city and you"),
        ("fewer < than five > are here", "fewer < than five > are here"),
        ("<applause> thank you", "<applause> thank you"),
        ("<i hello there", "<i hello there"),
        ("<v Bob hello there", "<v Bob hello there"),
        ("<b loud> words", "<b loud> words"),
        ("<c.first That's awesome!</c>", "<c.first That's awesome!</c>"),
    ],
)
def test_words_that_look_like_a_tag_are_handed_on(text, kept):
    found = reading(f"{TIMES}\n{text}")
    (note,) = found.notes
    assert found.cues == ()
    assert (note.effect, note.kind) == (Effect.LOST, "words_in_tag")
    assert note.cue == Cue(3, 1000, 2000, kept)


@pytest.mark.parametrize("tag", ["<font color='red'>", "<I>", "</b>", '<span class="a b">', "<p/>"])
def test_markup_that_webvtt_does_not_know_is_noted_and_loses_nothing(tag):
    found = reading(f"{TIMES}\n{tag}words")
    assert [cue.text for cue in found.cues] == ["words"]
    assert [(note.effect, note.kind) for note in found.notes] == [(Effect.MET, "unknown_tag")]


@pytest.mark.parametrize("setting", ["line:3", "size:50%", "vertical:rl"])
def test_cue_that_is_placed_on_its_own_leaves_its_region(setting):
    (cue,) = parse(f"WEBVTT\n\nREGION\nid:r\n\n{TIMES} region:r {setting}\nHi").cues
    assert cue.settings.region is None
    (cue,) = parse(f"WEBVTT\n\nREGION\nid:r\n\n{TIMES} region:r size:100%\nHi").cues
    assert cue.settings.region is not None


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("&#" + "9" * 10_000 + ";", "\ufffd"),
        ("&#x" + "f" * 10_000 + ";", "\ufffd"),
        ("&#xD800;", "\ufffd"),
        ("&#0;", "\ufffd"),
        ("&#000000000000000065;", "A"),
        ("&#146;", "’"),
        ("&#233", "é"),
        ("&#;&#x;&#xg;", "&#;&#x;&#xg;"),
    ],
)
def test_numbered_characters_of_any_length(written, read_as):
    assert said(written) == [("", read_as)]


def test_times_of_any_number_of_hours_are_read():
    long = "9" * 5000
    found = reading(f"123:00:00.000 --> {long}:00:00.000\nHi")
    assert found.cues[0].start_ms == 123 * 3_600_000
    assert found.cues[0].end_ms >= 10**9 * 3_600_000


WORDS = st.text(
    st.characters(categories=["L", "N", "Zs", "Po"], exclude_characters="<&"), min_size=1
)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**5), WORDS), max_size=8))
def test_what_is_written_reads_back(cues):
    def clock(milliseconds: int) -> str:
        seconds, rest = divmod(milliseconds, 1000)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"

    cues = [(start, length, " ".join(text.split())) for start, length, text in cues]
    cues = [cue for cue in cues if cue[2]]
    body = "\n\n".join(f"{clock(s)} --> {clock(s + length)}\n{text}" for s, length, text in cues)
    found = reading(body)
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in found.cues] == [
        (start, start + length, text) for start, length, text in cues
    ]
    assert found.notes == ()
