"""Glossary: names that a model is told to expect in the meetings of a body.

Names of members are what recognition gets wrong, and being told of them is what helps most.
"""

import re

from django.db.models import Max

from meetings.records.models import Body
from meetings.transcripts.models import Speaker

NAMES_MAX = 60
# Who is nobody in particular: “Speaker 2”, “S0”, “Unknown”, and what is no name at all.
_NOBODY = re.compile(r"(?i)(?:speaker|spk|sprecher|voice|person|unknown|unidentified|s)[\W\d_]*")


def of(body: Body) -> list[str]:
    """The body's own list first, then who spoke in its meetings, the latest first. One query."""
    own = [" ".join(line.split()) for line in body.glossary.splitlines()]
    spoke = (
        Speaker.objects.filter(meeting__body=body)
        .values("name")
        .annotate(latest=Max("meeting__held_on"))
        .order_by("-latest", "name")
        .values_list("name", flat=True)[: NAMES_MAX * 2]
    )
    known = dict.fromkeys(name for name in [*own, *spoke] if _is_name(name))
    return list(known)[:NAMES_MAX]


def _is_name(name: str) -> bool:
    return any(letter.isalpha() for letter in name) and not _NOBODY.fullmatch(name)
