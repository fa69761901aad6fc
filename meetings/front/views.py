"""Home, bodies and places."""

from typing import Any

from django.core.paginator import EmptyPage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from meetings.records.models import Body, Place
from memberships.gate.audience import public

from . import queries
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


@public(cached=True)
@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """All bodies by place."""
    return render(request, "front/bodies.html", {"bodies": queries.bodies()})


@public(cached=True, varies_on=("page",))
@require_safe
def body(request: HttpRequest, slug: str) -> HttpResponse:
    """A body and its meetings."""
    body = get_object_or_404(Body.objects.select_related("place"), slug=slug)
    try:
        meetings = queries.meetings_of(body, page=_asked(request)["page"] or 1)
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    return render(request, "front/body.html", {"body": body, "meetings": meetings})


@public(cached=True)
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """All places as a tree."""
    return render(request, "front/places.html", {"tree": queries.tree()})


@public(cached=True)
@require_safe
def place(request: HttpRequest, slug: str) -> HttpResponse:
    """A place: what it lies in, what lies in it, and who meets there."""
    place = get_object_or_404(Place, slug=slug)
    context = {
        "place": place,
        "way": queries.way_to(place),
        "children": place.children.order_by("sort_name", "id"),
        "bodies": queries.bodies_within(place),
    }
    return render(request, "front/place.html", context)


def _asked(request: HttpRequest) -> dict[str, Any]:
    form = Narrowing(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such page."))
    return form.cleaned_data
