"""What an address asks to be told of: a search and what narrows it, or all of a body or place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from meetings.search.narrowing import Asked
from meetings.search.parsing import parse
from meetings.search.printing import canonical
from meetings.search.tree import all_of

from .models import Alert


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert before it is made, as the form begins with it."""

    search: str
    name: str = ""
    followed: str = ""
    """The body or place all of which is followed."""
    notes: Sequence[str] = ()
    """What there is to say about how the search was understood."""


def asked_for(asked: Asked) -> Draft:
    """The alert for a search. Neither its year nor its order last, so they are left out."""
    parsed = parse(asked.text)
    lasting = Asked(
        text=asked.text,
        kind=asked.kind,
        body=asked.body,
        place=asked.place,
        level=asked.level,
        speaker=asked.speaker,
    )
    whole = all_of([one for one in (parsed.tree, lasting.narrowing) if one is not None])
    search = canonical(whole)
    notes = list(parsed.notes)
    if asked.year:
        notes.append(_("An alert speaks of what comes, so the year is left out."))
    labels = [str(label) for _value, label in lasting.chosen.values()]
    if parsed.tree is None:
        followed = str(asked.body or asked.place or "")
        return Draft(
            search, " · ".join(labels)[: Alert.NAME_MAX], followed, notes if search else ()
        )
    name = " · ".join([asked.text, *labels]) if labels else ""
    return Draft(search, name[: Alert.NAME_MAX], notes=notes)
