"""Own data: what a person has written here, for them to take along, and to be forgotten with them.

Error reports need no account, so they belong to whoever's address stands on them.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from memberships.gate.entitlement import User

from . import notices
from .models import ErrorReport


def error_reports(user: User) -> tuple[str, list[dict[str, object]]]:
    """Named in `ACCOUNT_DATA_SOURCES`: the reports that bear this address, oldest first."""
    own = ErrorReport.objects.filter(email__iexact=user.email).select_related(
        "article", "correction"
    )
    return "error_reports", [
        {
            "reported_at": one.created_at,
            "article": settings.SITE_URL + one.article.get_absolute_url(),
            "sentence": one.sentence_text,
            "what": one.what,
            "email": one.email,
            "state": one.state,
            "decision": one.correction.outcome if one.correction else None,
            "reason": one.correction.reason if one.correction else None,
        }
        for one in own.order_by("created_at", "pk")
    ]


@transaction.atomic
def forget(user: User) -> None:
    """Named in `ACCOUNT_DATA_ERASERS`: the reports stay, the address on them
    and the mail that answered them do not."""
    own = ErrorReport.objects.filter(email__iexact=user.email).oldest_first()
    numbers = list(own.select_for_update().values_list("pk", flat=True))
    ErrorReport.objects.filter(pk__in=numbers).update(email="")
    for number in numbers:
        notices.forget(number, now=timezone.now())
