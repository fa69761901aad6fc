"""From a template and its facts to the words of a mail, fit to be stored and put into headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.template import Context
from django.template.backends.django import Template
from django.template.loader import get_template
from django.utils.text import Truncator

SUBJECT_MAX = 150
NAME_MAX = 100


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says: its subject, and the same in plain text and in HTML."""

    subject: str
    text: str
    html: str


def render(*, template: str, subject: str, context: Mapping[str, object]) -> Words:
    """The words of `TEMPLATE.txt` and `TEMPLATE.html`, which fill the frames in templates/post/.

    Both know the site's name, address and contact besides their context. In the text nothing is
    escaped, because it is not HTML: "O'Brien & Sons" stays as it is.
    """
    title = line(subject, SUBJECT_MAX)
    known = {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        **context,
        "subject": title,
    }
    text = storable(_rendered(f"{template}.txt", Context(known, autoescape=False)))
    html = storable(_rendered(f"{template}.html", Context(known)))
    return Words(title, re.sub(r"\n\s*\n", "\n\n", text).strip() + "\n", html)


def _rendered(name: str, context: Context) -> str:
    return cast("Template", get_template(name)).template.render(context)


def line(text: Any, longest: int) -> str:
    """One line for a header: line breaks and other controls become spaces, the rest is cut short.

    A title that somebody typed may hold anything; a header that holds a line break would let its
    author write the headers after it.
    """
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", storable(str(text)))
    return Truncator(" ".join(plain.split())).chars(longest)


def storable(text: str) -> str:
    """With a mark where there was what PostgreSQL cannot hold: NUL, and halves of pairs."""
    return re.sub(r"[\0\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
