"""Feeds of this room, in Atom (RFC 4287)."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import public_log
from .public_log import Entry

# What XML 1.0 has no way to write (its section 2.2); halves of pairs cannot be stored.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def corrections() -> Atom1Feed:
    """The newest decisions about articles, each with its reason and the words before and after."""
    log = settings.SITE_URL + reverse("corrections")
    feed = Atom1Feed(
        title=_("Corrections of %s") % settings.SITE_NAME,
        link=log,
        description=_("What was decided about errors in articles, with the reasons."),
        language=get_language(),
        feed_url=settings.SITE_URL + reverse("corrections-feed"),
        feed_guid=_name("corrections"),
        author_name=settings.SITE_NAME,
    )
    for one in public_log.newest():
        correction = one.correction
        feed.add_item(
            title=writable(title(one)),
            link=settings.SITE_URL + correction.get_absolute_url(),
            description=writable(render_to_string("articles/_told.html", {"entry": one})),
            unique_id=_name(f"correction-{correction.pk}"),
            pubdate=correction.decided_at,
            updateddate=correction.decided_at,
        )
    return feed


def title(entry: Entry) -> str:
    """What a decision is called where it stands alone: no word of what was withdrawn."""
    article, outcome = entry.article, entry.correction.get_outcome_display()
    about = (
        article.headline if entry.is_told else f"{article.meeting.body}, {article.meeting.title}"
    )
    return f"{outcome}: {about}"


def writable(text: str) -> str:
    """Text without the characters that no XML can have."""
    return UNWRITABLE.sub(" ", text)


def _name(what: str) -> str:
    """A name that stays when addresses change (RFC 4151)."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{what}"
