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

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .lexing import CLOSE, LONGEST_TEXT, MINUS, OPEN, OR, Reading, Sign, within_limits
from .tree import Near, Node, Word, all_of, any_of, without


@dataclass(frozen=True, slots=True)
class Parsed:
    """A search as it was understood. `tree` is None where there is nothing to look for."""

    tree: Node | None
    notes: tuple[str, ...] = ()
    """Sentences for the person about what was not understood or left out."""


def parse(text: str) -> Parsed:
    """The tree of a search and what there is to say about it. Never raises."""
    reading = Reading()
    if len(text) > LONGEST_TEXT:
        reading.note(
            _("The search is very long. Only its first %(count)s characters are read.")
            % {"count": f"{LONGEST_TEXT:,}"}
        )
    items = list(within_limits(reading.items(text[:LONGEST_TEXT]), reading))
    tree = _Grammar(items, reading).search()
    if tree is None and text.strip() and not reading.notes:
        reading.note(_("There is no word in this search. Type at least one."))
    return Parsed(tree, tuple(reading.notes))


class _Grammar:
    """Puts operators and terms together. The depth is bounded by `within_limits`."""

    def __init__(self, items: list[Sign | Node], reading: Reading) -> None:
        self._items = items
        self._at = 0
        self._reading = reading

    def search(self) -> Node | None:
        alternatives: list[Node] = []
        while self._at < len(self._items) and self._items[self._at] != CLOSE:
            if self._items[self._at] == OR:
                self._at += 1
            elif (alternative := self._all()) is not None:
                alternatives.append(alternative)
        return any_of(alternatives)

    def _all(self) -> Node | None:
        units: list[Node] = []
        near: int | None = None  # a NEAR that waits for its second word
        while self._at < len(self._items) and self._items[self._at] not in {OR, CLOSE}:
            item = self._items[self._at]
            if isinstance(item, Sign) and item.text == "NEAR":
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
        while self._at < len(self._items) and self._items[self._at] == MINUS:
            negative = not negative
            self._at += 1
        if self._at == len(self._items):
            return None
        item = self._items[self._at]
        node: Node | None
        if item == OPEN:
            self._at += 1
            node = self.search()
            self._at += 1  # the bracket that closes; at the end there may be none
        elif isinstance(item, Sign):  # "- OR", "-)": nothing to leave out
            return None
        else:
            self._at += 1
            node = item
        return without(node) if negative and node is not None else node
