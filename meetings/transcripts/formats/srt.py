"""SubRip (.srt): numbered cues with times, as the many programs that write it really do.

There is no standard. The rule here: from one line of times to the next, every word belongs to the
first, and the number above a line of times is its own. So an empty line inside a cue loses
nothing. Times may have a comma or a point, and the arrow several shapes.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from meetings.transcripts.formats.characterreferences import decoded
from meetings.transcripts.formats.cues import Cue, Reading
from meetings.transcripts.formats.notes import Cues, Notebook, quoted
from meetings.transcripts.formats.timestamps import WrittenTime, written_time

_ARROW = r"[ \t]*+(?:-[- ]{0,4}>|[–—−][- ]?>|=>|→)"
_TIME = r"(?:[0-9]{1,9}+:)?[0-9]{1,3}+:[0-9]{1,3}+(?:[.,][0-9]++)?"
_TIMES = re.compile(rf"[ \t\ufeff]*+({_TIME})(?:{_ARROW})[ \t]*+({_TIME})(?=[ \t]|$)(.*+)")
# One line of times anywhere in a text.
TIMES_LINE = re.compile(rf"^{_TIMES.pattern}", re.MULTILINE)
_POSITION = re.compile(r"(?:[ \t]++(?:[XY][12]:[0-9]++|[a-z]++:[^ \t]++))*+[ \t]*+")
_NUMBER = re.compile(r"[ \t\ufeff]*+([0-9]{1,12}+)[ \t]*+")
# Tags of SubRip and of SubStation Alpha that programs write into .srt. Others are words.
_TAGS = re.compile(
    r"</?(?:[bius]|font|c|v)(?:[ \t.][^<>\n]*+)?>|\{\\[^{}\n]*+\}|\{[yYcCsS]:[^{}\n]*+\}",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<[bB][rR][ \t]*+/?>|\\N")
# No program escapes all of HTML in SubRip; these few are what players resolve.
_REFERENCE = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")


@dataclass(slots=True)
class _Found:
    """One cue while its lines are being collected. `line` is that of its times."""

    line: int
    start: WrittenTime | None
    end: WrittenTime | None
    times: str
    number: int | None = None
    lines: list[str] = field(default_factory=list)


def read_srt(text: str, encoding: str, notebook: Notebook) -> Reading:
    """The cues of a SubRip file. `text` has line feeds alone as line ends."""
    found, before = _collected(text, notebook)
    if before:
        words = " ".join(line for _, line in before)
        notebook.lost(
            before[0][0],
            "text_without_times",
            f"Line {before[0][0]}: {quoted(words)} stands before the first times.",
        )
    cues = Cues(notebook)
    for one in found:
        _finish(one, cues, notebook)
    _note_numbers(found, notebook)
    return Reading("srt", encoding, cues.done(), notebook.in_order())


def _collected(text: str, notebook: Notebook) -> tuple[list[_Found], list[tuple[int, str]]]:
    found: list[_Found] = []
    before: list[tuple[int, str]] = []  # words above the first times, with their lines
    orphans: list[tuple[int, str]] | None = None  # words of a cue that lost its times
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if "-" in line or ">" in line or "→" in line:
            match = _TIMES.match(line)
            if match is not None or _is_broken_times(line):
                count = _take_number(found[-1].lines if found else before, orphans)
                _note_orphans(orphans, notebook)
                orphans = None
                found.append(_begun(number, line, match, count, notebook))
                continue
        if orphans is not None:
            orphans.append((number, line))
        elif not found:
            if line.strip(" \t\ufeff"):
                before.append((number, line))
        elif _begins_cue_without_times(found[-1], line, lines, number):
            orphans = [(number, line)]
        else:
            found[-1].lines.append(line)
    _note_orphans(orphans, notebook)
    return found, before


def _is_broken_times(line: str) -> bool:
    return "-->" in line and line.lstrip(" \t\ufeff")[:1].isdigit()


def _begun(
    number: int, line: str, match: re.Match[str] | None, count: int | None, notebook: Notebook
) -> _Found:
    if match is None:
        return _Found(number, None, None, line, count)
    found = _Found(number, written_time(match[1]), written_time(match[2]), line, count)
    rest = match[3]
    if rest.strip() and not _POSITION.fullmatch(rest):
        found.lines.append(rest)
        notebook.repaired(
            number,
            "words_beside_times",
            f"Line {number}: {quoted(rest)} stands on the line of the times. It was kept.",
        )
    return found


def _take_number(
    lines: list[str] | list[tuple[int, str]], orphans: list[tuple[int, str]] | None
) -> int | None:
    """The number above the times, taken out of the words that it was collected with."""
    pool = orphans if orphans is not None else lines
    if not pool:
        return None
    last = pool[-1]
    match = _NUMBER.fullmatch(last if isinstance(last, str) else last[1])
    if match is None:
        return None
    pool.pop()
    return int(match[1])


def _begins_cue_without_times(cue: _Found, line: str, lines: list[str], number: int) -> bool:
    """Whether this is the next cue's number, after an empty line, with words but no times below.

    `number` counts from one, so it is the index of the line below.
    """
    if cue.number is None or (cue.lines and cue.lines[-1].strip()):
        return False
    match = _NUMBER.fullmatch(line)
    if match is None or int(match[1]) != cue.number + 1 or number >= len(lines):
        return False
    below = lines[number]
    return bool(below.strip()) and not _TIMES.match(below) and not _is_broken_times(below)


def _note_orphans(orphans: list[tuple[int, str]] | None, notebook: Notebook) -> None:
    words = [line for _, line in (orphans or [])[1:] if line.strip()]
    if orphans and words:
        line = orphans[0][0]
        notebook.lost(
            line,
            "text_without_times",
            f"Line {line}: cue {orphans[0][1].strip()}, {quoted(' '.join(words))}, has no times.",
        )


def _finish(found: _Found, cues: Cues, notebook: Notebook) -> None:
    while found.lines and not found.lines[-1].strip():
        found.lines.pop()
    text = _plain(found.lines)
    if not text:
        cues.add_empty(found.line)
        return
    if found.start is None or found.end is None:
        what = f"Line {found.line}: the times {quoted(found.times)} cannot be read."
        notebook.lost(found.line, "unreadable_times", what)
        return
    if any(not line.strip() for line in found.lines):
        notebook.repaired(
            found.line,
            "empty_line_in_cue",
            f"The cue of line {found.line} has an empty line in it. The words after it were kept.",
        )
    for time in (found.start, found.end):
        if time.kind == "sixty_or_more":
            what = f"Line {found.line}: a time in {quoted(found.times)} {time.oddity}."
            notebook.lost(found.line, time.kind, what)
            return
    if "four_digit_milliseconds" in {found.start.kind, found.end.kind}:
        notebook.repaired(
            found.line,
            "four_digit_milliseconds",
            f"Line {found.line}: {quoted(found.times)} has four digits of milliseconds. "
            "They were added to the seconds.",
        )
    cues.add(Cue(found.line, found.start.milliseconds, found.end.milliseconds, text))


def _plain(lines: list[str]) -> str:
    text = "\n".join(lines)
    if "<" in text or "{" in text or "\\" in text:
        text = _TAGS.sub("", _BREAK.sub("\n", text))
    if "&" in text:
        text = _REFERENCE.sub(lambda match: decoded(match[0]), text)
    return "\n".join(line for line in map(str.strip, text.split("\n")) if line)


def _note_numbers(found: list[_Found], notebook: Notebook) -> None:
    unnumbered = [cue.line for cue in found if cue.number is None]
    if unnumbered:
        notebook.met(
            unnumbered[0],
            "missing_number",
            f"Line {unnumbered[0]}: {len(unnumbered):,} of {len(found):,} cues have no number.",
        )
    numbered = [cue for cue in found if cue.number is not None]
    pairs = pairwise(numbered)
    wrong = [cue.line for before, cue in pairs if cue.number != (before.number or 0) + 1]
    if wrong:
        notebook.met(
            wrong[0],
            "wrong_number",
            f"Line {wrong[0]}: the cues are not numbered one after the other, {len(wrong):,} times "
            "in all. Their order in the file was kept.",
        )
