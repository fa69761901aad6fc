"""A member's alerts: what each found, and pausing, resuming and deleting it.

Who is no member any more still sees what they had, and can delete it.
"""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memberships.gate.audience import members_only, signed_in
from memberships.gate.entitlement import Request

from .. import queries, services
from ..models import Alert

FEW_LEFT = 0.9  # of the alerts that one may have, from which on the page says how many are left


@signed_in
@require_safe
def shelf(request: Request) -> HttpResponse:
    """One's own alerts, newest first, and what stands in the way of telling."""
    found, most = queries.shelf(request.user), settings.ALERTS_A_MEMBER
    has = len(found.alerts)
    context = {
        "shelf": found,
        "most": most,
        "left": max(most - has, 0) if has >= most * FEW_LEFT else None,
    }
    return render(request, "alerts/shelf.html", context)


@signed_in
@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    """Nothing is looked for until it is resumed."""
    services.pause(alert=_own(request, pk), now=timezone.now())
    return _back(pk)


@members_only
@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    """Look again, from what comes next."""
    services.resume(alert=_own(request, pk))
    return _back(pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, pk: int) -> HttpResponse:
    """Ask, and then delete one's own alert and what it found."""
    alert = _own(request, pk)
    if request.method == "POST":
        services.delete(alert=alert)
        messages.success(request, _("The alert is deleted."))
        return redirect("alerts")
    found = queries.matches(request.user, alert=alert).count()
    return render(request, "alerts/delete.html", {"alert": alert, "found": found})


def _own(request: Request, pk: int) -> Alert:
    return get_object_or_404(Alert.objects.owned_by(request.user), pk=pk)


def _back(pk: int) -> HttpResponse:
    return redirect(f"{reverse('alerts')}#alert-{pk}")
