"""Film: what is seen and heard when in a demonstration meeting, from its transcript and agenda."""

import bisect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import Cue

from .pictures import Picture, Title
from .speech import Said, Sound, TooShort, Voice, fit, sample_rate

MANIFEST, TRANSCRIPT, CAST = "meeting.json", "transcript.vtt", "cast.json"
CAPTIONS, RECORDING = "captions.vtt", "meeting.mp4"
PER_SECOND = 2  # pictures
EVERY_S = 6  # from key frame to key frame, as packaging cuts
AFTERWARDS_S = 4  # after the last word


@dataclass(frozen=True, slots=True)
class Meeting:
    """A folder of the demonstration, read."""

    facts: Mapping[str, Any]
    body: str
    cues: Sequence[Cue]
    voices: Mapping[str, Voice]

    @property
    def seconds(self) -> int:
        """How long the film is: whole stretches between key frames, with a little quiet after."""
        end_s = self.cues[-1].end_ms / 1000 + AFTERWARDS_S
        return -int(-end_s // EVERY_S) * EVERY_S


def opened(folder: Path) -> Meeting:
    """The meeting that lies in a folder. Places, bodies and voices are told beside it."""
    facts = json.loads((folder / MANIFEST).read_text())
    bodies = json.loads((folder.parent / "places.json").read_text())["bodies"]
    cast = json.loads((folder.parent / CAST).read_text())
    return Meeting(
        facts=facts,
        body=next(body["name"] for body in bodies if body["slug"] == facts["body"]),
        cues=read((folder / TRANSCRIPT).read_bytes(), TRANSCRIPT).cues,
        voices={name: Voice(**voice) for name, voice in cast.items()},
    )


def title(meeting: Meeting) -> Title:
    held_on = date.fromisoformat(meeting.facts["held_on"])
    return Title(
        body=meeting.body,
        meeting=meeting.facts["title"],
        day=f"{held_on:%B} {held_on.day}, {held_on.year}",
        starts=tuple(start / meeting.seconds for start in _starts(meeting)),
    )


def pictures(meeting: Meeting) -> Iterator[Picture]:
    """What is seen, two a second. The line that shows how far it is moves on with key frames."""
    starts, items = _starts(meeting), [item["title"] for item in meeting.facts["agenda"]]
    spoken = [cue.start_ms / 1000 for cue in meeting.cues]
    for number in range(meeting.seconds * PER_SECOND):
        at_s = (number + 0.5) / PER_SECOND  # in the middle of the time that it is shown
        item = bisect.bisect_right(starts, at_s)
        cue = bisect.bisect_right(spoken, at_s)
        key_s = number // (EVERY_S * PER_SECOND) * EVERY_S
        yield Picture(
            item=items[item - 1] if item else "",
            speaker=meeting.cues[cue - 1].speaker if cue else "",
            done=key_s / meeting.seconds,
        )


def spoken(meeting: Meeting) -> list[Said]:
    """The words of each segment as they are heard, over before its end.

    Raises TooShort where the words of a segment cannot be said in its time.
    """
    said = []
    for cue in meeting.cues:
        try:
            within_s = (cue.end_ms - cue.start_ms) / 1000
            said.append(fit(cue.text, meeting.voices[cue.speaker], within_s=within_s))
        except TooShort as error:
            raise TooShort(f"At {cue.start_ms / 1000:.3f} s: {error}") from error
    return said


def sound(meeting: Meeting, said: Sequence[Said]) -> Sound:
    """What is heard: the words of each segment from its start on, and silence between."""
    heard = np.zeros(meeting.seconds * sample_rate(), dtype=np.float32)
    for cue, words in zip(meeting.cues, said, strict=True):
        begin = cue.start_ms * sample_rate() // 1000
        heard[begin : begin + words.sound.size] = words.sound
    return heard


def captions(meeting: Meeting, said: Sequence[Said]) -> Iterator[str]:
    """The transcript as WebVTT with a mark before each word: when it is said."""
    yield "WEBVTT\n\nNOTE\n"
    yield f"The words of {TRANSCRIPT}, and when each of them is said in {RECORDING}.\n"
    for cue, words in zip(meeting.cues, said, strict=True):
        first, *others = cue.text.split()
        marked = [
            f"<{_clock(cue.start_ms + start_ms)}>{escape(word, quote=False)}"
            for word, start_ms in zip(others, words.starts_ms[1:], strict=True)
        ]
        text = " ".join([escape(first, quote=False), *marked])
        times = f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}"
        yield f"\n{times}\n<v {cue.speaker}>{text}\n"


def _starts(meeting: Meeting) -> list[int]:
    """When the agenda's items begin, in seconds."""
    clocks = [item["start"].split(":") for item in meeting.facts["agenda"]]
    return [int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in clocks]


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1_000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
