"""Speeches aligned to video, sentence by sentence (JSON of Open Parliament TV, Bundestag).

`data` is a list of speeches, each with its `agendaItem`, `media`, `dateStart` and the words under
`textContents` → `textBody` → `sentences`, whose times are seconds as text.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from meetings.transcripts.formats.cues import AgendaMark, Cue, NotCaptions, Reading
from meetings.transcripts.formats.hazards import note_hazards_in_entry
from meetings.transcripts.formats.jsonvalues import milliseconds, objects, words
from meetings.transcripts.formats.notes import Cues, Notebook, quoted

_Speech = dict[str, Any]  # Any: other people's JSON


def is_aligned_speech(document: object) -> bool:
    speeches = document.get("data") if isinstance(document, dict) else document
    return any("agendaItem" in one or "textContents" in one for one in objects(speeches))


def read_aligned_speech(
    document: dict[str, Any] | list[Any],  # Any: other people's JSON
    encoding: str,
    notebook: Notebook,
) -> Reading:
    """One cue for each sentence. `line` is the sentence's position in the file, from 1.

    Each speech has a video of its own and its times begin there; they are moved to the time of
    the sitting by `dateStart`, or, where that is missing, by the lengths of the speeches before.
    Raises NotCaptions when no sentence has words and times.
    """
    speeches = objects(document.get("data") if isinstance(document, dict) else document)
    offsets = _offsets(speeches, notebook)
    cues = Cues(notebook)
    position = 0
    language = ""
    for speech, offset in zip(speeches, offsets, strict=True):
        content = _content(speech, language)
        language = language or words(content.get("language"))
        for body, sentence in _sentences(content):
            position += 1
            cue = _cue(sentence, position, offset, notebook)
            if cue is not None:
                speaker = words(body.get("speaker")) or _main_speaker(speech)
                cues.add(replace(cue, speaker=speaker))
    found = cues.done()
    if not found and not any(note.cue for note in notebook.in_order()):
        raise NotCaptions(f"None of the {len(speeches):,} speeches has words with times.")
    return Reading(
        "aligned-speech",
        encoding,
        found,
        notebook.in_order(),
        language=language,
        agenda=tuple(_agenda(speeches, offsets)),
    )


def _content(speech: _Speech, language: str) -> _Speech:
    """The words of a speech, in the language of the others where there are several."""
    contents = objects(speech.get("textContents"))
    same = [one for one in contents if words(one.get("language")) == language]
    return (same or contents or [{}])[0]


def _sentences(content: _Speech) -> Iterator[tuple[_Speech, _Speech]]:
    for body in objects(content.get("textBody")):
        sentences = objects(body.get("sentences"))
        for sentence in sentences or ([body] if "text" in body else []):
            yield body, sentence


def _cue(sentence: _Speech, position: int, offset: int, notebook: Notebook) -> Cue | None:
    """A sentence as a cue, without its speaker, or None where it has no times."""
    text = words(sentence.get("text"))
    start = milliseconds(sentence.get("timeStart"))
    end = milliseconds(sentence.get("timeEnd"))
    if not text:
        return Cue(position, 0, 0, "")
    if start is None or end is None:
        if sentence.get("type") == "comment" or text[0] + text[-1] == "()":
            notebook.met(position, "comment", f"Sentence {position}: a comment: {quoted(text)}.")
        else:
            what = f"Sentence {position}, {quoted(text)}, has no times."
            notebook.lost(position, "text_without_times", what)
        return None
    note_hazards_in_entry(text, position, notebook, entry="Sentence")
    return Cue(position, start + offset, end + offset, text)


def _main_speaker(speech: _Speech) -> str:
    people = objects(speech.get("people"))
    main = [one for one in people if one.get("context") == "main-speaker"]
    return words((main or people or [{}])[0].get("label"))


def _offsets(speeches: list[_Speech], notebook: Notebook) -> list[int]:
    """For each speech the milliseconds from the start of the first one to its own."""
    media = [_media(speech) for speech in speeches]
    if len({words(one.get("videoFileURI")) for one in media}) <= 1:
        return [0] * len(speeches)
    notebook.repaired(
        1,
        "times_of_each_speech",
        f"Each of the {len(speeches):,} speeches has a video of its own, where its times begin. "
        "They were moved to the time of the sitting.",
    )
    starts = [_instant(speech.get("dateStart")) for speech in speeches]
    offsets: list[int] = []
    after = 0  # where a speech stands when nothing else says so: after the one before
    for start, one in zip(starts, media, strict=True):
        first = starts[0]
        offset = after if start is None or first is None else round((start - first) * 1000)
        offset = max(offset, offsets[-1] if offsets else 0)
        offsets.append(offset)
        after = offset + (milliseconds(one.get("duration")) or 0)
    return offsets


def _media(speech: _Speech) -> _Speech:
    media = speech.get("media")
    return media if isinstance(media, dict) else {}


def _instant(value: object) -> float | None:
    try:
        return datetime.fromisoformat(words(value)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _agenda(speeches: list[_Speech], offsets: list[int]) -> Iterator[AgendaMark]:
    last = ""
    for speech, offset in zip(speeches, offsets, strict=True):
        item = speech.get("agendaItem")
        if not isinstance(item, dict):
            continue
        title = words(item.get("title")) or words(item.get("officialTitle"))
        if title and title != last:
            yield AgendaMark(title, offset)
            last = title
