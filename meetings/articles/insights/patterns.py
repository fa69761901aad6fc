"""Insights that patterns find in what was said, word for word. They are honestly few."""

import re

from ..spans import Span
from ..writers.draft import Source
from ..writers.hearing import language_of
from ..writers.languages import phrases
from ..writers.phrases import MONEY, Phrases
from ..writers.ranking import Vocabulary, overlap
from ..writers.sentences import Said, assemble
from ..writers.voice import NO_NAME, voice
from ..writers.weighing import Scale
from .found import Found, Kind, Tally

name = "extractive"
version = "1"

# A line with its marks and who said it, and by when something is promised.
LONGEST, LONGEST_DUE = 400, 100
MOST_OF_A_KIND = 12
SAME = 0.7

_NUMBERS = [
    *["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
    *["eleven", "twelve", "thirteen", "fourteen", "fifteen"],
]
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)}|none|nothing)"
# How a tally is said: "carries five to two", "seven in favor, none opposed", "a vote of 5-4".
_TALLY = re.compile(
    rf"\b{_NUMBER}(?:\s+(?:ayes?|yes|in favou?r|votes?))?(?:\s+to\s+|\s*[-–]\s*|,?\s+and\s+|,\s*)"
    rf"{_NUMBER}\b(?:\s+(?:noes?|nays?|no|against|opposed))?",
    re.IGNORECASE,
)
_ABSTAINED = re.compile(rf"\b{_NUMBER}\s+(?:abstain\w*|abstention\w*)", re.IGNORECASE)
# What somebody promises, in the first person or for those they speak for.
_PROMISE = re.compile(
    r"\b(?:(?:we|i|staff|crews|the (?:city|county|district|department|board|council))"
    r"(?:\s+will|['’]ll)|(?:we|staff) (?:commit|promise)s? to)\b",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b((?:by|before|no later than|not later than|within|until)\s+(?:the (?:end|start) of\s+)?"
    r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|next|this|spring|summer|fall|autumn|winter|"
    r"\d+|\w+ (?:days|weeks|months))\b)(?:\s+\d{1,4}(?:st|nd|rd|th)?\b)?(?:,?\s+\d{4})?)",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"\s+(?:\d{1,2}(?:st|nd|rd|th)?|first|second|third)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:will|shall|begins?|starts?|opens?|takes? effect|is due|are due|expires?|scheduled|"
    r"deadline|public hearing|next meeting|comes? back)\b|['’]ll\b",
    re.IGNORECASE,
)
_PUT_OFF = re.compile(
    r"\b(?:tabled|postponed|put off|deferred|continued to|remains? open|not (?:yet )?decided|"
    r"no decision|comes? back to (?:us|the (?:board|council|committee)))\b",
    re.IGNORECASE,
)


def find(source: Source) -> list[Found]:
    """What was said plainly enough to be told by its words alone, in the meeting's order.

    Each is a quotation. In a language whose phrases are not known, nothing is found.
    """
    language = language_of((line.text for line in source.lines), filed_under=source.language)
    spoken = phrases(language)
    vocabulary = Vocabulary(language)
    scale = Scale(language, vocabulary)
    quoting = voice(language)
    kept: dict[Kind, list[tuple[frozenset[str], Found]]] = {}
    for said in assemble(source.lines, language=language):
        if not scale.is_tellable(said):
            continue
        who = "" if NO_NAME.fullmatch(said.speaker_name) else said.speaker_name
        line = quoting.quote(said.text, speaker_name=who)
        if len(line) > LONGEST:
            continue
        for kind in _kinds(said, spoken, scale):
            words, others = vocabulary.content(said.text), kept.setdefault(kind, [])
            if len(others) < MOST_OF_A_KIND and all(
                overlap(words, other) < SAME for other, _found in others
            ):
                others.append((words, _found(kind, said, line, who)))
    found = [one for others in kept.values() for _words, one in others]
    order = {kind: number for number, kind in enumerate(Kind)}
    return sorted(found, key=lambda one: (one.spans[0].start_ms, order[one.kind]))


def _kinds(said: Said, spoken: Phrases, scale: Scale) -> list[Kind]:
    """All that one sentence is: a vote may name a sum and a day."""
    text = said.text
    is_full = scale.is_full(said)
    kinds = []
    if scale.is_outcome(said):
        kinds.append(Kind.VOTE if _TALLY.search(text) else Kind.DECISION)
    if is_full and _PROMISE.search(text) and _DUE.search(text):
        kinds.append(Kind.COMMITMENT)
    if is_full and any(pattern.search(text) for pattern in (MONEY, spoken.money)):
        kinds.append(Kind.MONEY)
    if is_full and _DAY.search(text) and _AHEAD.search(text):
        kinds.append(Kind.DATE)
    if is_full and _PUT_OFF.search(text):
        kinds.append(Kind.QUESTION)
    return kinds


def _found(kind: Kind, said: Said, line: str, who: str) -> Found:
    due = _DUE.search(said.text)
    is_promise = kind is Kind.COMMITMENT
    return Found(
        kind=kind,
        text=line,
        spans=(Span(said.first_key, said.last_key, said.start_ms, said.end_ms),),
        who=who if is_promise else "",
        due=due[1] if due and is_promise and len(due[1]) <= LONGEST_DUE else "",
        tally=_tally(said.text) if kind is Kind.VOTE else Tally(),
    )


def _tally(text: str) -> Tally:
    votes = _TALLY.search(text)
    abstained = _ABSTAINED.search(text)
    if votes is None:
        return Tally()
    return Tally(_number(votes[1]), _number(votes[2]), _number(abstained[1]) if abstained else None)


def _number(word: str) -> int:
    word = word.lower()
    if word.isdecimal():
        return int(word)
    return _NUMBERS.index(word) if word in _NUMBERS else 0
