"""From cues to utterances: live captions become sentences, prepared ones stay as they are."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from meetings.transcripts.formats.cues import Cue
from meetings.transcripts.recase import Caser
from meetings.transcripts.rolling import Rolling
from meetings.transcripts.sentences import sentences
from meetings.transcripts.utterances import Utterance
from meetings.transcripts.words import Said, ends_sentence, said

CAPITALS_SHARE = 0.8
OVERLAPPING_SHARE = 0.5
BROKEN_SHARE = 0.25


def utterances(cues: Sequence[Cue], names: Collection[str] = ()) -> list[Utterance]:
    """The words of `cues`, which are in order, as segments to read and to cite.

    Captions count as live when most cues are in capitals, when they roll (cues carry over lines
    of the one before), when most overlap without naming speakers, when `>>` opens a cue, or when
    a quarter of the cues stop in the middle of a sentence that the next one goes on with. Live
    captions become segments of about a sentence. No word is lost or doubled, and a word's time
    stays inside the cue that first held it: a segment starts with its first word and ends with
    its last, where a place inside a cue is interpolated by characters. Text in capitals is set
    for reading (`recase`), with the proper `names` that the caller knows.

    Other captions keep one utterance for each cue, with its own times and words, and with the
    times of these where the file has them.
    """
    if any("&gt;" in cue.text for cue in cues):  # escaped twice, as some encoders do
        cues = [replace(cue, text=cue.text.replace("&gt;", ">")) for cue in cues]
    rolling = Rolling(cues)
    capitals = _share_in_capitals(cues) >= CAPITALS_SHARE
    if not (capitals or rolling.is_rolling or _is_live(cues)):
        return _one_for_each(cues)
    words = said(cues, rolling.new_lines())
    return _segments(words, Caser(names).learned(w.text for w in words) if capitals else None)


def _one_for_each(cues: Sequence[Cue]) -> list[Utterance]:
    return [
        Utterance(
            start_ms=cue.start_ms,
            end_ms=max(cue.start_ms, cue.end_ms),
            text=text,
            speaker_name=cue.speaker,
            confidence=cue.confidence,
            word_starts_ms=_word_starts(cue),
        )
        for cue in cues
        if (text := " ".join(cue.text.split()))
    ]


def _word_starts(cue: Cue) -> tuple[int, ...]:
    """From the start of the cue. Empty where the words with times are not those of the text."""
    starts = tuple(word.start_ms - cue.start_ms for word in cue.words)
    if not starts or [word.text for word in cue.words] != cue.text.split():
        return ()
    is_in_order = all(sooner <= later for sooner, later in pairwise([0, *starts]))
    return starts if is_in_order and starts[-1] <= cue.end_ms - cue.start_ms else ()


def _share_in_capitals(cues: Sequence[Cue]) -> float:
    with_letters = [cue.text for cue in cues if cue.text.upper() != cue.text.lower()]
    return sum(text.isupper() for text in with_letters) / len(with_letters) if with_letters else 0


def _is_live(cues: Sequence[Cue]) -> bool:
    if any(cue.text.lstrip().startswith(">>") for cue in cues):
        return True
    overlapping = broken = 0
    for place in range(1, len(cues)):
        before, cue = cues[place - 1], cues[place]
        overlapping += cue.start_ms < before.end_ms
        broken += (
            before.speaker == cue.speaker
            and not ends_sentence(before.text.rstrip())
            and cue.text.lstrip()[:1].islower()
        )
    steps = max(1, len(cues) - 1)
    if overlapping > steps * OVERLAPPING_SHARE and not any(cue.speaker for cue in cues):
        return True
    return broken > steps * BROKEN_SHARE


def _segments(words: list[Said], caser: Caser | None) -> list[Utterance]:
    segments: list[Utterance] = []
    for stretch in sentences(words):
        first, last = stretch.words[0], stretch.words[-1]
        text = " ".join(word.text for word in stretch.words)
        speaker = first.speaker
        if caser:
            text = caser.recase(text, starts_sentence=stretch.begins)
        if speaker.isupper():
            speaker = (caser or Caser()).name(speaker)
        known = [word.confidence for word in stretch.words if word.confidence is not None]
        segments.append(
            Utterance(
                start_ms=first.start_ms,
                end_ms=max(last.end_ms, first.start_ms),
                text=text,
                speaker_name=speaker,
                confidence=sum(known) / len(known) if known else None,
            )
        )
    return segments
