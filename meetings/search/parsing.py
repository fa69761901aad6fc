"""Reading what a person types into the search box. Nothing that is typed raises.

    search   = all { "OR" all }
    all      = unit { unit }                      all of them; "AND" between them may stand or not
    unit     = [ "-" ] ( "(" search ")" | phrase | field | near | prefix | word )
    near     = word "NEAR" [ "/" number ] word { "NEAR" [ "/" number ] word }
    phrase   = '"' word { word } '"'
    prefix   = word "*"
    field    = name ":" ( value | phrase )
    name     = "speaker" | "body" | "place" | "level" | "after" | "before" | "in"

A field's value is a name or words of it, for body and place also an address ("/oakland"); a level;
a year, month or day; "articles", "transcripts" or "agendas". What looks like a field and is none
("12:30") is words. OR, AND and NEAR are read as such in capitals only. Quotation marks may be
typographic. A quotation or bracket without an end goes to the end; everything else that has no
meaning where it stands is left out, with a sentence about it where a person would wonder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from meetings.records.models import Level

from .tree import Field, Kind, Name, Near, Node, Phrase, Prefix, Word, all_of, any_of, without
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
class Parsed:
    """A search as it was understood. `tree` is None where there is nothing to look for."""

    tree: Node | None
    notes: tuple[str, ...] = ()
    """Sentences for the person about what was not understood or left out."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """An operator or bracket; `distance` belongs to NEAR."""

    text: str
    distance: int = 0


_OPEN, _CLOSE, _OR, _MINUS = _Sign("("), _Sign(")"), _Sign("OR"), _Sign("-")


def parse(text: str) -> Parsed:
    """The tree of a search and what there is to say about it. Never raises."""
    reading = _Reading()
    if len(text) > LONGEST_TEXT:
        reading.note(
            _("The search is very long. Only its first %(count)s characters are read.")
            % {"count": f"{LONGEST_TEXT:,}"}
        )
    items = list(_within_limits(reading.items(text[:LONGEST_TEXT]), reading))
    tree = _Grammar(items, reading).search()
    if tree is None and text.strip() and not reading.notes:
        reading.note(_("There is no word in this search. Type at least one."))
    return Parsed(tree, tuple(reading.notes))


def _within_limits(items: Iterator[_Sign | Node], reading: _Reading) -> Iterator[_Sign | Node]:
    """The items without brackets that are too deep or close nothing, and without terms too many."""
    depth, terms = 0, 0
    for item in items:
        if item == _OPEN:
            depth += 1
            if depth <= MOST_BRACKETS:
                yield item
        elif item == _CLOSE:
            if 0 < depth <= MOST_BRACKETS:
                yield item
            depth = max(0, depth - 1)
        elif isinstance(item, _Sign):
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
class _Reading:
    """Cuts text into operators and terms, and collects what there is to say about it."""

    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def items(self, text: str) -> Iterator[_Sign | Node]:
        at = 0
        fresh = True  # after a space or an opening bracket, where a minus sign means "not"
        while at < len(text):
            letter = text[at]
            if letter.isspace() or letter in "()":
                fresh = letter != ")"
                at += 1
                if not letter.isspace():
                    yield _OPEN if letter == "(" else _CLOSE
            elif letter in _QUOTES:
                quoted, at = self._quoted(text, at)
                fresh = False
                yield from self._phrase(quoted)
            elif letter == "-" and fresh and text[at + 1 : at + 2].strip().strip("-"):
                at += 1
                yield _MINUS
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

    def _chunk(self, chunk: str) -> Iterator[_Sign | Node]:
        near = _NEAR.fullmatch(chunk)
        if chunk == "OR":
            yield _OR
        elif near:
            yield _Sign("NEAR", self._distance(near[1]))
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


class _Grammar:
    """Puts operators and terms together. The depth is bounded by `_within_limits`."""

    def __init__(self, items: list[_Sign | Node], reading: _Reading) -> None:
        self._items = items
        self._at = 0
        self._reading = reading

    def search(self) -> Node | None:
        alternatives: list[Node] = []
        while self._at < len(self._items) and self._items[self._at] != _CLOSE:
            if self._items[self._at] == _OR:
                self._at += 1
            elif (alternative := self._all()) is not None:
                alternatives.append(alternative)
        return any_of(alternatives)

    def _all(self) -> Node | None:
        units: list[Node] = []
        near: int | None = None  # a NEAR that waits for its second word
        while self._at < len(self._items) and self._items[self._at] not in {_OR, _CLOSE}:
            item = self._items[self._at]
            if isinstance(item, _Sign) and item.text == "NEAR":
                self._at += 1
                near = item.distance
                continue
            unit = self._unit()
            if near is not None:
                unit = self._near(units, unit, near)
                near = None
            if unit is not None:
                units.append(unit)
        if near is not None:
            self._near(units, None, near)
        return all_of(units)

    def _near(self, units: list[Node], right: Node | None, distance: int) -> Node | None:
        left = units[-1] if units else None
        if isinstance(right, Word) and isinstance(left, Near):  # a NEAR b NEAR c
            return Near(left.right, right.text, distance)
        if isinstance(right, Word) and isinstance(left, Word):
            units.pop()
            return Near(left.text, right.text, distance)
        self._reading.note(
            _("NEAR stands between two words, as in: water NEAR/5 main. Here it is left out.")
        )
        return right

    def _unit(self) -> Node | None:
        negative = False
        while self._at < len(self._items) and self._items[self._at] == _MINUS:
            negative = not negative
            self._at += 1
        if self._at == len(self._items):
            return None
        item = self._items[self._at]
        node: Node | None
        if item == _OPEN:
            self._at += 1
            node = self.search()
            self._at += 1  # the bracket that closes; at the end there may be none
        elif isinstance(item, _Sign):  # "- OR", "-)": nothing to leave out
            return None
        else:
            self._at += 1
            node = item
        return without(node) if negative and node is not None else node
