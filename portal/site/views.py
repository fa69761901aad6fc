"""Pages and answers that belong to no feature: experience, announcements, health, robots, about."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from memberships.gate.audience import public
from memberships.gate.entitlement import Request

from . import health, preferences, services
from .models import Announcement


@public
@csrf_exempt  # sets a preference only, and checks itself where the request comes from
@require_POST
def switch_experience(request: Request) -> HttpResponse:
    """Switch between `classic` and `new`, and go back to where the reader was."""
    if not _from_this_site(request):
        return HttpResponse(status=403)
    wish = request.POST.get("experience")
    if wish not in {preferences.CLASSIC, preferences.NEW}:
        return HttpResponse(status=400)
    services.keep_experience(user=request.user, experience=wish)
    answer = HttpResponseRedirect(_way_back(request))
    preferences.remember_experience(answer, wish)
    return answer


@public
@csrf_exempt  # as above
@require_POST
def close_announcement(request: Request, pk: int) -> HttpResponse:
    """Hide one announcement from this visitor."""
    if not _from_this_site(request):
        return HttpResponse(status=403)
    announcement = get_object_or_404(Announcement, pk=pk, dismissible=True)
    answer = HttpResponseRedirect(_way_back(request))
    preferences.remember_closed(answer, announcement.pk)
    return answer


def _from_this_site(request: HttpRequest) -> bool:
    """Browsers say where a form was sent from; one that says nothing is too old to be trusted."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    return request.headers.get("Origin") in {settings.SITE_URL, f"http://{request.get_host()}"}


def _way_back(request: HttpRequest) -> str:
    """The page that the form was on: its own word, else the Referer, else home."""
    for wish in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        parts = urlsplit(wish)
        if parts.netloc and parts.netloc != request.get_host():
            continue
        path = parts._replace(scheme="", netloc="", fragment="").geturl()
        if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
            return path
    return "/"


@public
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The process can reach all that it needs; 503 names what it cannot reach.

    Followers of the log that are late are named too, and change nothing about the answer.
    """
    parts = health.readiness()
    told = {name: "ok" if fine else "no answer" for name, fine in parts.items()}
    if parts["database"]:
        told |= health.followers()
    lines = "".join(f"{name}: {word}\n" for name, word in told.items())
    status = 200 if all(parts.values()) else 503
    return HttpResponse(lines, content_type="text/plain", status=status)


@public
@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "site/robots.txt", content_type="text/plain")


@public(cached=True)
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """How articles are made, who runs this, and how to write to them."""
    return render(request, "site/about.html")
