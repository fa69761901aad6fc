"""The reading list: what a member's alerts found, with marks for what was read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import InvalidPage, Paginator
from django.db.models import Count, Max
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from memberships.gate.audience import members_only
from memberships.gate.entitlement import Request

from .. import queries, services, showing
from ..models import Alert, Match

PER_PAGE = 20


@members_only
@require_safe
def matches(request: Request) -> HttpResponse:
    """The newest first. `?alert=` is one alert's, `?unread=1` what was not read."""
    alert = _alert(request, request.GET)
    rows = queries.matches(request.user, alert=alert, is_unread=_is_unread(request.GET))
    shown = rows.select_related("alert", "article", "meeting__body__place")
    try:
        page = Paginator(shown, PER_PAGE).page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(_("There is no such page.")) from error
    kept = {"alert": alert.pk if alert else "", "unread": "1" if _is_unread(request.GET) else ""}
    narrowing = urlencode({name: value for name, value in kept.items() if value})
    to_read = queries.matches(request.user, alert=alert, is_unread=True).order_by()
    totals = to_read.aggregate(count=Count("pk"), newest=Max("pk"))
    own = Alert.objects.owned_by(request.user).order_by("name", "pk")
    context: dict[str, Any] = {
        "page": page,
        "entries": showing.entries([*page.object_list]),
        "alert": alert,
        "alerts": own,
        "is_unread": _is_unread(request.GET),
        "unread": totals["count"],
        "newest": totals["newest"],
        "narrowing": f"{narrowing}&" if narrowing else "",
    }
    return render(request, "alerts/matches.html", context)


@members_only
@require_POST
def mark(request: Request, pk: int) -> HttpResponse:
    """Say of one match that it was read, or with `do=unread` that it is to be read again."""
    one = Match.objects.owned_by(request.user).filter(pk=pk)
    if not one.exists():
        raise Http404
    if request.POST.get("do") == "unread":
        services.unread(matches=one)
    else:
        services.read(matches=one, now=timezone.now())
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{reverse('alert-matches')}?{_narrowing(request)}#match-{pk}")
    rows = one.in_public().select_related("alert", "article", "meeting__body__place")
    entry = showing.entries([get_object_or_404(rows)])[0]
    return render(request, "alerts/_match.html", {"entry": entry})


@members_only
@require_POST
def mark_all(request: Request) -> HttpResponse:
    """All that is in the list was read: of one alert, where `alert` names it.

    What was found after the page was made, which `until` says, stays unread.
    """
    alert = _alert(request, request.POST)
    rows = queries.matches(request.user, alert=alert)
    until = request.POST.get("until", "")
    if not (until.isdecimal() and len(until) < 18):
        raise Http404
    services.read(matches=rows.filter(pk__lte=int(until)), now=timezone.now())
    return redirect(f"{reverse('alert-matches')}?{_narrowing(request)}")


def _alert(request: Request, asked: QueryDict) -> Alert | None:
    number = asked.get("alert", "")
    if not number:
        return None
    if not (number.isdecimal() and len(number) < 18):
        raise Http404(_("There is no such page."))
    return get_object_or_404(Alert.objects.owned_by(request.user), pk=int(number))


def _is_unread(asked: QueryDict) -> bool:
    return asked.get("unread") == "1"


def _narrowing(request: Request) -> str:
    """What the list was narrowed to, from the form that was sent."""
    kept = {name: request.POST.get(name, "") for name in ("alert", "unread", "page")}
    return urlencode({name: value for name, value in kept.items() if value.isdecimal()})
