"""What of a damaged caption file can be mended without losing a word, and what is refused."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from meetings.intake.clock import run_forward
from meetings.transcripts.formats.cues import Cue, Effect, Note, Reading

CAPTIONS_MAX_BYTES = 64 * 1024 * 1024
TOO_LARGE = (
    "The file has {size} bytes. Captions of up to {limit} bytes (64 MiB) are read; the longest"
    " hearing that we know has 1.5 MB."
)
LATEST_MS = 100 * 60 * 60 * 1000
SPEAKER_MAX_LENGTH = 200
# One stray control character in so many cues is noise on a caption line (a California hearing
# of 4,427 cues has one bell character). More of them mean that the file is not plain text.
CUES_PER_CONTROL_CHARACTER = 1_000
FIRST_LINES = 5

# Markup that a browser would run or load. Readers note script tags themselves, in every spelling.
ACTIVE_MARKUP = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|svg)\b|<[^<>]*\son\w+\s*=", re.IGNORECASE
)
# Caption tags that were escaped once too often and now stand in the text (`&lt;c.red&gt;`).
ESCAPED_TAG = re.compile(r"</?c(?:\.[\w-]+)*>|</?[biu]>")


class Refused(Exception):
    """The file is not taken. The message is a sentence for staff; `line` is where (1-based)."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of repair in a file: how often, the first few lines, and a sentence for staff."""

    kind: str
    count: int
    lines: tuple[int, ...]
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Repaired:
    """Cues that can be stored: in order, `end_ms` ≥ `start_ms` ≥ 0, no control characters."""

    cues: tuple[Cue, ...]
    repairs: tuple[Repair, ...]


# What was found (one, many), and what was done.
SENTENCES = {
    "ends_before_start": (
        "1 cue ends before it starts",
        "{count} cues end before they start",
        "lasting to the next cue, 5 seconds at most",
    ),
    "stray_time": (
        "1 cue has a time that jumps out of line with its neighbours",
        "{count} cues have times that jump out of line with their neighbours",
        "placed between the sound times around",
    ),
    "out_of_order": (
        "1 cue starts before the one above it",
        "{count} cues start before the ones above them",
        "sorted by time",
    ),
    "clock_restarts": (
        "The clock restarts once",
        "The clock restarts {count} times",
        "with later cues moved on so that time runs forward",
    ),
    "four_digit_milliseconds": (
        "1 cue has a time with four digits of milliseconds",
        "{count} cues have times with four digits of milliseconds",
        "read as what was meant, so that no word is lost",
    ),
    "comma_in_times": (
        "1 cue has a comma in its times, where WebVTT has a point",
        "{count} cues have a comma in their times, where WebVTT has a point",
        "read as what was meant, so that no word is lost",
    ),
    "malformed_times": (
        "1 cue has a time that is not written as the format wants it",
        "{count} cues have times that are not written as the format wants them",
        "read as what was meant, so that no word is lost",
    ),
    "words_in_tag": (
        "1 cue has words that look like a tag",
        "{count} cues have words that look like a tag",
        "kept as they stand",
    ),
    "escaped_tag": (
        "1 cue shows a caption tag as text",
        "{count} cues show caption tags as text",
        "with the tag left out",
    ),
    "control_character": (
        "1 cue holds a control character",
        "{count} cues hold a control character",
        "left out",
    ),
}


class _Found:
    """The repairs of one file, by kind, in the order in which the kinds were met."""

    def __init__(self) -> None:
        self._lines: dict[str, list[int]] = {}
        self._what: dict[str, str] = {}

    def add(self, kind: str, line: int, what: str = "") -> None:
        self._lines.setdefault(kind, []).append(line)
        self._what.setdefault(kind, what)

    def repairs(self) -> tuple[Repair, ...]:
        return tuple(self._repair(kind, sorted(set(lines))) for kind, lines in self._lines.items())

    def _repair(self, kind: str, lines: list[int]) -> Repair:
        count, first = len(lines), tuple(lines[:FIRST_LINES])
        where = _where(first, more=count > FIRST_LINES)
        if kind in SENTENCES:
            one, many, done = SENTENCES[kind]
            found = one if count == 1 else many.format(count=f"{count:,}")
            return Repair(kind, count, first, f"{found} ({where}): {done}.")
        what = self._what[kind].rstrip()
        more = "" if count == 1 else f" The same in {count:,} places ({where})."
        return Repair(kind, count, first, f"{what}{more}")


def _where(lines: tuple[int, ...], *, more: bool) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    named = [str(line) for line in lines]
    if more:
        return f"lines {', '.join(named)} and others"
    return f"lines {', '.join(named[:-1])} and {named[-1]}"


def repair(reading: Reading) -> Repaired:
    """The cues of `reading`, mended where no word is lost by it, with the list of what was done.

    Mended: cues that the format's own rules drop but whose words can be read (four-digit
    milliseconds); a cue that ends before it starts or at 0; a clock that restarts or strays
    (the rule is told in `clock.run_forward`); caption tags escaped once too often; one control
    character in a thousand cues. Raises Refused, with line and reason, where words would be lost,
    where there is no cue, and where the content is not what captions hold: times beyond 100
    hours, control characters, characters that could not be read, script, a speaker's name of
    more than 200 characters.
    """
    found = _Found()
    for note in reading.notes:
        if note.kind == "script":
            raise Refused(
                f"{note.what} Captions hold no code, so the file is not taken.", note.line
            )
        if note.effect is Effect.REPAIRED or note.kind == "encoding":
            found.add(note.kind, note.line, note.what)
    cues = _all_cues(reading, found)
    if not any(cue.text.strip() for cue in cues):
        raise Refused("No captions were found in the file: there is no cue with words in it.", 1)
    _refuse_many_control_characters(reading, cues)
    for cue in cues:
        _refuse_what_captions_do_not_hold(cue)
    # Only in these two formats can text hold tags; elsewhere "<b>" is what was said.
    has_tags = reading.format in ("webvtt", "srt")
    cues = [_cleaned(cue, found, has_tags=has_tags) for cue in cues]
    cues = run_forward([cue for cue in cues if cue.text.strip()], found.add)
    if not cues:
        raise Refused("No captions were found in the file: its cues hold nothing but tags.", 1)
    if cues[-1].start_ms > LATEST_MS:
        raise Refused(
            f"Line {cues[-1].line}: with its clock restarting, the file runs beyond 100 hours.",
            cues[-1].line,
        )
    return Repaired(tuple(cues), found.repairs())


def _all_cues(reading: Reading, found: _Found) -> list[Cue]:
    """The cues of the file in file order, together with those that the format's rules dropped."""
    taken_back: list[Cue] = []
    for note in reading.notes:
        if note.effect is Effect.LOST:
            taken_back.extend(_words_of_lost(note, found))
    if not taken_back:
        return list(reading.cues)
    return sorted([*reading.cues, *taken_back], key=lambda cue: cue.line)


def _words_of_lost(note: Note, found: _Found) -> Iterable[Cue]:
    if note.cue is None:
        raise Refused(
            f"{note.what.rstrip()} Words would be lost, so the file is not taken.", note.line
        )
    if note.cue.text.strip():
        if note.kind != "ends_before_start":  # told by the clock, which knows what it did
            found.add(note.kind, note.line, note.what)
        yield note.cue


def _refuse_what_captions_do_not_hold(cue: Cue) -> None:
    if max(cue.start_ms, cue.end_ms) > LATEST_MS:
        hours = max(cue.start_ms, cue.end_ms) // 3_600_000
        raise Refused(f"Line {cue.line}: the time is at {hours:,} hours, beyond 100.", cue.line)
    if cue.start_ms < 0:
        raise Refused(f"Line {cue.line}: the time is before 0.", cue.line)
    if len(cue.speaker) > SPEAKER_MAX_LENGTH:
        raise Refused(
            f"Line {cue.line}: the speaker's name has {len(cue.speaker):,} characters;"
            f" {SPEAKER_MAX_LENGTH} are the limit.",
            cue.line,
        )
    said = f"{cue.speaker}\n{cue.text}"
    if "<" in said or ":" in said:
        active = ACTIVE_MARKUP.search(said)
        if active:
            raise Refused(
                f"Line {cue.line}: the text holds code for a browser ({active[0][:40]!r}),"
                " which captions do not have.",
                cue.line,
            )
    if "\N{REPLACEMENT CHARACTER}" in said:
        raise Refused(
            f"Line {cue.line}: a character could not be read, so a word would be lost. The file"
            " may be in another encoding than it says.",
            cue.line,
        )


def _refuse_many_control_characters(reading: Reading, cues: list[Cue]) -> None:
    noted = {note.line: note.what for note in reading.notes if note.kind == "control_character"}
    for cue in cues:
        held = _control_characters(f"{cue.text}{cue.speaker}")
        if held and not noted:
            noted[cue.line] = f"Line {cue.line} has the control character U+{ord(held[0]):04X}."
    if len(noted) > len(cues) // CUES_PER_CONTROL_CHARACTER:
        line = min(noted)
        raise Refused(f"{noted[line]} Plain text has none, so the file may be damaged.", line)


def _control_characters(text: str) -> str:
    if text.isprintable():
        return ""
    # Surrogates stand alone only where the text was damaged; no encoding can store them.
    return "".join(c for c in text if c not in "\t\n\r" and unicodedata.category(c) in ("Cc", "Cs"))


def _cleaned(cue: Cue, found: _Found, *, has_tags: bool) -> Cue:
    text, speaker = cue.text, " ".join(cue.speaker.split())
    if has_tags and "<" in text:
        plain = ESCAPED_TAG.sub("", text)
        if plain != text:
            found.add("escaped_tag", cue.line)
            text = plain
    stray = _control_characters(f"{text}{speaker}")
    if stray:
        found.add("control_character", cue.line)
        table = str.maketrans("", "", stray)
        text, speaker = text.translate(table), speaker.translate(table)
    if text == cue.text and speaker == cue.speaker:
        return cue
    return replace(cue, text=text, speaker=speaker)
