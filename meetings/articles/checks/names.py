"""Names: whether the people, places and bodies that a sentence names are in its evidence."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process

from meetings.transcripts.utterances import Spoken

from .finding import Finding, Kind
from .heard import Heard
from .naming import (
    ALIKE,
    FEWEST_LETTERS,
    Named,
    capitalized,
    is_generic,
    is_particle,
    names_in,
    words_of_name,
)


class Verdict(StrEnum):
    """What became of a name."""

    FOUND = "found"
    KNOWN = "known"
    """Of the meeting itself: its body, its place, its title, its agenda."""
    NEARBY = "nearby"
    """It was said shortly before or after the evidence."""
    ELSEWHERE = "elsewhere"
    """It was said in the meeting, or speaks there, but not where the sentence says it rests."""
    ALIKE = "alike"
    """A name much like it was said: one of the two is misheard or misspelled."""
    NOT_FOUND = "not_found"


FAILED = frozenset({Verdict.ELSEWHERE, Verdict.ALIKE, Verdict.NOT_FOUND})

NEIGHBORS = 3  # segments before and behind the evidence


@dataclass(frozen=True, slots=True)
class _Source:
    """Texts in which a name may stand."""

    strings: tuple[tuple[str, ...], ...]

    def has(self, name: Sequence[str]) -> bool:
        """Whether the words stand there in a row, or what they begin with as an acronym."""
        return any(_is_in(name, words) or _is_short_for(name, words) for words in self.strings)

    def has_word(self, word: str) -> bool:
        return any(word in words for words in self.strings)


def check(
    sentence: str,
    evidence: Sequence[Spoken],
    transcript: Iterable[Spoken],
    *,
    known: Collection[str] = (),
) -> list[Finding]:
    """What became of each name of a sentence, in their order.

    `known` are names of the meeting that nobody needs to say. The details of a finding: `alike`,
    the name in the meeting that it is like; `first_key` and `start_ms` where it was said elsewhere.
    """
    heard = transcript if isinstance(transcript, Heard) else Heard(transcript)
    named = list(names_in(sentence, heard))
    if not named:
        return []
    cited = _source(evidence)
    nearby = _source(_around(evidence, heard))
    own = _Source(tuple(words_of_name(name) for name in known))
    speakers = _Source(tuple(words_of_name(name) for name in heard.speakers))
    found = []
    for one in named:
        detail: dict[str, object] = {}
        verdict = _among(one, cited, nearby, own, speakers)
        if verdict is Verdict.NOT_FOUND and (place := _elsewhere(one, heard)):
            verdict = Verdict.ELSEWHERE
            detail = {"first_key": place.key, "start_ms": place.start_ms}
        elif verdict is Verdict.NOT_FOUND and (alike := _alike(one, heard)):
            verdict = Verdict.ALIKE
            detail = {"alike": alike}
        found.append(Finding(Kind.NAME, verdict, one.start, one.end, detail))
    return found


def _among(
    one: Named, cited: _Source, nearby: _Source, known: _Source, speakers: _Source
) -> Verdict:
    for verdict, source in (
        (Verdict.FOUND, cited),
        (Verdict.KNOWN, known),
        (Verdict.NEARBY, nearby),
    ):
        if source.has(one.all_words) or all(source.has(part) for part in one.parts):
            return verdict
        # "Ms. Quintero" was said, and the sentence calls her by her whole name.
        [name, *more] = one.parts
        is_whole_name = len(name) > 1 and (speakers.has(name) or known.has(name))
        if is_whole_name and not more and source.has_word(name[-1]):
            return verdict
    return Verdict.NOT_FOUND


def _source(segments: Iterable[Spoken]) -> _Source:
    strings = []
    text = []
    for segment in segments:
        strings.append(words_of_name(segment.speaker_name))
        text.append(segment.text)
    return _Source((*strings, words_of_name(" ".join(text))))


def _around(evidence: Sequence[Spoken], heard: Heard) -> Iterator[Spoken]:
    keys = {segment.key for segment in evidence}
    places = [number for number, segment in enumerate(heard) if segment.key in keys]
    near = {place + step for place in places for step in range(-NEIGHBORS, NEIGHBORS + 1)}
    return (heard[place] for place in sorted(near) if 0 <= place < len(heard))


def _is_in(name: Sequence[str], words: Sequence[str]) -> bool:
    length = len(name)
    first = name[0]
    return any(
        words[at] == first and tuple(words[at : at + length]) == tuple(name)
        for at in range(len(words) - length + 1)
    )


def _is_short_for(name: Sequence[str], words: Sequence[str]) -> bool:
    """Whether one of the two is the other's first letters: "US" and "United States"."""
    if len(name) == 1 and 2 <= len(name[0]) <= 6:
        telling = [word for word in words if not is_particle(word)]
        return _is_in(tuple(name[0]), [word[0] for word in telling])
    short = "".join(word[0] for word in name if not is_particle(word))
    return len(short) >= 2 and short in words


def _elsewhere(one: Named, heard: Heard) -> Spoken | None:
    for segment in heard:
        source = _Source((words_of_name(segment.speaker_name), words_of_name(segment.text)))
        if source.has(one.all_words) or all(source.has(part) for part in one.parts):
            return segment
    return None


def _alike(one: Named, heard: Heard) -> str:
    """A name of the meeting that this one is like, or "" where there is none."""
    names = {name for name in heard.speakers if name} | set(capitalized(heard))
    names |= {word for name in heard.speakers for word in name.split()}
    wanted = " ".join(" ".join(part) for part in one.parts)
    if len(wanted) < FEWEST_LETTERS:
        return ""
    plain = {
        name: " ".join(word for word in words_of_name(name) if not is_generic(word))
        for name in names
    }
    best = process.extractOne(wanted, plain, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return str(best[2]) if best else ""
