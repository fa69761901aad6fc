"""A clip's words as captions on the clip's own clock: files to take away, and for the picture.

Captions in the picture are written as ASS (SubStation Alpha 4+), which ffmpeg's libass draws.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from django.conf import settings

from meetings.transcripts.captions import Caption, captions
from meetings.transcripts.exports import EXPORTS, About

from .models import Clip
from .snapshot import on_clip_clock
from .timed import Span

TYPES = {kind: EXPORTS[kind].content_type for kind in ("vtt", "srt")}
# A name stands in the picture while its owner speaks, and no longer than this after that.
LINGERS_MS = 1_500


@dataclass(frozen=True, slots=True)
class Said:
    """Stored words, as exports and captions ask for them. Times in milliseconds of the clip."""

    key: str
    speaker_name: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None = None
    word_starts_ms: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How captions lie in a picture of this size. `bottom` is free below them, in points."""

    width: int
    height: int
    size: int
    bottom: int


def said(clip: Clip, spans: Sequence[Span]) -> list[Said]:
    """The clip's words in order, at the times at which the clip says them."""
    return [
        Said(one["key"], one["speaker"], one["start_ms"], one["end_ms"], one["text"])
        for one in on_clip_clock(clip.words, spans)
    ]


def as_file(clip: Clip, spans: Sequence[Span], kind: str) -> Iterator[str]:
    """WebVTT or SubRip, a piece at a time. `kind` is one of `TYPES`."""
    address = f"{settings.SITE_URL}{clip.get_absolute_url()}"
    about = About(clip.title, source_url=address, language=clip.language)
    return EXPORTS[kind].write(said(clip, spans), about)


def as_ass(words: Sequence[Said], look: Look) -> str:
    """Captions over a box that can be read on any picture, and who speaks in a corner of it."""
    small, edge = look.size * 3 // 4, look.width // 24
    fields = (
        "Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, BorderStyle,"
        " Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding"
    )
    at_the_bottom = f"{look.size // 4},2,{edge},{edge},{look.bottom},1"
    in_a_corner = f"{small // 3},7,{edge},{edge},{edge},1"
    nameless = [replace(one, speaker_name="") for one in words]
    lines = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {look.width}",
        f"PlayResY: {look.height}",
        "WrapStyle: 0",
        "ScaledBorderAndShadow: yes",
        "[V4+ Styles]",
        f"Format: {fields}",
        f"Style: Words,Inter,{look.size},&H00FFFFFF,&H40000000,&H50000000,0,4,0,{at_the_bottom}",
        f"Style: Name,Inter,{small},&H00FFFFFF,&H404E5D0B,&H204E5D0B,-1,4,0,{in_a_corner}",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        *(_event("Words", cue) for cue in captions(nameless)),
        *(_event("Name", name) for name in _names(words)),
    ]
    return "\n".join(lines) + "\n"


def _names(words: Sequence[Said]) -> Iterator[Caption]:
    """Who speaks, from the first word on until somebody else does."""
    turns: list[Said] = []
    for one in words:
        if turns and turns[-1].speaker_name == one.speaker_name:
            turns[-1] = replace(turns[-1], end_ms=one.end_ms)
        else:
            turns.append(one)
    for one, then in zip_longest(turns, turns[1:]):
        end_ms = one.end_ms + LINGERS_MS
        if then is not None:
            end_ms = min(end_ms, then.start_ms)
        if one.speaker_name and end_ms > one.start_ms:
            yield Caption(one.start_ms, end_ms, (" ".join(one.speaker_name.split()),))


def _event(style: str, cue: Caption) -> str:
    text = r"\N".join(map(_plain, cue.lines))
    return f"Dialogue: 0,{_clock(cue.start_ms)},{_clock(cue.end_ms)},{style},,0,0,0,,{text}"


def _plain(text: str) -> str:
    """Words that a program which draws ASS takes for words: no commands, no line of their own."""
    bare = "".join(sign if sign.isprintable() else " " for sign in text)
    # A word joiner behind it, and a backslash begins nothing.
    return bare.replace("\\", "\\\u2060").replace("{", r"\{").replace("}", r"\}")


def _clock(ms: int) -> str:
    """ASS counts hundredths of a second."""
    hundredths = round(ms / 10)
    seconds, hundredths = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{hundredths:02}"
