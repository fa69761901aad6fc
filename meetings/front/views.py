"""Home, bodies, places and coverage."""

from typing import Any

from django.core.paginator import EmptyPage
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from meetings.records.models import Body, Meeting, Place
from memberships.gate.audience import public

from . import queries
from .calendar import Month, month_of
from .coverage import coverage as of_all_bodies
from .forms import Narrowing


@public(cached=True, varies_on=("body", "place", "page"))
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The latest articles, narrowed to a body or a place."""
    asked = _asked(request)
    try:
        page = queries.home(body=asked["body"], place=asked["place"], page=asked["page"] or 1)
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    return render(request, "front/home.html", {"home": page})


@public(cached=True, varies_on=("month",))
@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """All bodies by place, and when they meet."""
    month = _month(Meeting.objects.in_public(), _asked(request))
    return render(request, "front/bodies.html", {"bodies": queries.bodies(), "month": month})


@public(cached=True, varies_on=("month", "page"))
@require_safe
def body(request: HttpRequest, slug: str) -> HttpResponse:
    """A body and its meetings."""
    body = get_object_or_404(Body.objects.select_related("place"), slug=slug)
    asked = _asked(request)
    try:
        meetings = queries.meetings_of(body, page=asked["page"] or 1)
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    month = _month(body.meetings.in_public(), asked)
    return render(request, "front/body.html", {"body": body, "meetings": meetings, "month": month})


@public(cached=True, varies_on=("month",))
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """All places as a tree, and when there are meetings in them."""
    month = _month(Meeting.objects.in_public(), _asked(request))
    return render(request, "front/places.html", {"tree": queries.tree(), "month": month})


@public(cached=True)
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """What is here of each body, and what is missing."""
    covered = of_all_bodies(today=timezone.localdate())
    return render(request, "front/coverage.html", {"covered": covered})


@public(cached=True, varies_on=("month",))
@require_safe
def place(request: HttpRequest, slug: str) -> HttpResponse:
    """A place: what it lies in, what lies in it, and who meets there."""
    place = get_object_or_404(Place, slug=slug)
    context = {
        "place": place,
        "way": queries.way_to(place),
        "children": place.children.order_by("sort_name", "id"),
        "bodies": queries.bodies_within(place),
        "month": _month(queries.meetings_within(place), _asked(request)),
    }
    return render(request, "front/place.html", context)


def _month(meetings: QuerySet[Meeting], asked: dict[str, Any]) -> Month | None:
    return month_of(meetings, asked=asked["month"], today=timezone.localdate())


def _asked(request: HttpRequest) -> dict[str, Any]:
    form = Narrowing(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such page."))
    return form.cleaned_data
