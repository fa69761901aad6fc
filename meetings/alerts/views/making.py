"""Making an alert and changing it: the form, which says first how often it would have fired."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from meetings.search.forms import SearchForm
from meetings.search.parsing import parse
from meetings.search.printing import canonical
from meetings.search.tree import Field, Name, all_of
from memberships.gate.audience import members_only
from memberships.gate.entitlement import Request, User

from .. import channels, queries, services, showing
from ..estimating import Estimate, TooBroad
from ..forms import AlertForm, ScheduleForm
from ..models import Alert
from ..services import Known, NotAnAlert, TooMany, Wanted
from ..wanted import Draft, asked_for

_NARROW = re.compile(r"in:([\w-]{1,100})", re.ASCII)
_KEPT = ("cadence", "by_email", "by_feed", "by_webhook")


def about(request: HttpRequest) -> HttpResponse:
    """The free part: what an alert is, and what this one would be."""
    return render(request, "alerts/_about.html", {"draft": _draft(request)})


@members_only(free=about)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The form of a new alert; with POST and `do=save`, the alert.

    It begins with what the address asks for, in the words of the search page, or with the alert
    whose number is `from`. With `HX-Request` the answer is the estimate alone.
    """
    if request.method == "POST":
        return _sent(request, None)
    draft = _draft(request)
    first: dict[str, Any] = {"search": draft.search, "name": draft.name}
    if (number := request.GET.get("from", "")) and number.isdecimal() and len(number) < 18:
        copied = get_object_or_404(Alert.objects.owned_by(request.user), pk=int(number))
        first = _initial(copied) | {"name": ""}
    return _page(request, _Sheet(AlertForm(initial=first), None, draft))


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """One's own alert in the same form."""
    alert = get_object_or_404(Alert.objects.owned_by(request.user), pk=pk)
    if request.method == "POST":
        return _sent(request, alert)
    return _page(request, _Sheet(AlertForm(initial=_initial(alert)), alert))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The form with what it is about."""

    form: AlertForm
    alert: Alert | None
    draft: Draft | None = None
    schedule: ScheduleForm | None = None
    known: Alert | None = None
    """The alert of theirs that asks for the same."""
    is_told_first: bool = False
    """It was not saved, because the estimate had not been read."""


def _draft(request: HttpRequest) -> Draft:
    form = SearchForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such page."))
    return asked_for(form.asked)


def _initial(alert: Alert) -> dict[str, Any]:
    name = "" if alert.name == alert.query[: Alert.NAME_MAX] else alert.name
    told = {field: getattr(alert, field) for field in _KEPT}
    return {"search": alert.query, "muted": ", ".join(alert.muted), "name": name, **told}


def _sent(request: Request, alert: Alert | None) -> HttpResponse:
    verb = request.POST.get("do", "save")
    if verb != "save" or _is_part(request):
        sent = request.POST.dict()
        if found := _NARROW.fullmatch(verb):
            sent["search"] = _within(sent.get("search", ""), found[1])
        schedule = ScheduleForm(initial=sent)
        return _page(request, _Sheet(AlertForm(initial=sent), alert, schedule=schedule))
    form, schedule = AlertForm(request.POST), ScheduleForm(request.POST)
    if not (form.is_valid() & schedule.is_valid()):
        return _page(request, _Sheet(form, alert, schedule=schedule), status=422)
    if not form.is_seen:
        sheet = _Sheet(form, alert, schedule=schedule, is_told_first=True)
        return _page(request, sheet, status=422)
    known = None
    try:
        saved = _save(request, form, alert)
    except TooBroad:
        pass  # the estimate says it
    except Alert.DoesNotExist as error:  # it was deleted in another window meanwhile
        raise Http404 from error
    except (NotAnAlert, TooMany) as error:
        form.add_error(None, str(error))
    except Known as error:
        known = error.alert
    else:
        channels.reschedule(owner=saved.owner, rhythm=schedule.rhythm)
        messages.success(request, _("The alert is saved. It speaks of what comes from now on."))
        return redirect(f"{reverse('alerts')}#alert-{saved.pk}")
    return _page(request, _Sheet(form, alert, schedule=schedule, known=known), status=422)


def _save(request: Request, form: AlertForm, alert: Alert | None) -> Alert:
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    assert form.wanted is not None  # noqa: S101 - the form is valid; this tells the types
    given: dict[str, Any] = {
        "wanted": form.wanted,
        "telling": form.telling,
        "name": form.cleaned_data["name"],
        "now": timezone.now(),
    }
    if alert is None:
        saved = services.make(owner=request.user, **given)
    else:
        saved = services.edit(alert=alert, **given)
    if saved.by_feed and queries.ways(request.user).feed is None:
        channels.open_feed(owner=request.user, secret=secrets.token_urlsafe(32))
    return saved


def _within(search: str, body: str) -> str:
    tree = parse(search).tree
    narrow = Field(Name.BODY, f"/{body}")
    return canonical(all_of([one for one in (tree, narrow) if one is not None]))


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _page(request: Request, sheet: _Sheet, *, status: int = 200) -> HttpResponse:
    wanted, amiss, found = _estimated(sheet.form)
    context: dict[str, Any] = {
        "form": sheet.form,
        "alert": sheet.alert,
        "wanted": wanted,
        "amiss": amiss,
        "estimate": found,
        "samples": showing.samples(found) if found else [],
    }
    if _is_part(request):
        return render(request, "alerts/_estimate.html", context)
    ways = queries.ways(request.user)
    context |= {
        "sheet": sheet,
        "draft": sheet.draft,
        "ways": ways,
        "schedule": sheet.schedule or ScheduleForm.of(ways.schedule),
        "guesses": ways.schedule is None and sheet.schedule is None,
        "most": settings.ALERTS_A_MEMBER,
    }
    return render(request, "alerts/making.html", context, status=status)


def _estimated(form: AlertForm) -> tuple[Wanted | None, str, Estimate | None]:
    """What the form asks for, what is amiss with that, and how often it would have fired."""
    search, muted = form["search"].value() or "", form["muted"].value() or ""
    if not search.strip():
        return None, "", None
    asked = AlertForm({"search": search, "muted": muted, "cadence": "daily"})
    if not asked.is_valid() or asked.wanted is None:
        return None, " ".join(str(text) for each in asked.errors.values() for text in each), None
    return asked.wanted, "", services.look_ahead(asked.wanted, now=timezone.now())
