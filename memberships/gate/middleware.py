"""The gate: reads a view's mark before the view runs, and refuses whoever it is not for."""

from collections.abc import Callable
from typing import Any, NoReturn, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import ResolverMatch
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from memberships.accounts.queries import has_second_factor
from memberships.gate import problems
from memberships.gate.audience import Audience, Kind
from memberships.gate.entitlement import Request, is_member
from memberships.gate.routes import Route, audience_of_route

SAFE = {"GET", "HEAD"}
# Where the free part stands in the page of the offer. Only the template can write this: what
# people wrote is escaped.
FREE_PART = "<!-- free part -->"


class MembershipGate:
    """The last middleware. Gives every request `is_member`, and lets only the right ones on.

    A visitor at a page of members gets 402 and the offer; at a page that needs an account, the
    sign-in page; at a page of staff, the sign-in page, and 404 when that does not make them staff.
    A route without a mark is 404; with DEBUG, an error that says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        lazily = SimpleLazyObject(lambda: is_member(request.user, timezone.now()))
        request.is_member = cast("bool", lazily)
        return self.get_response(request)

    def process_view(
        self,
        request: Request,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        match = cast("ResolverMatch", request.resolver_match)
        audience = audience_of_route(Route(match.route, tuple(match.namespaces), view))
        if audience is None:
            _closed(match)
        match audience.kind:
            case Kind.PUBLIC | Kind.DELEGATED:
                return None
            case Kind.SIGNED_IN:
                return None if request.user.is_authenticated else _sign_in(request)
            case Kind.MEMBERS:
                return None if request.is_member else _offer(request, audience, args, kwargs)
            case Kind.STAFF:
                return _staff(request, match)
            case Kind.CAPABILITY:
                if audience.check is not None and audience.check(request, *args, **kwargs):
                    return None
                if audience.refusal == 404:
                    raise Http404
                return HttpResponse(status=audience.refusal)


def _closed(match: ResolverMatch) -> NoReturn:
    if settings.DEBUG:
        raise ImproperlyConfigured(
            f"The route {match.route!r} has no audience, so it is closed. Mark its view (the mark "
            f"is the outermost decorator), or list a library's route in GATE_DELEGATED_ROUTES."
        )
    raise Http404


def _sign_in(request: HttpRequest, back: str | None = None) -> HttpResponseBase:
    """The sign-in page, and from there back to the page that was wanted."""
    back = back or way_back(request)
    if "HX-Request" in request.headers:  # htmx would put the sign-in page into a part of this one
        answer = HttpResponse(status=401)
        answer.headers["HX-Redirect"] = redirect_to_login(back).url
        return answer
    return redirect_to_login(back)


def _staff(request: Request, match: ResolverMatch) -> HttpResponseBase | None:
    user = request.user
    if not user.is_authenticated:
        # The admin's own sign-in page leads to ours, so that the second factor holds.
        wanted = request.GET.get("next", "") if match.view_name == "admin:login" else ""
        return _sign_in(request, wanted if is_path(wanted) else None)
    if not (user.is_active and user.is_staff):
        raise Http404
    if settings.STAFF_SECOND_FACTOR and not has_second_factor(user):
        messages.info(
            request,
            _("Staff sign in with a second factor. Add an authenticator app or a passkey first."),
        )
        return redirect("mfa_index")
    return None


def _offer(
    request: Request, audience: Audience, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    """402: the free part where there is one, and what membership opens."""
    if audience.problem:
        return problems.answer(problems.membership_needed(), request)
    context = {"next": way_back(request)}
    if "HX-Request" in request.headers:
        return render(request, "gate/_offer.html", context, status=402)
    if audience.free is None:
        return render(request, "gate/offer.html", context, status=402)
    free = audience.free(request, *args, **kwargs)
    if free.status_code != 200 or not isinstance(free, HttpResponse):
        return free
    if hasattr(free, "render"):
        free.render()
    page = render_to_string("gate/offer.html", context | {"has_free_part": True}, request)
    return HttpResponse(page.replace(FREE_PART, free.text, 1), status=402)


def way_back(request: HttpRequest) -> str:
    """The path of the page that the reader is on, to return to later. Never another site's."""
    if request.method in SAFE and "HX-Request" not in request.headers:
        return request.get_full_path()
    for header in ("HX-Current-URL", "Referer"):
        parts = urlsplit(request.headers.get(header, ""))
        path = parts._replace(scheme="", netloc="", fragment="").geturl()
        if parts.netloc == request.get_host() and is_path(path):
            return path
    return "/"


def is_path(url: str) -> bool:
    """A path of this site, which a browser cannot take for another site's address."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
