"""What a search is narrowed to besides its words, and what it could be narrowed to: the facets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from meetings.records.models import Body, Level, Meeting, Place

from . import queries
from .hits import Order
from .lexing import LONGEST_NAME
from .tree import KIND_LABELS, Field, Kind, Name, Node, all_of
from .words import words

LABELS: Mapping[str, StrOrPromise] = {
    "kind": _("In"),
    "body": _("Body"),
    "place": _("Place"),
    "level": _("Level"),
    "year": _("Year"),
    "speaker": _("Speaker"),
}
"""The facets in the order in which they are shown."""

_SEEN = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address says it."""

    text: str = ""
    kind: Kind | None = None
    body: Body | None = None
    place: Place | None = None
    level: str = ""
    year: int | None = None
    speaker: str = ""
    meeting: Meeting | None = None
    order: Order | None = None
    page: int = 1

    def narrowed(self, tree: Node) -> Node:
        """The tree of the words, narrowed to what was chosen."""
        return all_of([tree, *self._fields()]) or tree

    def query(self, **changes: object) -> str:
        """The address of this search with something changed, from its "?" on.

        Another search begins on its first page, and is not of one meeting.
        """
        asked = replace(self, **{"page": 1, "meeting": None, **changes})  # type: ignore[arg-type]  # names of our own fields
        return "?" + urlencode(asked.parameters())

    def parameters(self) -> dict[str, str]:
        """What the address says, without what goes without saying."""
        named = {
            "q": self.text,
            "kind": self.kind.value if self.kind else "",
            "body": self.body.slug if self.body else "",
            "place": self.place.slug if self.place else "",
            "level": self.level,
            "year": str(self.year or ""),
            "speaker": self.speaker,
            "meeting": str(self.meeting.pk) if self.meeting else "",
            "sort": self.order.value if self.order else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in named.items() if value}

    @property
    def chosen(self) -> dict[str, tuple[str, StrOrPromise]]:
        """Of each facet that was chosen, the value in the address and the one that is shown."""
        found: dict[str, tuple[str, StrOrPromise]] = {}
        if self.kind:
            found["kind"] = (self.kind.value, KIND_LABELS[self.kind])
        if self.body:
            found["body"] = (self.body.slug, self.body.name)
        if self.place:
            found["place"] = (self.place.slug, self.place.name)
        if self.level:
            found["level"] = (self.level, Level(self.level).label)
        if self.year:
            found["year"] = (str(self.year), str(self.year))
        if self.speaker:
            found["speaker"] = (self.speaker, self.speaker)
        return found

    @property
    def kept(self) -> dict[str, str]:
        """What stays when other words are typed."""
        gone = {"q", "page", "meeting"}
        return {name: value for name, value in self.parameters().items() if name not in gone}

    @property
    def narrowing(self) -> Node | None:
        """The tree of what was chosen besides the words."""
        return all_of(self._fields())

    @property
    def lasting(self) -> str:
        """The address of what may be asked again and again: neither order nor year."""
        return self.query(order=None, year=None)

    @property
    def widened(self) -> str:
        """The address of the same words, narrowed to nothing."""
        return Asked(text=self.text, order=self.order).query()

    def _fields(self) -> Iterator[Node]:
        if self.kind:
            yield Field(Name.IN, self.kind.value)
        if self.body:
            yield Field(Name.BODY, f"/{self.body.slug}")
        if self.place:
            yield Field(Name.PLACE, f"/{self.place.slug}")
        if self.level:
            yield Field(Name.LEVEL, self.level)
        if self.year:
            yield Field(Name.AFTER, f"{self.year:04}-01-01")
            yield Field(Name.BEFORE, f"{self.year + 1:04}-01-01")
        if said := words(self.speaker)[:LONGEST_NAME]:
            yield Field(Name.SPEAKER, " ".join(said))


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: how many hits it has, and where choosing it leads."""

    label: StrOrPromise
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    """What can be chosen of one kind. `chosen` is what was, and `without` leads back."""

    name: str
    label: StrOrPromise
    choices: Sequence[Choice]
    chosen: StrOrPromise = ""
    without: str = ""

    @property
    def first(self) -> Sequence[Choice]:
        """The choices that are seen at once."""
        return self.choices[:_SEEN]

    @property
    def others(self) -> Sequence[Choice]:
        return self.choices[_SEEN:]


def facets(
    asked: Asked, counted: Mapping[str, Sequence[tuple[str, int]]], *, total: int
) -> list[Facet]:
    """The facets that were chosen, and those whose choices leave fewer hits. Two queries at most.

    `counted` is what `hits.facets` counts; a facet that is not in it is not shown.
    """
    names: dict[str, dict[str, StrOrPromise]] = {
        "body": {**queries.body_names(value for value, _count in counted.get("body", ()))},
        "place": {**queries.place_names(value for value, _count in counted.get("place", ()))},
        "level": {level.value: level.label for level in Level},
        "kind": {kind.value: label for kind, label in KIND_LABELS.items()},
    }
    chosen = asked.chosen
    found = []
    for name, label in LABELS.items():
        if name in chosen:
            without = asked.query(**{name: "" if name in {"level", "speaker"} else None})
            found.append(Facet(name, label, (), chosen[name][1], without))
            continue
        choices = [
            Choice(shown, number, f"{asked.query()}&{urlencode({name: value})}")
            for value, number in counted.get(name, ())
            if (shown := names[name].get(value, "") if name in names else value)
            and (name != "speaker" or words(value))
            and number < total
        ]
        if name == "year":
            choices.sort(key=lambda choice: str(choice.label), reverse=True)
        if choices:
            found.append(Facet(name, label, choices))
    return found
