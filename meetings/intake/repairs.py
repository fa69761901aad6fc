"""What of a damaged caption file can be mended without losing a word, and what is refused."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from meetings.intake.clock import run_forward
from meetings.intake.findings import Findings, Repair
from meetings.transcripts.formats.cues import Cue, Effect, Note, Reading

CAPTIONS_MAX_BYTES = 64 * 1024 * 1024
LATEST_MS = 100 * 60 * 60 * 1000
SPEAKER_MAX_LENGTH = 200
# Formats whose cues are named by their position, because a file may have all on one line.
FORMATS_OF_ENTRIES = ("council-data", "aligned-speech", "citizen-portal-transcript")
# One stray control character in so many cues is noise on a caption line (a California hearing
# of 4,427 cues has one bell character). More of them mean that the file is not plain text.
CUES_PER_CONTROL_CHARACTER = 1_000

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
class Repaired:
    """Cues that can be stored: in order, `end_ms` ≥ `start_ms` ≥ 0, no control characters."""

    cues: tuple[Cue, ...]
    repairs: tuple[Repair, ...]


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
    place = "Entry" if reading.format in FORMATS_OF_ENTRIES else "Line"
    found = Findings(place)
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
    _refuse_many_control_characters(reading, cues, place)
    for cue in cues:
        _refuse_what_captions_do_not_hold(cue, place)
    # Only in these two formats can text hold tags; elsewhere "<b>" is what was said.
    has_tags = reading.format in ("webvtt", "srt")
    cues = [_cleaned(cue, found, has_tags=has_tags) for cue in cues]
    cues = run_forward([cue for cue in cues if cue.text.strip()], found.add)
    if not cues:
        raise Refused("No captions were found in the file: its cues hold nothing but tags.", 1)
    if cues[-1].start_ms > LATEST_MS:
        raise Refused(
            f"{place} {cues[-1].line}: with its clock restarting, the file runs beyond 100 hours.",
            cues[-1].line,
        )
    return Repaired(tuple(cues), found.repairs())


def _all_cues(reading: Reading, found: Findings) -> list[Cue]:
    """The cues of the file in file order, together with those that the format's rules dropped."""
    taken_back: list[Cue] = []
    for note in reading.notes:
        if note.effect is Effect.LOST:
            taken_back.extend(_words_of_lost(note, found))
    if not taken_back:
        return list(reading.cues)
    return sorted([*reading.cues, *taken_back], key=lambda cue: cue.line)


def _words_of_lost(note: Note, found: Findings) -> Iterable[Cue]:
    if note.cue is None:
        raise Refused(
            f"{note.what.rstrip()} Words would be lost, so the file is not taken.", note.line
        )
    if note.cue.text.strip():
        if note.kind != "ends_before_start":  # told by the clock, which knows what it did
            found.add(note.kind, note.line, note.what)
        yield note.cue


def _refuse_what_captions_do_not_hold(cue: Cue, place: str) -> None:
    if max(cue.start_ms, cue.end_ms) > LATEST_MS:
        hours = max(cue.start_ms, cue.end_ms) // 3_600_000
        raise Refused(f"{place} {cue.line}: the time is at {hours:,} hours, beyond 100.", cue.line)
    if cue.start_ms < 0:
        raise Refused(f"{place} {cue.line}: the time is before 0.", cue.line)
    if len(cue.speaker) > SPEAKER_MAX_LENGTH:
        raise Refused(
            f"{place} {cue.line}: the speaker's name has {len(cue.speaker):,} characters;"
            f" {SPEAKER_MAX_LENGTH} are the limit.",
            cue.line,
        )
    said = f"{cue.speaker}\n{cue.text}"
    if "<" in said or ":" in said:
        active = ACTIVE_MARKUP.search(said)
        if active:
            raise Refused(
                f"{place} {cue.line}: the text holds code for a browser ({active[0][:40]!r}),"
                " which captions do not have.",
                cue.line,
            )
    if "\N{REPLACEMENT CHARACTER}" in said:
        raise Refused(
            f"{place} {cue.line}: a character could not be read, so a word would be lost. The file"
            " may be in another encoding than it says.",
            cue.line,
        )


def _refuse_many_control_characters(reading: Reading, cues: list[Cue], place: str) -> None:
    noted = {note.line: note.what for note in reading.notes if note.kind == "control_character"}
    for cue in cues:
        held = _control_characters(f"{cue.text}{cue.speaker}")
        if held and not noted:
            noted[cue.line] = f"{place} {cue.line} has the control character U+{ord(held[0]):04X}."
    if len(noted) > len(cues) // CUES_PER_CONTROL_CHARACTER:
        line = min(noted)
        raise Refused(f"{noted[line]} Plain text has none, so the file may be damaged.", line)


def _control_characters(text: str) -> str:
    if text.isprintable():
        return ""
    # Surrogates stand alone only where the text was damaged; no encoding can store them.
    return "".join(c for c in text if c not in "\t\n\r" and unicodedata.category(c) in ("Cc", "Cs"))


def _cleaned(cue: Cue, found: Findings, *, has_tags: bool) -> Cue:
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
