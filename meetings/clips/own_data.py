"""Own data: the clips of a person, for them to take along, and to be forgotten with them."""

from django.conf import settings

from memberships.gate.entitlement import User

from .models import Clip, ClipReport


def clips(user: User) -> tuple[str, list[dict[str, object]]]:
    """Named in `ACCOUNT_DATA_SOURCES`: the clips of this person, oldest first."""
    own = Clip.objects.owned_by(user).select_related("meeting").prefetch_related("spans")
    return "clips", [
        {
            "url": settings.SITE_URL + one.get_absolute_url(),
            "title": one.title,
            "note": one.note,
            "visibility": one.visibility,
            "maker_name": one.maker_name,
            "meeting": settings.SITE_URL + one.meeting.get_absolute_url(),
            "spans_ms": sorted([span.start_ms, span.end_ms] for span in one.spans.all()),
            "words": one.words,
            "plays": one.plays,
            "cut_at": one.created_at,
            "changed_at": one.changed_at,
            "taken_down_reason": one.taken_down_reason or None,
        }
        for one in own.order_by("created_at", "pk")
    ]


def reports(user: User) -> tuple[str, list[dict[str, object]]]:
    """Named in `ACCOUNT_DATA_SOURCES`: what was reported of clips under this address."""
    own = ClipReport.objects.filter(email__iexact=user.email).select_related("clip")
    return "clip_reports", [
        {
            "reported_at": one.created_at,
            "clip": settings.SITE_URL + one.clip.get_absolute_url(),
            "what": one.what,
            "email": one.email,
            "state": one.state,
        }
        for one in own.order_by("created_at", "pk")
    ]
