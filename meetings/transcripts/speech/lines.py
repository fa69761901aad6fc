"""Lines: the phrases of a model as utterances to read and to cite, about a sentence each."""

from collections.abc import Iterator, Sequence

from meetings.transcripts.sentences import sentences
from meetings.transcripts.utterances import Utterance
from meetings.transcripts.words import Said

from .phrases import Phrase

# Languages that are written without spaces: their phrases stay as the model made them.
SPACELESS = {"ja", "km", "lo", "my", "th", "yue", "zh"}


def lines(phrases: Sequence[Phrase], *, language: str, until_ms: int) -> list[Utterance]:
    """The phrases, which are in order, as utterances with the times of their words.

    None begins before the one above it or ends after `until_ms`, when the recording does.
    """
    if language.partition("-")[0] in SPACELESS:
        return list(_whole(phrases, until_ms))
    words = list(_said(phrases, until_ms))
    return [_line(stretch.words) for stretch in sentences(words)]


def _whole(phrases: Sequence[Phrase], until_ms: int) -> Iterator[Utterance]:
    high = 0
    for phrase in phrases:
        text = " ".join(_printable(phrase.text).split())
        if not text:
            continue
        high = max(high, min(phrase.start_ms, until_ms))
        sure = [word.confidence for word in phrase.words]
        yield Utterance(
            start_ms=high,
            end_ms=max(high, min(phrase.end_ms, until_ms)),
            text=text,
            confidence=sum(sure) / len(sure) if sure else None,
        )


def _said(phrases: Sequence[Phrase], until_ms: int) -> Iterator[Said]:
    """Words with the white space before them, put together where there is none (“-based”)."""
    said: Said | None = None
    high = 0
    for place, phrase in enumerate(phrases):
        for word in phrase.words:
            text = _printable(word.text)
            parts = text.split()
            goes_on = said is not None and said.cue == place and not text[:1].isspace()
            for part in parts:
                start_ms = max(high, min(word.start_ms, until_ms))
                end_ms = max(start_ms, min(word.end_ms, until_ms))
                if goes_on and said is not None:
                    said.text += part
                    said.end_ms = max(said.end_ms, end_ms)
                    said.confidence = min(said.confidence or 0.0, word.confidence)
                    goes_on = False
                    continue
                if said is not None:
                    yield said
                said = Said(part, start_ms, end_ms, place, False, "", word.confidence)
                high = start_ms
    if said is not None:
        yield said


def _line(words: Sequence[Said]) -> Utterance:
    start_ms = words[0].start_ms
    sure = [word.confidence or 0.0 for word in words]
    return Utterance(
        start_ms=start_ms,
        end_ms=max(start_ms, *(word.end_ms for word in words)),
        text=" ".join(word.text for word in words),
        confidence=sum(sure) / len(sure),
        word_starts_ms=tuple(word.start_ms - start_ms for word in words),
        word_confidences=tuple(round(one * 100) for one in sure),
    )


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
