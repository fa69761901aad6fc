"""From a parsed WebVTT file to cues, with a note on everything that the W3C's rules drop."""

import re

from meetings.transcripts.formats.cues import Cue, NotCaptions, Reading
from meetings.transcripts.formats.cuetext import Voice, dropped_tags, voices
from meetings.transcripts.formats.hazards import note_hazards_in_entry
from meetings.transcripts.formats.notes import Cues, Notebook, quoted
from meetings.transcripts.formats.timestamps import WrittenTime, written_time
from meetings.transcripts.formats.webvtt import Dropped, VttCue, WebVtt, parse
from meetings.transcripts.formats.wordtimes import word_times

_HEADER_LINE = re.compile(r"[A-Za-z][\w-]{0,40}\s{0,9}[:=]")
_LANGUAGE = re.compile(r"Language\s{0,9}:\s{0,9}([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4})\s*")
# No cue has so many; following them one by one would take minutes.
_MOST_TAGS = 100_000
_STYLE_HEADER = "Style:"


def read_webvtt(text: str, encoding: str, notebook: Notebook) -> Reading:
    """The cues of a WebVTT file as the W3C's rules give them.

    A cue with several voices becomes several cues with the same times. Two things differ from the
    bare rules: `<br>` separates words instead of joining them, and a cue that ends before it
    starts, which the rules keep and no player ever shows, is noted as lost (see `notes.Cues`).
    Raises NotCaptions when the first line is not WEBVTT, or when the file has no measure.
    """
    file = parse(text)
    cues = Cues(notebook)
    for cue in file.cues:
        found = _voices(cue, notebook, cues)
        words = word_times(cue.text, cue.start_ms, cue.end_ms) if len(found) == 1 else ()
        for voice in found:
            if "&" in cue.text:
                note_hazards_in_entry(voice.text, cue.line, notebook, entry="The cue of line")
            cues.add(
                Cue(cue.line, cue.start_ms, cue.end_ms, voice.text, voice.speaker, words=words)
            )
    for block in file.dropped:
        _note_dropped(block, notebook, cues)
    for line in file.crowded:
        notebook.met(
            line,
            "missing_empty_line",
            f"Line {line}: these times follow the line before without an empty line between.",
        )
    _note_header(file, notebook)
    return Reading(
        format="webvtt",
        encoding=encoding,
        cues=cues.done(),
        notes=notebook.in_order(),
        language=_language(file),
        title=_title(file),
    )


def _voices(cue: VttCue, notebook: Notebook, cues: Cues) -> tuple[Voice, ...]:
    """The words of a cue by speaker, or none where some of them were lost in a tag."""
    line = cue.line
    if cue.text.count("<") > _MOST_TAGS:
        raise NotCaptions(f"The cue of line {line} has more than {_MOST_TAGS:,} tags.", line=line)
    tags = dropped_tags(cue.text)
    if tags.hiding:
        for voice in voices(cue.text, keep_hidden=True):
            notebook.lost(
                line,
                "words_in_tag",
                f"The cue of line {line}: WebVTT takes {quoted(tags.hiding[0])} for a tag and "
                "drops the words in it.",
                Cue(line, cue.start_ms, cue.end_ms, voice.text, voice.speaker),
            )
        return ()
    if tags.odd:
        odd = quoted(tags.odd[0])
        notebook.met(line, "unknown_tag", f"The cue of line {line}: WebVTT has no tag {odd} here.")
    found = voices(cue.text)
    if not found:
        cues.add_empty(line)
    return found


def _note_dropped(block: Dropped, notebook: Notebook, cues: Cues) -> None:
    if block.timing is None:
        _note_block_without_times(block, notebook)
        return
    line = block.timing_line
    found = voices("\n".join(block.after), keep_hidden=True)
    if not found:
        cues.add_empty(line)
        return
    start, end = _times(block.timing)
    odd = _oddest(start, end)
    if start is None or end is None or odd is None:
        what = f"Line {line}: the times {quoted(block.timing)} cannot be read."
        notebook.lost(line, "unreadable_times", what)
        return
    time = quoted(_as_written(block.timing, 2 if odd is end else 0))
    what = (
        f"Line {line}: the time {time} {odd.oddity}, so WebVTT drops the cue "
        f"{quoted(found[0].text)}."
    )
    for voice in found:
        cue = Cue(line, start.milliseconds, end.milliseconds, voice.text, voice.speaker)
        notebook.lost(line, odd.kind, what, cue if start.is_certain and end.is_certain else None)


def _times(timing: str) -> tuple[WrittenTime | None, WrittenTime | None]:
    start, _, end = timing.partition("-->")
    first = written_time(start)
    return first if first and _is_alone(start) else None, written_time(end)


def _is_alone(text: str) -> bool:
    return len(text.split()) == 1


def _oddest(start: WrittenTime | None, end: WrittenTime | None) -> WrittenTime | None:
    odd = [time for time in (start, end) if time is not None and time.kind]
    return min(odd, key=lambda time: time.is_certain, default=None)


def _as_written(timing: str, part: int) -> str:
    """The start (part 0) or the end (part 2) of a line of times."""
    words = timing.partition("-->")[part].split()
    return words[0] if words else ""


def _note_block_without_times(block: Dropped, notebook: Notebook) -> None:
    words = [line for line in block.before if line.strip()]
    if not words:
        return
    first, line = words[0], block.line
    if first == "NOTE" or first.startswith(("NOTE ", "NOTE\t")):
        said = " ".join([first[4:], *words[1:]]).strip()
        notebook.met(line, "comment", f"Line {line}: a comment: {quoted(said)}.")
    elif first.strip() in {"STYLE", "REGION"} and _is_style_or_region(words[1:]):
        notebook.met(
            line,
            "late_style",
            f"Line {line}: WebVTT wants {first.strip()} blocks before the first cue. "
            "This one is left out; no words are lost.",
        )
    elif len(words) == 1 and first.strip().isdigit():
        notebook.met(line, "lone_number", f"Line {line}: the number {quoted(first)} stands alone.")
    elif len(words) == 1 and first.startswith("WEBVTT"):
        notebook.met(line, "second_header", f"Line {line}: WEBVTT again, as if a file began here.")
    else:
        notebook.lost(
            line,
            "text_without_times",
            f"Line {line}: {quoted(' '.join(words))} has no times, so WebVTT drops it.",
        )


def _is_style_or_region(lines: list[str]) -> bool:
    text = "\n".join(lines)
    return "{" in text or not text or all(":" in line for line in lines)


def _note_header(file: WebVtt, notebook: Notebook) -> None:
    if _STYLE_HEADER in file.header:
        return  # as YouTube writes it: style sheets up to a line of ##
    for number, line in enumerate(file.header, 2):
        if line.startswith("X-TIMESTAMP-MAP"):
            notebook.met(
                number,
                "timestamp_map",
                f"Line {number}: this file is one piece of a stream, and its times are those of "
                f"the stream: {quoted(line)}.",
            )
        elif line.strip() and not _HEADER_LINE.match(line):
            notebook.met(
                number,
                "header_text",
                f"Line {number}: {quoted(line)} stands in the header, where WebVTT shows nothing.",
            )


def _language(file: WebVtt) -> str:
    matches = (_LANGUAGE.fullmatch(line) for line in file.header)
    return next((match[1] for match in matches if match), "")


def _title(file: WebVtt) -> str:
    """What a file says of itself after WEBVTT and a dash, as the W3C's own examples do."""
    said = file.signature.strip()
    return said[1:].strip() if said[:1] in {"-", "–", "—"} else ""
