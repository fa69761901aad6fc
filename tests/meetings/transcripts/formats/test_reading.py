"""`read`: telling formats apart, and refusing what is none of them."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Cue, Effect, NotCaptions, Reading

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nGood morning.\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n"
MORNING = (Cue(3, 1000, 2000, "Good morning."),)


def refusal(data: bytes | str, name: str = "captions.vtt") -> NotCaptions:
    with pytest.raises(NotCaptions) as caught:
        read(data.encode() if isinstance(data, str) else data, name)
    return caught.value


def kinds(data: bytes | str, name: str = "captions.vtt") -> list[tuple[int, str, str]]:
    reading = read(data.encode() if isinstance(data, str) else data, name)
    return [(note.line, note.effect.value, note.kind) for note in reading.notes]


def test_content_decides_and_not_the_name():
    assert read(VTT.encode(), "captions.srt").format == "webvtt"
    assert read(SRT.encode(), "captions.vtt").format == "srt"
    assert read(b'{"sentences": [{"text": "Hi", "start_time": 0, "end_time": 1}]}', "a.txt").format


def test_points_in_times_are_subrip_unless_the_name_says_webvtt():
    text = SRT.replace(",", ".")
    assert read(text.encode(), "captions.srt").cues == (Cue(2, 1000, 2000, "Good morning."),)
    assert read(text.encode(), "captions.txt").format == "srt"
    refused = refusal(text, "captions.vtt")
    assert str(refused).startswith("Line 1 is not WEBVTT")
    assert "Line 2 has sound times" in str(refused)


@pytest.mark.parametrize("text", ["", "\n\n  \n", "\ufeff"])
def test_empty_file_is_refused(text):
    assert str(refusal(text)) == "The file is empty."


def test_web_page_is_refused_by_its_first_words():
    refused = refusal("<!DOCTYPE html>\n<html><body>00:01.000 --> 00:02.000\nNot Found")
    assert "this is a web page, not captions" in str(refused)
    assert refused.line == 1


def test_text_without_times_is_refused_with_its_line():
    refused = refusal("\n\nTO ORDER THE ASSEMBLY COMMITTEE.\nHERE PATTERSON.", "a.txt.vtt")
    assert refused.line == 3
    assert "“TO ORDER THE ASSEMBLY COMMITTEE" in str(refused)


@pytest.mark.parametrize("first", ["webvtt\n\n", "\nWEBVTT\n\n", " WEBVTT\n\n"])
def test_damaged_header_is_named(first):
    assert "must begin with WEBVTT" in str(refusal(VTT.replace("WEBVTT\n\n", first)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04rest", "a ZIP or Office file"),
        (b"%PDF-1.7", "a PDF"),
        (b"<?xml version='1.0'?><tt/>", "TTML"),
        (b'{"a": 1}', "neither a Council Data Project transcript"),
        (b'{"sentences": [', "not sound JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"sentences": [' + b"1" * 5000 + b"]}", "too long"),
        (b'{"sentences": []}', "None of the 0 entries"),
        (b'{"data": [{"agendaItem": {"title": "One"}}]}', "None of the 1 speeches"),
        (b"0:00:01.0,0:00:02.0\nHi", "SubViewer"),
        (VTT.encode("utf-16-le"), "byte order mark"),
    ],
)
def test_what_is_no_caption_file_gets_its_own_sentence(data, words):
    assert words in str(refusal(data))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_needs_no_note(encoding):
    reading = read(VTT.replace("morning", "mañana").encode(encoding), "a.vtt")
    assert (reading.encoding, reading.notes) == ("utf-8", ())
    assert reading.cues[0].text == "Good mañana."


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_by_its_mark(encoding):
    data = ("\ufeff" + VTT.replace("morning", "ćevapi 宇宙")).encode(encoding)
    reading = read(data, "a.vtt")
    assert (reading.encoding, reading.cues[0].text) == ("utf-16", "Good ćevapi 宇宙.")
    assert [note.kind for note in reading.notes] == ["encoding"]


def srt_of(lines: list[str]) -> str:
    return "".join(
        f"{number}\n00:00:{number:02},000 --> 00:00:{number:02},900\n{line}\n\n"
        for number, line in enumerate(lines, 1)
    )


@pytest.mark.parametrize(
    ("encoding", "lines"),
    [
        (
            "cp1252",
            [
                "Le conseil a adopté la résolution à l’unanimité.",
                "La séance est levée, merci à toutes et à tous.",
                "Le maire a présenté le budget “définitif” de l’année prochaine.",
            ],
        ),
        (
            "cp1251",
            [
                "Уважаемые депутаты, прошу садиться, заседание открыто.",
                "На повестке дня вопрос о бюджете города на следующий год.",
                "Кто за это предложение, прошу голосовать.",
            ],
        ),
        (
            "cp1250",
            [
                "Vážení zastupitelé, zahajuji dnešní zasedání města.",
                "Příští bod programu je rozpočet na příští rok, žádám o slovo.",
                "Kdo je pro, ať prosím zvedne ruku. Děkuji, návrh byl přijat.",
            ],
        ),
        (
            "gb2312",
            ["各位代表早上好，现在开会。", "今天的议程是明年的预算。", "同意的请举手，谢谢大家。"],
        ),
    ],
)
def test_other_encodings_are_found_and_noted(encoding, lines):
    reading = read(srt_of(lines).encode(encoding), "a.srt")
    assert [cue.text for cue in reading.cues] == lines
    assert reading.encoding != "utf-8"
    assert [note.kind for note in reading.notes] == ["encoding"]


def test_broken_byte_in_utf8_is_refused_with_its_place():
    data = VTT.replace("morning", "mañana señor").encode().replace(b"se\xc3\xb1or", b"se\xc3or")
    refused = refusal(data)
    assert refused.line == 4
    assert f"byte {data.index(b'se') + 3} of the file" in str(refused)


def test_broken_utf16_is_refused_with_its_line():
    refused = refusal(b"\xff\xfe" + VTT.encode("utf-16-le") + b"\x00\xd8x\x00")
    assert refused.line == 5


def test_bytes_that_are_no_text_are_refused():
    assert "not a text file" in str(refusal(bytes(range(256)) * 4))


def test_control_characters_are_noted_once_a_line():
    text = VTT + "\n00:03.000 --> 00:04.000\nSOLAR\x07 \x07POWER\tOK\n"
    assert kinds(text) == [(7, "met", "control_character")]
    assert read(text.encode(), "a.vtt").cues[1].text == "SOLAR\x07 \x07POWER\tOK"


def test_nul_becomes_the_replacement_character_and_is_noted():
    reading = read(VTT.replace("Good", "G\0od").encode(), "a.vtt")
    assert reading.cues[0].text == "G\ufffdod morning."
    assert [(note.kind, note.line) for note in reading.notes] == [("control_character", 4)]


@pytest.mark.parametrize(
    "tag", ["<script>", "&lt;script&gt;", "&#60;script", "< SCRIPT", "&#x3C;script"]
)
def test_script_is_noted_however_it_is_spelled(tag):
    for data, name in ((VTT, "a.vtt"), (SRT, "a.srt")):
        assert "script" in {kind for _, _, kind in kinds(data.replace("Good", tag), name)}


def test_script_in_json_is_noted():
    data = '{"sentences": [{"text": "\\u003cscript>", "start_time": 0, "end_time": 1}]}'
    assert kinds(data, "a.json") == [(1, "met", "script")]


def test_lone_surrogates_and_nul_in_json_become_replacement_characters():
    data = '{"sentences": [{"text": "a\\ud800b\\u0000c", "start_time": 0, "end_time": 1}]}'
    assert read(data.encode(), "a.json").cues[0].text == "a\ufffdb\ufffdc"


def test_quotations_in_sentences_are_short_and_on_one_line():
    refused = refusal("no times\x00 here\u2028" + "x" * 100_000)
    assert len(str(refused)) < 300
    assert not any(ord(letter) < 32 or letter == "\u2028" for letter in str(refused))


def read_or_refused(data: bytes, name: str) -> Reading | NotCaptions:
    try:
        return read(data, name)
    except NotCaptions as refused:
        return refused


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "WEBVTT",
                "\n",
                "\n\n",
                "\r\n",
                "\r",
                "\0",
                "\ufeff",
                "-->",
                " --> ",
                "STYLE\n",
                "NOTE ",
            ),
            *("REGION\nid:a\n", "region:a", "line:1%", "00:01.000", "99:99:99.999", "00:00:01,5"),
            *(
                "<v Bob>",
                "</v>",
                "<c.x>",
                "<",
                ">",
                "&amp;",
                "&#0;",
                "&#99999999999;",
                "&",
                "<00:01.0",
            ),
            *("1\n", "{", "[", '{"sentences":[', '{"data":[', '"text":"a"', '"words":', "}]", ","),
            *(
                '"start_time":',
                "1e999",
                "NaN",
                "-1",
                "a 1 0.1 0.2 mot 0.9\n",
                "<start=1,speaker=S>",
            ),
            *("\ud7ff", "\U0001f600", "\x1b", "\x85", "é", "{\\an8}", "<font", "words "),
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(st.binary(max_size=300), PIECES.map(str.encode)),
    st.sampled_from(["a.vtt", "a.srt", ""]),
)
def test_nothing_but_a_refusal_is_raised_and_what_is_read_is_sound(data, name):
    reading = read_or_refused(data, name)
    if isinstance(reading, NotCaptions):
        assert str(reading)
        assert 1 <= reading.line <= data.count(b"\n") + data.count(b"\r") + 1
        return
    taken_back = [note.cue for note in reading.notes if note.cue]
    for cue in (*reading.cues, *taken_back):
        assert cue.text.strip()
        assert cue.start_ms >= 0
        assert cue.line >= 1
        (cue.text + cue.speaker).encode("utf-8")
        assert "\0" not in cue.text + cue.speaker
    assert all(cue.start_ms <= cue.end_ms for cue in reading.cues)
    assert all(note.cue is None or note.effect is Effect.LOST for note in reading.notes)


BIG = 50_000_000
CUE = b"WEBVTT\n\n00:01.000 --> 00:02.000\n"
GARBAGE = {
    "one line": (b"", b"x"),
    "empty lines": (b"WEBVTT\n\n", b"\n"),
    "open tags": (CUE, b"<c>"),
    "voices": (CUE, b"<v a>x</v>"),
    "less-than signs": (CUE, b"<"),
    "ampersands": (CUE, b"&"),
    "numbered characters": (CUE, b"&#0"),
    "digits": (b"WEBVTT\n\n-->\n", b"1"),
    "arrows": (b"WEBVTT\n\n", b"-->\n"),
    "texts without times": (b"WEBVTT\n\n", b"x\n\n"),
    "subrip spaces": (b"00:00:01,000 --> 00:00:02,000\nx\n", b" "),
    "subrip arrows": (b"00:00:01,000 --> 00:00:02,000\n", b"->"),
    "greater-than signs": (b"", b">\n"),
    "dashes": (b"", b"1:00 - - - - "),
    "font tags": (b"00:00:01,000 --> 00:00:02,000\n", b"<font"),
    "script": (CUE, b"<script\n"),
    "latin": (b"", b"\xe9"),
    "bells": (b"WEBVTT\n\n", b"\x07\n"),
    "rows": (b"a 1 0.1 0.2 mot 0.9\n" * 3, b"a 1 0.1\n"),
    "brackets": (b"", b"["),
    "number": (b'{"sentences": [{"start_time": 1', b"1"),
}


def test_cues_without_measure_are_refused_by_line():
    assert refusal("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<c>" * 100_001).line == 3
    assert refusal("WEBVTT\n\n" + "x\n\n" * 100_001).line > 200_000
    assert refusal("WEBVTT\n\n" + "\x07\n" * 100_001).line > 100_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", GARBAGE)
def test_fifty_megabytes_of_garbage_end_in_seconds(kind):
    head, body = GARBAGE[kind]
    data = head + body * (BIG // len(body))
    began = time.process_time()
    read_or_refused(data, "captions.vtt")
    assert time.process_time() - began < 20
