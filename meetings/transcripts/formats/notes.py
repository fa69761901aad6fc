"""Gathering the notes of one file, and quoting a file's words safely in a sentence."""

import re

from meetings.transcripts.formats.cues import Cue, Effect, NotCaptions, Note

# A file with more to say than this is not worth a person's reading, and must not fill the memory.
MOST_NOTES = 100_000
QUOTED_CHARACTERS = 60

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def quoted(text: str) -> str:
    """The first words of `text` in quotation marks, on one line, without control characters."""
    clipped = text[: QUOTED_CHARACTERS + 1]
    plain = _UNSAFE.sub(" ", clipped).strip()
    if len(clipped) > QUOTED_CHARACTERS:
        plain = plain[: QUOTED_CHARACTERS - 1].rstrip() + "…"
    return f"“{plain}”"


class Notebook:
    """The notes of one file, in the order in which they were made.

    Raises NotCaptions when there are more than `MOST_NOTES`.
    """

    def __init__(self) -> None:
        self._notes: list[Note] = []

    def met(self, line: int, kind: str, what: str) -> None:
        self.add(Note(line, Effect.MET, kind, what))

    def repaired(self, line: int, kind: str, what: str) -> None:
        self.add(Note(line, Effect.REPAIRED, kind, what))

    def lost(self, line: int, kind: str, what: str, cue: Cue | None = None) -> None:
        self.add(Note(line, Effect.LOST, kind, what, cue))

    def add(self, note: Note) -> None:
        if len(self._notes) >= MOST_NOTES:
            raise NotCaptions(
                f"More than {MOST_NOTES:,} things are wrong up to line {note.line}. "
                "This is not a caption file that can be used.",
                line=note.line,
            )
        self._notes.append(note)

    def in_order(self) -> tuple[Note, ...]:
        """All notes by line."""
        return tuple(sorted(self._notes, key=lambda note: note.line))


def clock(milliseconds: int) -> str:
    """A time as people read it: `1:02:03.004`."""
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{thousandths:03}"


class Cues:
    """The cues of one file, without those that have no words or that end before they start.

    A cue that ends before it starts is never on screen, so no player shows its words. It is noted
    as lost, with its times as written, in every format alike. Empty cues are counted and noted
    once.
    """

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._cues: list[Cue] = []
        self._empty = 0
        self._first_empty = 0

    def add(self, cue: Cue) -> None:
        if not cue.text:
            self.add_empty(cue.line)
        elif cue.end_ms < cue.start_ms:
            self._notebook.lost(
                cue.line,
                "ends_before_start",
                f"Line {cue.line}: {quoted(cue.text)} starts at {clock(cue.start_ms)} and ends "
                f"before that, at {clock(cue.end_ms)}.",
                cue,
            )
        else:
            self._cues.append(cue)

    def add_empty(self, line: int) -> None:
        self._first_empty = self._first_empty or line
        self._empty += 1

    def done(self) -> tuple[Cue, ...]:
        """The cues in file order. Notes the empty ones."""
        if self._empty:
            many = "1 cue has" if self._empty == 1 else f"{self._empty:,} cues have"
            self._notebook.met(
                self._first_empty,
                "empty_cue",
                f"Line {self._first_empty}: {many} no words, the first one here.",
            )
        return tuple(self._cues)
