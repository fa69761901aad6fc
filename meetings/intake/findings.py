"""The list of what was repaired in a caption file, in sentences for staff."""

from dataclasses import dataclass

FIRST_LINES = 5


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of repair in a file: how often, the first few lines, and a sentence for staff."""

    kind: str
    count: int
    lines: tuple[int, ...]
    sentence: str

    def __str__(self) -> str:
        return self.sentence


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


class Findings:
    """The repairs of one file, by kind, in the order in which the kinds were met."""

    def __init__(self, place: str = "Line") -> None:
        self._one = place.lower()
        self._many = "entries" if place == "Entry" else f"{self._one}s"
        self._lines: dict[str, list[int]] = {}
        self._what: dict[str, str] = {}

    def add(self, kind: str, line: int, what: str = "") -> None:
        self._lines.setdefault(kind, []).append(line)
        self._what.setdefault(kind, what)

    def repairs(self) -> tuple[Repair, ...]:
        return tuple(self._repair(kind, sorted(set(lines))) for kind, lines in self._lines.items())

    def _repair(self, kind: str, lines: list[int]) -> Repair:
        count, first = len(lines), tuple(lines[:FIRST_LINES])
        where = self._where(first, more=count > FIRST_LINES)
        if kind in SENTENCES:
            one, many, done = SENTENCES[kind]
            found = one if count == 1 else many.format(count=f"{count:,}")
            return Repair(kind, count, first, f"{found} ({where}): {done}.")
        what = self._what[kind].rstrip()
        more = "" if count == 1 else f" The same in {count:,} places ({where})."
        return Repair(kind, count, first, f"{what}{more}")

    def _where(self, lines: tuple[int, ...], *, more: bool) -> str:
        if len(lines) == 1:
            return f"{self._one} {lines[0]}"
        named = [str(line) for line in lines]
        if more:
            return f"{self._many} {', '.join(named)} and others"
        return f"{self._many} {', '.join(named[:-1])} and {named[-1]}"
