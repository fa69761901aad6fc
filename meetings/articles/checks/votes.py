"""Votes: whether a tally that a sentence gives was said, or fits the roll call in its evidence."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from meetings.transcripts.utterances import Spoken

from .finding import Finding, Kind
from .words import Word, words


class Verdict(StrEnum):
    """What became of a tally."""

    FOUND = "found"
    COUNTED = "counted"
    """Nobody said it, but the roll call comes to it."""
    CONTRADICTED = "contradicted"
    """What was said, or the roll call, comes to something else."""
    ELSEWHERE = "elsewhere"
    """It was said in the meeting, but not where the sentence says that it rests."""
    NOT_FOUND = "not_found"


FAILED = frozenset({Verdict.CONTRADICTED, Verdict.ELSEWHERE, Verdict.NOT_FOUND})

AYES = {"aye", "ayes", "yes", "yeas", "yea", "yeses", "for", "favor", "favour", "affirmative"}
NOES = {"no", "noes", "nay", "nays", "against", "opposed", "opposition", "negative"}
ABSTAINED = {
    "abstain",
    "abstained",
    "abstaining",
    "abstention",
    "abstentions",
    "present",
    "recused",
}
_NONE = {"none", "nothing", "nobody", "zero", "nil"}
_BETWEEN = {"to", "and", "with", "in", "votes", "vote", "the", "were", "was", "voted", "members"}
_VOTING = re.compile(
    r"\b(?:vot(?:e|es|ed|ing)|pass(?:es|ed)?|carri(?:es|ed)|approv\w+|fail(?:s|ed)?|reject\w+"
    r"|adopt\w+|defeat\w+|motion|tally|ayes?|opposed|split|margin|count)\b",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(r"\s+(?:vote|split|margin|tally)\b", re.IGNORECASE)
_UNANIMOUS = re.compile(r"\bunanim\w+", re.IGNORECASE)
_CARRIED = re.compile(r"\b(?:carri(?:es|ed)|pass(?:es|ed)|approved|adopted|so ordered)\b", re.I)
# An answer to the roll stands alone: "Aye." "Yes, ma'am." "No."
_ANSWER = re.compile(
    r"(?:^|(?<=[.?!:;,\u2014–-]))\s*(?:(?P<aye>aye|yes|yea|yep)|(?P<no>no|nay)"
    r"|(?P<other>abstain|abstained|recused))\s*(?=[.?!;,\u2014–-]|$)",
    re.IGNORECASE,
)
MOST_MEMBERS = 600
FEWEST_ANSWERS = 2
REACH = 40  # letters from a tally within which something says that it is one


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote went. `abstained` is None where it is not named; `noes` so with "unanimous"."""

    start: int
    end: int
    ayes: int | None
    noes: int | None
    abstained: int | None = None

    @property
    def is_unanimous(self) -> bool:
        return self.ayes is None

    def agrees(self, other: "Tally") -> bool:
        """Whether both could be of one vote: what one does not name is not compared."""
        if self.is_unanimous or other.is_unanimous:
            return (self.noes or 0) == (other.noes or 0) == 0
        mine, theirs = (self.ayes, self.noes), (other.ayes, other.noes)
        return mine == theirs and (not self.abstained or other.abstained in {None, self.abstained})


@dataclass(frozen=True, slots=True)
class Roll:
    """The answers to a roll call."""

    ayes: int = 0
    noes: int = 0
    abstained: int = 0

    @property
    def count(self) -> int:
        return self.ayes + self.noes + self.abstained

    def comes_to(self, tally: Tally) -> bool:
        if tally.is_unanimous:
            return not self.noes and self.ayes >= FEWEST_ANSWERS
        is_same = (self.ayes, self.noes) == (tally.ayes, tally.noes)
        return is_same and tally.abstained in {None, self.abstained}

    def speaks_against(self, tally: Tally) -> bool:
        """Whether the tally cannot be of this roll, even if only a part of it is heard."""
        if tally.is_unanimous:
            return self.noes > 0
        ayes, noes = tally.ayes or 0, tally.noes or 0
        is_whole = self.count >= ayes + noes + (tally.abstained or 0)
        return self.ayes > ayes or self.noes > noes or (is_whole and not self.comes_to(tally))


def check(sentence: str, evidence: Sequence[Spoken], transcript: Iterable[Spoken]) -> list[Finding]:
    """What became of each tally of a sentence, in their order.

    The details of a finding: `said`, the tallies in the evidence as [ayes, noes]; `roll`, the
    answers to the roll call there as [ayes, noes, abstained].
    """
    claimed = tallies_in(sentence)
    if not claimed:
        return []
    cited = " ".join(segment.text for segment in evidence)
    said = tallies_in(cited, is_spoken=True)
    roll = roll_in(evidence)
    found = []
    for one in claimed:
        detail: dict[str, object] = {}
        if said:
            detail["said"] = [[tally.ayes, tally.noes] for tally in said]
        if roll.count >= FEWEST_ANSWERS:
            detail["roll"] = [roll.ayes, roll.noes, roll.abstained]
        verdict = _verdict(one, said, roll, cited)
        if verdict is Verdict.NOT_FOUND and (place := _elsewhere(one, transcript)):
            verdict = Verdict.ELSEWHERE
            detail |= {"first_key": place.key, "start_ms": place.start_ms}
        found.append(Finding(Kind.VOTE, verdict, one.start, one.end, detail))
    return found


def _verdict(one: Tally, said: Sequence[Tally], roll: Roll, cited: str) -> Verdict:
    has_roll = roll.count >= FEWEST_ANSWERS
    if has_roll and roll.speaks_against(one):
        return Verdict.CONTRADICTED
    if any(one.agrees(tally) for tally in said):
        return Verdict.FOUND
    if said:
        return Verdict.CONTRADICTED
    if has_roll and roll.comes_to(one):
        return Verdict.COUNTED
    if one.is_unanimous and _is_by_voice(cited):
        return Verdict.COUNTED
    return Verdict.NOT_FOUND


def _is_by_voice(cited: str) -> bool:
    """Whether all were asked at once, those against too, and it carried."""
    asked = re.search(r"\ball (?:those )?in favou?r\b", cited, re.IGNORECASE)
    return bool(asked and _CARRIED.search(cited))


def _elsewhere(one: Tally, transcript: Iterable[Spoken]) -> Spoken | None:
    for segment in transcript:
        if any(one.agrees(tally) for tally in tallies_in(segment.text, is_spoken=True)):
            return segment
    return None


def tallies_in(text: str, *, is_spoken: bool = False) -> list[Tally]:
    """The tallies that a text gives: "5–2", "five to two", "seven in favor, none opposed".

    Two figures alone are a tally only near a word that tells of voting. `is_spoken`: nobody sets a
    dash when speaking, so "five two" is one there.
    """
    found = words(text)
    tallies: list[Tally] = []
    at = 0
    while at < len(found):
        tally, after = _tally(found, at, text, is_spoken=is_spoken)
        if tally is not None:
            tallies.append(tally)
        at = after
    for match in _UNANIMOUS.finditer(text):
        if not any(abs(tally.start - match.start()) <= REACH for tally in tallies):
            tallies.append(Tally(*match.span(), None, None))
    return sorted(tallies, key=lambda tally: tally.start)


def _tally(
    found: Sequence[Word], at: int, text: str, *, is_spoken: bool
) -> tuple[Tally | None, int]:
    ayes = _count(found[at])
    if ayes is None:
        return None, at + 1
    last, is_named = _past(found, at + 1, AYES)
    noes = _count(found[last]) if last < len(found) else None
    if noes is None or (last > at + 1 and not is_named and found[last - 1].norm not in {"to"}):
        return None, at + 1
    end, are_noes = _past(found, last + 1, NOES)
    if not are_noes:
        end = last + 1
    abstained, end = _abstained(found, end, text)
    between = text[found[at].end : found[last].start]
    if not (is_named and are_noes):
        is_joined = found[last - 1].norm == "to" or re.fullmatch(r"\s?[-–—:]\s?", between)
        if not (is_joined or (is_spoken and last == at + 1)):
            return None, at + 1
        before = text[max(0, found[at].start - REACH) : found[at].start]
        after = text[found[end - 1].end : found[end - 1].end + REACH]
        is_voting = _VOTING.search(before) or (
            _VOTING.search(after) if is_spoken else _NAMED_AFTER.match(after)
        )
        if not is_voting or _counts(found, end, text):
            return None, at + 1
    return Tally(found[at].start, found[end - 1].end, ayes, noes, abstained), end


def _counts(found: Sequence[Word], end: int, text: str) -> bool:
    """Whether the second figure counts what stands behind it: "approved 5 to 10 units"."""
    if end >= len(found) or text[found[end - 1].end : found[end].start].strip():
        return False
    norm = found[end].norm
    small = {"to", "on", "in", "for", "with", "and", "the", "a", "at", "against", "after", "by"}
    return norm not in small | {"vote", "votes", "split", "margin", "tally", "that", "but", "over"}


def _past(found: Sequence[Word], at: int, names: set[str]) -> tuple[int, bool]:
    """The place of the next word that is neither such a name nor between two, and whether
    there was such a name.
    """
    is_named = False
    while at < len(found) and (found[at].norm in names or found[at].norm in _BETWEEN):
        is_named = is_named or found[at].norm in names
        at += 1
    return at, is_named


def _abstained(found: Sequence[Word], at: int, text: str) -> tuple[int | None, int]:
    """How many abstained, if that stands here: "5–2–1", "and one abstention"."""
    following = at
    while following < len(found) and found[following].norm in _BETWEEN | {"one"}:
        if found[following].norm == "one":
            break
        following += 1
    count = _count(found[following]) if following < len(found) else None
    if count is None:
        return None, at
    name = found[following + 1].norm if following + 1 < len(found) else ""
    if name in ABSTAINED:
        return count, following + 2
    between = text[found[at - 1].end : found[following].start]
    if following == at and re.fullmatch(r"\s?[-–—]\s?", between):
        return count, at + 1
    return None, at


def _count(word: Word) -> int | None:
    """So many members, or None where the word is no such count."""
    if word.norm in _NONE:
        return 0
    if word.norm.isdecimal() and len(word.norm) <= 3 and int(word.norm) <= MOST_MEMBERS:
        return int(word.norm)
    return None


def roll_in(evidence: Iterable[Spoken]) -> Roll:
    """The answers to the roll call in these segments: those that stand alone."""
    ayes = noes = others = 0
    for segment in evidence:
        for answer in _ANSWER.finditer(segment.text):
            ayes += answer["aye"] is not None
            noes += answer["no"] is not None
            others += answer["other"] is not None
    return Roll(ayes, noes, others)
