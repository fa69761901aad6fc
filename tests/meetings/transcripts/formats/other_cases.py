"""The test files of webvtt-py, cdown's srt and pysubs2: what each should give, from reading it."""

from dataclasses import dataclass
from pathlib import Path

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Effect, NotCaptions

Moment = tuple[int, int, str]

FIRST: Moment = (500, 7000, "Caption text #1")


def caption(start_ms: int, end_ms: int, number: int) -> Moment:
    return (start_ms, end_ms, f"Caption text #{number}")


@dataclass(frozen=True)
class Wanted:
    """Number of cues, the first and the last, and the kinds of what is lost."""

    count: int
    first: Moment | None = FIRST
    last: Moment | None = FIRST
    lost: tuple[str, ...] = ()
    language: str = ""
    title: str = ""


_FIFTH = caption(21580, 23880, 5)
_SEVENTH = caption(27280, 30280, 7)

FILES: dict[str, Wanted | str] = {
    "cdown-srt/ascii.srt": Wanted(3, (27000, 30730, "ascii"), (34100, 36570, "ascii everywhere")),
    "cdown-srt/gb2312.srt": Wanted(
        3,
        (27000, 30730, "宇宙守护神  保护我们远离邪恶"),
        (34100, 36570, "轻轻一跳就能飞跃高楼"),
    ),
    "webvtt-py/captions_with_bom.vtt": Wanted(4, last=caption(16320, 21580, 4)),
    "webvtt-py/comments.vtt": Wanted(
        3,
        (135000, 140000, "- Ta en kopp varmt te.\n- Det är inte varmt."),
        (145000, 150000, "- Ta en kopp"),
        title="Translation of that film I like",
    ),
    "webvtt-py/cue_tags.vtt": Wanted(
        3, (16500, 18500, "When the moon hits your eye"), (20500, 21500, "That's amore")
    ),
    "webvtt-py/empty.vtt": "The file is empty",
    "webvtt-py/invalid.vtt": "Line 1 is not WEBVTT",
    "webvtt-py/invalid_format1.srt": "no line of the file has times",
    "webvtt-py/invalid_format2.srt": "no line of the file has times",
    "webvtt-py/invalid_format3.srt": "no line of the file has times",
    "webvtt-py/invalid_format4.srt": Wanted(0, None, None, ("text_without_times",)),
    "webvtt-py/invalid_timeframe.srt": Wanted(5, last=_FIFTH),  # one point among commas
    "webvtt-py/invalid_timeframe.vtt": Wanted(6, last=_SEVENTH, lost=("unreadable_times",)),
    "webvtt-py/invalid_timeframe_in_cue_text.vtt": Wanted(3, last=caption(11890, 16320, 3)),
    "webvtt-py/metadata_headers.vtt": Wanted(2, last=caption(7000, 11890, 2), language="en"),
    "webvtt-py/metadata_headers_multiline.vtt": Wanted(
        2, last=caption(7000, 11890, 2), language="en"
    ),
    "webvtt-py/missing_caption_text.srt": Wanted(4, last=_FIFTH),
    "webvtt-py/missing_caption_text.vtt": Wanted(4, last=_FIFTH),
    "webvtt-py/missing_timeframe.srt": Wanted(4, last=_FIFTH, lost=("text_without_times",)),
    "webvtt-py/missing_timeframe.vtt": Wanted(6, last=_SEVENTH, lost=("text_without_times",)),
    "webvtt-py/netflix_chicas_del_cable.vtt": Wanted(
        865, (7960, 9480, "[Alba] En 1928,"), (3147320, 3148600, "Alba.")
    ),
    "webvtt-py/no_captions.vtt": Wanted(0, None, None),
    "webvtt-py/one_caption.srt": Wanted(1),
    "webvtt-py/one_caption.vtt": Wanted(1),
    "webvtt-py/sample.srt": Wanted(5, last=_FIFTH),
    "webvtt-py/sample.vtt": Wanted(16, last=caption(61350, 64300, 16)),
    "webvtt-py/styles.vtt": Wanted(1, (0, 10000, "- Hello world."), (0, 10000, "- Hello world.")),
    "webvtt-py/using_identifiers.vtt": Wanted(6, last=caption(23880, 27280, 6)),
    "webvtt-py/youtube_dl.vtt": Wanted(
        4,
        (286070, 286470, "yeah"),
        (305069, 305400, "this will happen is I'm telling"),
        language="en",
    ),
}

SUBVIEWER = "SubViewer (.sbv) is not among the formats that we read"
TTML = "TTML (captions in XML) is not among the formats that we read"
NOT_APPLYING: dict[str, str] = {
    "webvtt-py/invalid_format.sbv": SUBVIEWER,
    "webvtt-py/invalid_timeframe.sbv": SUBVIEWER,
    "webvtt-py/missing_caption_text.sbv": SUBVIEWER,
    "webvtt-py/missing_timeframe.sbv": SUBVIEWER,
    "webvtt-py/sample.sbv": SUBVIEWER,
    "webvtt-py/two_captions.sbv": SUBVIEWER,
    "pysubs2/LICENSE.txt": "a licence, no test",
    "pysubs2/ttml_example.ttml": TTML,
    "pysubs2/ttml_example2.ttml": TTML,
    "pysubs2/ttml_example_apple.ttml": TTML,
}


def problems(folder: Path, name: str) -> list[str]:
    """Where a file does not give what is wanted; empty when all is well."""
    wanted = FILES[name]
    path = folder / name
    try:
        reading = read(path.read_bytes(), path.name)
    except NotCaptions as refusal:
        return [] if isinstance(wanted, str) and wanted in str(refusal) else [str(refusal)]
    if isinstance(wanted, str):
        return ["it was read"]
    moments = [(cue.start_ms, cue.end_ms, cue.text) for cue in reading.cues]
    found = Wanted(
        len(moments),
        moments[0] if moments else None,
        moments[-1] if moments else None,
        tuple(note.kind for note in reading.notes if note.effect is Effect.LOST),
        reading.language,
        reading.title,
    )
    return [] if found == wanted else [f"{found} is not {wanted}"]
