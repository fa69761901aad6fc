"""Quotations: whether what a sentence puts between marks was said, word for word, and by whom."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from meetings.transcripts.utterances import Spoken

from .aligning import Step, fit
from .attribution import attributed, is_named
from .differences import Way, way
from .finding import Finding, Kind
from .heard import Heard
from .language import are_apart, language_of
from .marks import quotations
from .omissions import Parts, taken_apart


class Verdict(StrEnum):
    """What became of a quotation."""

    VERBATIM = "verbatim"
    """Every word was said, in this order. Hesitations and stammers may be missing."""
    TRIMMED = "trimmed"
    """So too, but for what it says itself: an ellipsis, words in brackets."""
    ALTERED = "altered"
    """Nearly so: words differ, are missing unmarked, or turn the meaning round."""
    NOT_FOUND = "not_found"
    OTHER_SPEAKER = "other_speaker"
    """It was said, but by somebody else than the sentence or its evidence says."""
    OTHER_LANGUAGE = "other_language"
    """It was not said, and nobody spoke the language that it is in."""


FAILED = frozenset(
    {Verdict.ALTERED, Verdict.NOT_FOUND, Verdict.OTHER_SPEAKER, Verdict.OTHER_LANGUAGE}
)

# How like what was said a quotation is that was altered, and not invented.
LEAST_ALIKE = 0.6
LEAST_ALIKE_OF_FEW, FEW = 0.75, 3  # words: two of three are found anywhere
TELLING_RUN, LEAST_ALIKE_WITH_RUN = 5, 0.35  # words in a row
MOST_OCCURRENCES = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """A quotation beside what was said. `way` is None where nothing like it was."""

    verdict: Verdict
    way: Way | None
    is_cited: bool = False
    language: str = ""


def check(sentence: str, evidence: Sequence[Spoken], transcript: Sequence[Spoken]) -> list[Finding]:
    """What became of each quotation of a sentence, in their order.

    `transcript` is best a `Heard`, made once for many sentences. The details of a finding:
    `speaker`, `words` (as they were said), `first_key`, `last_key`, `start_ms` of where it was
    found; `is_cited`, whether the evidence has it; `similarity` from 0 to 1; `difference`, a list
    of [`same`|`removed`|`added`|`left_out`, text]; `language` where it is another one; `attributed`
    to whom where that is somebody else.
    """
    heard = transcript if isinstance(transcript, Heard) else Heard(transcript)
    quoted = quotations(sentence)
    found = []
    for one, speakers in zip(quoted, attributed(sentence, quoted, heard.speakers), strict=True):
        comparison = compared(one.text, evidence, heard, speakers=speakers)
        if comparison is not None:
            detail = _detail(comparison, speakers)
            found.append(Finding(Kind.QUOTATION, comparison.verdict, one.start, one.end, detail))
    return found


def compared(
    quotation: str,
    evidence: Sequence[Spoken],
    heard: Heard,
    *,
    speakers: Collection[str] = frozenset(),
) -> Comparison | None:
    """One quotation, without its marks, beside what was said; None if it has no words.

    `speakers` are those to whom it is attributed; where nobody is, the evidence's count.
    """
    parts = taken_apart(quotation, heard)
    if not parts.words:
        return None
    cited = _cited(evidence, heard)
    expected = set(speakers) or {heard.speaker(begin) for begin, _end in cited}
    expected = {name for name in expected if is_named(name)}

    def rank(found: Way) -> tuple[bool, bool, bool, float]:
        is_theirs = not _is_of_another(found, expected)
        return found.is_exact, is_theirs, _is_cited(found, cited), found.similarity

    best: Way | None = None
    for begin, end in _stretches(parts, heard, cited):
        found = _way(parts, heard, begin, end)
        if best is None or rank(found) > rank(best):
            best = found
        if rank(best)[:3] == (True, True, bool(cited)):
            break
    if best is None or not _is_like(best):
        return _unheard(quotation, heard)
    return Comparison(_verdict(best, expected), best, _is_cited(best, cited))


def _verdict(found: Way, expected: Collection[str]) -> Verdict:
    if not found.is_exact or found.is_turned_round:
        return Verdict.ALTERED
    if _is_of_another(found, expected):
        return Verdict.OTHER_SPEAKER
    return Verdict.TRIMMED if found.is_trimmed else Verdict.VERBATIM


def _is_of_another(found: Way, expected: Collection[str]) -> bool:
    """Whether somebody else said some of it. Who has no name may be anybody."""
    named = {name for name in found.speakers if is_named(name)}
    return bool(named - set(expected)) if expected else len(named) > 1


def _is_like(found: Way) -> bool:
    least = LEAST_ALIKE_OF_FEW if len(found.parts.words) <= FEW else LEAST_ALIKE
    alike = found.similarity
    return alike >= least or (found.longest_run >= TELLING_RUN and alike >= LEAST_ALIKE_WITH_RUN)


def _unheard(quotation: str, heard: Heard) -> Comparison:
    language = language_of(quotation)
    if are_apart(language, heard.language):
        return Comparison(Verdict.OTHER_LANGUAGE, None, language=language)
    return Comparison(Verdict.NOT_FOUND, None)


def _cited(evidence: Iterable[Spoken], heard: Heard) -> list[tuple[int, int]]:
    """The stretches that the evidence names; those that are gone, or have no words, left out."""
    stretches: list[tuple[int, int]] = []
    for begin, end in sorted(heard.stretch(segment) for segment in evidence):
        if begin == end:
            continue
        if stretches and stretches[-1][1] == begin:
            begin = stretches.pop()[0]  # noqa: PLW2901 - goes on
        stretches.append((begin, end))
    return stretches


def _is_cited(found: Way, cited: Sequence[tuple[int, int]]) -> bool:
    return any(begin <= place < end for place in found.matched for begin, end in cited)


def _stretches(
    parts: Parts, heard: Heard, cited: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Where in the stream to look, the likeliest first: in the evidence, then everywhere."""
    quoted = heard.encoded(parts.words)
    first, last = parts.longest_run()
    slack = 10 + len(quoted) // 3
    before = first + slack + sum(most for place, most in parts.gaps.items() if place <= first)
    after = len(quoted) - first + slack + sum(m for place, m in parts.gaps.items() if place > first)

    def around(place: int) -> tuple[int, int]:
        return max(0, place - before), min(len(heard.stream), place + after)

    tried: list[int] = []
    for place in _places(quoted, first, last, heard, cited):
        begin = max(0, place - first)
        if heard.stream.startswith(quoted, begin):
            yield begin, begin + len(quoted)
        elif all(abs(place - other) > slack // 2 for other in tried):
            tried.append(place)
            yield around(place)


def _places(
    quoted: str, first: int, last: int, heard: Heard, cited: Sequence[tuple[int, int]]
) -> Iterator[int]:
    """About where the words from `first` to `last` of a quotation may be."""
    run = quoted[first:last]
    margin = len(quoted)
    for begin, end in cited:
        place = heard.nearest(run, max(0, begin - margin), end + margin)
        if place is not None:
            yield place
    yield from heard.occurrences(run, most=MOST_OCCURRENCES)
    half = len(run) // 2 if len(run) >= 2 * TELLING_RUN else 0
    for begin, end in ((0, len(run)), (0, half), (half, len(run)))[: 3 if half else 1]:
        place = heard.nearest(run[begin:end])
        if place is not None:
            yield place - begin


def _way(parts: Parts, heard: Heard, begin: int, end: int) -> Way:
    quoted, said = heard.encoded(parts.words), heard.stream[begin:end]
    inner = {place for place in parts.gaps if 0 < place < len(quoted)}
    at = -1 if inner else said.find(quoted)
    if at >= 0:
        steps = [Step(number, at + number, is_same=True) for number in range(len(quoted))]
    else:
        steps = fit(quoted, said, asides=heard.asides[begin:end], gaps=parts.gaps)
    return way(heard, parts, steps, begin)


def _detail(comparison: Comparison, speakers: Collection[str]) -> dict[str, object]:
    detail: dict[str, object] = {"is_cited": comparison.is_cited}
    if comparison.verdict == Verdict.OTHER_SPEAKER:
        detail["attributed"] = sorted(speakers)
    if comparison.language:
        detail["language"] = comparison.language
    found = comparison.way
    if found is None:
        return detail
    places = [place for block in found.blocks for place in block.said]
    first, last = found.heard.segment(places[0]), found.heard.segment(places[-1])
    return detail | {
        "speaker": ", ".join(sorted(name for name in found.speakers if name)),
        "words": found.heard.said(places[0], places[-1] + 1),
        "first_key": first.key,
        "last_key": last.key,
        "start_ms": first.start_ms,
        "similarity": round(found.similarity, 3),
        "difference": [list(piece) for piece in found.difference()],
    }
