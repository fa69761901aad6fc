"""Signed statements as people read them, and against what the site keeps today."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from django.utils.translation import gettext as _

from meetings.transcripts.models import Segment, Transcript

from .models import Clip, Rendering


@dataclass(frozen=True, slots=True)
class Line:
    """Words that somebody said, in milliseconds of the recording."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class File:
    kind: str
    sha256: str
    size_bytes: int

    @property
    def label(self) -> str:
        kinds = dict(Rendering.Kind.choices)
        return str(kinds.get(self.kind, self.kind))


@dataclass(frozen=True, slots=True)
class Said:
    """What a manifest states, once its signature has been found good."""

    clip: str
    maker: str
    cut_at: datetime
    issued_at: datetime
    duration_ms: int
    meeting: str
    body: str
    place: str
    held_on: date
    meeting_url: str
    recording_sha256: str
    version: int | None
    spans: tuple[tuple[int, int], ...]
    lines: tuple[Line, ...]
    files: tuple[File, ...]

    @classmethod
    def of(cls, statement: Mapping[str, Any]) -> Self:
        """A statement of our own: we signed it, so it has the form that we give it."""
        meeting, transcript = statement["meeting"], statement["transcript"]
        return cls(
            clip=statement["clip"],
            maker=statement["made_by"] or "",
            cut_at=datetime.fromisoformat(statement["cut_at"]),
            issued_at=datetime.fromisoformat(statement["issued_at"]),
            duration_ms=statement["duration_ms"],
            meeting=meeting["title"],
            body=meeting["body"],
            place=meeting["place"],
            held_on=date.fromisoformat(meeting["held_on"]),
            meeting_url=meeting["url"],
            recording_sha256=statement["recording"]["sha256"],
            version=transcript and transcript["version"],
            spans=tuple((span["start_ms"], span["end_ms"]) for span in statement["spans"]),
            lines=tuple(Line(**word) for word in statement["words"]),
            files=tuple(File(**file) for file in statement["files"]),
        )

    def file(self, sha256: str) -> File | None:
        return next((file for file in self.files if file.sha256 == sha256), None)


def what_is_kept(clip: Clip, said: Said) -> tuple[bool, tuple[str, ...]]:
    """Whether recording and transcript, as they are kept today, are those of the statement.

    With sentences about it. A later version of the transcript does not speak against it.
    """
    if clip.recording.sha256 != said.recording_sha256:
        return False, (_("The recording of this clip has another SHA-256 than the one signed."),)
    if said.version is None:
        return True, ()
    transcript = clip.transcript
    if transcript is None:
        return True, (_("Version %d of the transcript is not kept any more.") % said.version,)
    if not _stand_in(transcript, said.lines):
        return False, (
            _("The words that were signed do not stand so in version %d as we keep it.")
            % said.version,
        )
    return True, tuple(_corrected_since(transcript, said))


def members_that_differ(canonical: str, other: Mapping[str, Any]) -> Iterator[str]:
    """The names, in words, of what two statements say differently."""
    ours = json.loads(canonical)
    names = {
        "clip": _("the address of the clip"),
        "made_by": _("who made the clip"),
        "cut_at": _("when it was cut"),
        "issued_at": _("when the manifest was issued"),
        "duration_ms": _("how long it lasts"),
        "meeting": _("the meeting"),
        "recording": _("the recording"),
        "spans": _("the stretches of the recording"),
        "transcript": _("the version of the transcript"),
        "words": _("the words"),
        "files": _("the files"),
    }
    for name in {**ours, **other}:
        if name not in ours or name not in other or ours[name] != other[name]:
            yield names.get(name) or _("something that we do not state")


def _corrected_since(transcript: Transcript, said: Said) -> Iterator[str]:
    now = Transcript.objects.current().filter(
        meeting=transcript.meeting_id, language=transcript.language
    )
    newer = now.exclude(pk=transcript.pk).first()
    if newer is None:
        return
    if _stand_in(newer, said.lines):
        yield (
            _("The transcript was corrected since, elsewhere: in version %d these words stand too.")
            % newer.version
        )
    else:
        yield (
            _("The transcript was corrected since, and these words read differently in version %d.")
            % newer.version
        )


def _stand_in(transcript: Transcript, lines: tuple[Line, ...]) -> bool:
    """Every line is found under its key, said by the same speaker. One query."""
    rows = Segment.objects.filter(transcript=transcript, key__in={line.key for line in lines})
    kept = {
        key: (speaker or "", " ".join(text.split()))
        for key, speaker, text in rows.values_list("key", "speaker__name", "text")
    }
    return all(
        line.key in kept
        and kept[line.key][0] == (line.speaker or "")
        and " ".join(line.text.split()) in kept[line.key][1]
        for line in lines
    )
