"""Cutting what a person typed into terms and operators, within limits (grammar: `parsing`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from meetings.records.models import Level

from .tree import Field, Kind, Name, Node, Phrase, Prefix, Word
from .words import words

LONGEST_TEXT = 10_000
MOST_TERMS = 50
MOST_BRACKETS = 8
LONGEST_PHRASE = 25
LONGEST_NAME = 10
FARTHEST = 20
NEAR_BY = 10
SHORTEST_PREFIX = 2

_QUOTES = '"“”„‟«»'
_CHUNK = re.compile(rf"[^\s(){_QUOTES}]+")
_FIELD = re.compile(rf"({'|'.join(Name)}):(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_NEAR = re.compile(r"NEAR(?:/(\d{1,9}))?")
_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", re.ASCII)
_SLUG = re.compile(r"/([\w-]{1,100})/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sign:
    """An operator or bracket; `distance` belongs to NEAR."""

    text: str
    distance: int = 0


OPEN, CLOSE, OR, MINUS = Sign("("), Sign(")"), Sign("OR"), Sign("-")


def within_limits(items: Iterator[Sign | Node], reading: Reading) -> Iterator[Sign | Node]:
    """The items without brackets that are too deep or close nothing, and without terms too many."""
    depth, terms = 0, 0
    for item in items:
        if item == OPEN:
            depth += 1
            if depth <= MOST_BRACKETS:
                yield item
        elif item == CLOSE:
            if 0 < depth <= MOST_BRACKETS:
                yield item
            depth = max(0, depth - 1)
        elif isinstance(item, Sign):
            yield item
        else:
            terms += 1
            if terms > MOST_TERMS:
                reading.note(
                    _("The search has very many words. Only the first %(count)s are looked for.")
                    % {"count": MOST_TERMS}
                )
                return
            yield item


@dataclass(slots=True)
class Reading:
    """Cuts text into operators and terms, and collects what there is to say about it."""

    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def items(self, text: str) -> Iterator[Sign | Node]:
        at = 0
        fresh = True  # after a space or an opening bracket, where a minus sign means "not"
        while at < len(text):
            letter = text[at]
            if letter.isspace() or letter in "()":
                fresh = letter != ")"
                at += 1
                if not letter.isspace():
                    yield OPEN if letter == "(" else CLOSE
            elif letter in _QUOTES:
                quoted, at = self._quoted(text, at)
                fresh = False
                yield from self._phrase(quoted)
            elif letter == "-" and fresh and text[at + 1 : at + 2].strip().strip("-"):
                at += 1
                yield MINUS
                fresh = False
            else:
                found = _CHUNK.match(text, at)
                if found is None:  # a space that only `re` does not take for one
                    at += 1
                    continue
                chunk, at = found.group(), found.end()
                fresh = False
                named = _FIELD.fullmatch(chunk)
                if named and not named[2] and text[at : at + 1] in tuple(_QUOTES):
                    quoted, at = self._quoted(text, at)
                    yield from self._field(Name(named[1].lower()), quoted)
                elif named:
                    yield from self._field(Name(named[1].lower()), named[2])
                else:
                    yield from self._chunk(chunk)

    def _quoted(self, text: str, at: int) -> tuple[str, int]:
        """What stands between this quotation mark and the next, and the place after that."""
        end = next((i for i in range(at + 1, len(text)) if text[i] in _QUOTES), len(text))
        return text[at + 1 : end], end + 1

    def _chunk(self, chunk: str) -> Iterator[Sign | Node]:
        near = _NEAR.fullmatch(chunk)
        if chunk == "OR":
            yield OR
        elif near:
            yield Sign("NEAR", self._distance(near[1]))
        elif chunk.endswith("*"):
            yield from self._prefix(chunk)
        elif chunk != "AND":
            found = words(chunk)
            if len(found) == 1:
                yield Word(found[0])
            else:  # "long-term" is looked for as it is written
                yield from self._phrase(chunk)

    def _distance(self, number: str | None) -> int:
        distance = int(number) if number else NEAR_BY
        if distance > FARTHEST:
            self.note(
                _("NEAR reaches %(most)s words at most, so that is what is looked for.")
                % {"most": FARTHEST}
            )
        return min(max(distance, 1), FARTHEST)

    def _phrase(self, text: str) -> Iterator[Node]:
        found = words(text)
        if len(found) > LONGEST_PHRASE:
            self.note(
                _("A phrase is long. Its first %(count)s words are looked for.")
                % {"count": LONGEST_PHRASE}
            )
        if found:
            yield Phrase(found[:LONGEST_PHRASE])

    def _prefix(self, chunk: str) -> Iterator[Node]:
        *whole, last = words(chunk) or ("",)
        yield from map(Word, whole)
        if len(last) >= SHORTEST_PREFIX:
            yield Prefix(last)
        elif last:
            self.note(
                _("“%(start)s*” would find nearly everything. Give two letters or more.")
                % {"start": last}
            )

    def _field(self, name: Name, value: str) -> Iterator[Node]:
        value = value.strip()
        if not value:
            self.note(
                _("Nothing stands after “%(name)s:”, so it is left out. A value follows at once.")
                % {"name": name}
            )
            return
        match name:
            case Name.AFTER | Name.BEFORE:
                known = _day(value)
                problem = _("“%(value)s” is not a day. Write 2026, 2026-05 or 2026-05-01.")
            case Name.LEVEL:
                known = _level(value)
                problem = _("There is no level “%(value)s”. There are: %(known)s.")
            case Name.IN:
                known = _kind(value)
                problem = _("“in:” is followed by articles, transcripts or agendas.")
            case _:
                known = _name(value, may_be_address=name in {Name.BODY, Name.PLACE})
                problem = _("There is no word after “%(name)s:”, so it is left out.")
        if known:
            yield Field(name, known)
        else:
            levels = ", ".join(Level.values)
            self.note(problem % {"value": value[:50], "name": name, "known": levels})


def _day(value: str) -> str | None:
    """The first day of what is named, as ISO has it."""
    found = _DAY.fullmatch(value)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).isoformat()
    except ValueError:
        return None


def _level(value: str) -> str | None:
    wanted = "_".join(value.lower().replace("-", " ").replace("_", " ").split())
    return wanted if wanted in Level.values else None


def _kind(value: str) -> str | None:
    wanted = value.lower().rstrip("s") + "s"
    return wanted if wanted in list(Kind) else None


def _name(value: str, *, may_be_address: bool) -> str | None:
    address = _SLUG.fullmatch(value.lower())
    if may_be_address and address:
        return f"/{address[1]}"
    return " ".join(words(value)[:LONGEST_NAME]) or None
