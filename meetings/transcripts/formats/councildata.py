"""Council Data Project transcripts (JSON): sentences with words, each with its times.

The format is the `Transcript` of cdp-backend: `sentences` of `text`, `start_time`, `end_time` in
seconds, `confidence`, `speaker_name` and `words`.
"""

from typing import Any

from meetings.transcripts.formats.cues import Cue, NotCaptions, Reading, Word
from meetings.transcripts.formats.hazards import note_hazards_in_entry
from meetings.transcripts.formats.jsonvalues import confidence, milliseconds, objects, words
from meetings.transcripts.formats.notes import Cues, Notebook, quoted


def is_council_data(document: object) -> bool:
    return isinstance(document, dict) and isinstance(document.get("sentences"), list)


def read_council_data(
    document: dict[str, Any],  # Any: other people's JSON
    encoding: str,
    notebook: Notebook,
) -> Reading:
    """One cue for each sentence. `line` is the sentence's position, from 1.

    Raises NotCaptions when no sentence has words and times.
    """
    cues = Cues(notebook)
    sentences: list[object] = document["sentences"]
    for position, sentence in enumerate(sentences, 1):
        _read_sentence(sentence, position, cues, notebook)
    found = cues.done()
    if not found and not any(note.cue for note in notebook.in_order()):
        raise NotCaptions(
            f"None of the {len(sentences):,} entries in “sentences” has words and times."
        )
    return Reading("council-data", encoding, found, notebook.in_order())


def _read_sentence(sentence: object, position: int, cues: Cues, notebook: Notebook) -> None:
    if not isinstance(sentence, dict):
        notebook.lost(position, "unreadable_entry", f"Sentence {position} is not an object.")
        return
    spoken = _words(sentence, position, notebook)
    text = words(sentence.get("text")) or " ".join(word.text for word in spoken)
    if not text:
        cues.add_empty(position)
        return
    start = milliseconds(sentence.get("start_time"))
    end = milliseconds(sentence.get("end_time"))
    if start is None or end is None:
        notebook.lost(
            position,
            "text_without_times",
            f"Sentence {position}, {quoted(text)}, has no start or end that is a time.",
        )
        return
    note_hazards_in_entry(text, position, notebook, entry="Sentence")
    cues.add(
        Cue(
            position,
            start,
            end,
            text,
            words(sentence.get("speaker_name")),
            confidence(sentence.get("confidence")),
            spoken,
        )
    )


def _words(sentence: dict[str, object], position: int, notebook: Notebook) -> tuple[Word, ...]:
    """The words of a sentence, or none of them when one has no times of its own."""
    spoken: list[Word] = []
    for word in objects(sentence.get("words")):
        text = words(word.get("text"))
        start, end = milliseconds(word.get("start_time")), milliseconds(word.get("end_time"))
        if not text:
            continue
        if start is None or end is None or end < start:
            notebook.met(
                position,
                "word_without_times",
                f"Sentence {position}: the word {quoted(text)} has no sound times. The times of "
                "its sentence are used.",
            )
            return ()
        spoken.append(Word(text, start, end, confidence(word.get("confidence"))))
    return tuple(spoken)
