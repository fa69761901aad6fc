"""The private feed of a member: what their alerts found, for a feed reader, without signing in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from meetings.articles.feeds import writable
from memberships.gate.audience import capability
from memberships.gate.entitlement import is_member

from ..composing import quote
from ..models import Channel, Match

ENTRIES = 50


def opens_a_feed(_request: HttpRequest, secret: str) -> bool:
    """Whether there is a feed with this secret, which can be changed."""
    return secret.isprintable() and Channel.objects.feeds(secret).exists()


@capability(opens_a_feed)
@require_safe
@never_cache
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Atom (RFC 4287), the newest first. It falls silent while its member is none."""
    channel = get_object_or_404(Channel.objects.feeds(secret).select_related("owner"))
    atom = Atom1Feed(
        title=_("Alerts · %s") % settings.SITE_NAME,
        link=settings.SITE_URL,
        description="",
        feed_url=f"{settings.SITE_URL}{request.path}",
        feed_guid=get_tag_uri(f"{settings.SITE_URL}/alerts/feed/{channel.pk}", None),
    )
    rows = Match.objects.in_public().owned_by(channel.owner).filter(alert__by_feed=True)
    is_open = channel.paused_at is None and is_member(channel.owner, timezone.now())
    newest = rows.newest_first().select_related("alert", "article", "meeting__body__place")
    for row in newest[:ENTRIES] if is_open else []:
        said = quote(row)
        atom.add_item(
            title=writable(f"{row.alert.name}: {row.meeting.title}"),
            link=said.url,
            description=escape(writable("".join(part.text for part in said.parts))),
            author_name=writable(row.speaker or row.meeting.body.name),
            unique_id=get_tag_uri(f"{settings.SITE_URL}/alerts/match/{row.pk}", None),
            pubdate=row.found_at,
            updateddate=row.found_at,
        )
    answer = HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml")
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
