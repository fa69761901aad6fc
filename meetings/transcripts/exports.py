"""Transcripts as files to take away: WebVTT, SubRip, plain text and JSON, each as a stream.

What is written reads back with `formats.read`: WebVTT and JSON to the same segments, SubRip to
the same times and words. White space in a text is folded to single spaces, except in JSON, which
keeps every character.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from meetings.transcripts.formats.portaljson import FORMAT, VERSION
from meetings.transcripts.utterances import Spoken

CHUNK_CHARACTERS = 16_384
# In plain text a paragraph ends with the speaker's turn, or with the sentence that passes this.
PARAGRAPH_CHARACTERS = 800

# Not the no-break spaces, which belong to the words.
_SPACE = re.compile(r"[ \t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# What programs that show SubRip would take for a tag, a line break or a character reference.
_SUBRIP_SIGNS = re.compile(
    r"<(?=[a-zA-Z/])|\{(?=\\|[yYcCsS]:)|\\(?=N)|-->"
    r"|&(?=(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)"
)
_SUBRIP_ARROW = re.compile(r"\d.*(?:>|→)")


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of the transcript: title, the meeting's address, language (BCP 47)."""

    title: str
    source_url: str = ""
    language: str = ""


def to_webvtt(segments: Iterable[Spoken], about: About) -> Iterator[str]:
    """WebVTT (W3C): a NOTE with title and source, then one cue for each segment.

    The cue's identifier is the segment's key; the speaker is in a voice tag.
    """
    return _chunks(_webvtt(segments, about))


def to_srt(segments: Iterable[Spoken], about: About) -> Iterator[str]:
    """SubRip. It has no place for a speaker or a title, so it has times and words alone."""
    return _chunks(_srt(segments))


def to_text(segments: Iterable[Spoken], about: About) -> Iterator[str]:
    """Plain text to read: title and source, then paragraphs, set apart by empty lines.

    A paragraph has two lines: its time in brackets and the speaker, if known; and the words.
    """
    return _chunks(_text(segments, about))


def to_json(segments: Iterable[Spoken], about: About) -> Iterator[str]:
    """JSON as `formats.portaljson.SCHEMA` describes it, with one segment on each line."""
    return _chunks(_json(segments, about))


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file: how it is written, and what it is called on the web."""

    write: Callable[[Iterable[Spoken], About], Iterator[str]]
    content_type: str


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        "vtt": Export(to_webvtt, "text/vtt; charset=utf-8"),
        "srt": Export(to_srt, "application/x-subrip; charset=utf-8"),
        "txt": Export(to_text, "text/plain; charset=utf-8"),
        "json": Export(to_json, "application/json"),
    }
)


def _webvtt(segments: Iterable[Spoken], about: About) -> Iterator[str]:
    yield "WEBVTT\n\n"
    said_of_it = [_folded(said).replace("-->", "→") for said in (about.title, about.source_url)]
    if any(said_of_it):
        yield "\n".join(["NOTE", *filter(None, said_of_it)]) + "\n\n"
    for segment in segments:
        speaker = _escaped(" ".join(segment.speaker_name.split()))
        if speaker.endswith("-"):  # two dashes and the end of the tag would make an arrow
            speaker = f"{speaker[:-1]}&#45;"
        voice = f"<v {speaker}>" if speaker else ""
        name = _folded(segment.key).replace("-->", "→")
        yield (
            f"{name}\n{_clock(segment.start_ms, '.')} --> {_clock(segment.end_ms, '.')}\n"
            f"{voice}{_escaped(_folded(segment.text))}\n\n"
        )


def _srt(segments: Iterable[Spoken]) -> Iterator[str]:
    for number, segment in enumerate(segments, start=1):
        text = _SUBRIP_SIGNS.sub(_as_references, _folded(segment.text))
        if _SUBRIP_ARROW.match(text):  # it would look like a line of times
            text = f"&#{ord(text[0])};{text[1:]}"
        yield (
            f"{number}\n{_clock(segment.start_ms, ',')} --> {_clock(segment.end_ms, ',')}\n"
            f"{text}\n\n"
        )


def _text(segments: Iterable[Spoken], about: About) -> Iterator[str]:
    yield "\n".join(filter(None, [_folded(about.title), _folded(about.source_url)])) + "\n"
    speaker: str | None = None
    written = 0
    for segment in segments:
        name, text = " ".join(segment.speaker_name.split()), _folded(segment.text)
        if name != speaker or written > PARAGRAPH_CHARACTERS:
            time = _clock(segment.start_ms, ".").partition(".")[0]
            yield f"\n\n[{time}] {name}".rstrip() + f"\n{text}"
            speaker, written = name, len(text)
        else:
            yield f" {text}"
            written += len(text)
    yield "\n"


def _json(segments: Iterable[Spoken], about: About) -> Iterator[str]:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "title": about.title,
        "source_url": about.source_url,
        "language": about.language,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "segments": ['
    comma = ""
    for segment in segments:
        one = {
            "key": segment.key,
            "speaker": segment.speaker_name,
            "start_ms": segment.start_ms,
            "end_ms": segment.end_ms,
            "text": segment.text,
            "confidence": segment.confidence,
        }
        yield f"{comma}\n{json.dumps(one, ensure_ascii=False)}"
        comma = ","
    yield "\n]}\n"


def _chunks(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in pieces of a size that is worth sending."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK_CHARACTERS:
            yield "".join(held)
            held, size = [], 0
    if held:
        yield "".join(held)


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _as_references(match: re.Match[str]) -> str:
    if match[0] == "-->":
        return "--&gt;"
    return {"<": "&lt;", "&": "&amp;"}.get(match[0]) or f"&#{ord(match[0])};"


def _clock(ms: int, point: str) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"
