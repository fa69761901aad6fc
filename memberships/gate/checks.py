"""System checks: no route without an audience, no mark out of sight, the gate in its place."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import get_resolver

from memberships.gate.audience import is_hidden
from memberships.gate.routes import Route, audience_of_route, walk

PAGES = "memberships.gate.pages.PublicPages"
GATE = "memberships.gate.middleware.MembershipGate"


@register(Tags.security)
def routes_have_audiences(**_options: Any) -> list[CheckMessage]:
    """Every address of ours carries a mark; every address of others is listed."""
    found: list[CheckMessage] = []
    for route in walk(get_resolver().url_patterns):
        if is_hidden(route.view):
            found.append(_hidden(route))
        elif audience_of_route(route) is None:
            found.append(_unmarked(route))
    return found


@register(Tags.security)
def gate_is_in_its_place(**_options: Any) -> list[CheckMessage]:
    """Kept pages come first, the gate last, and the settings that both read are there."""
    found: list[CheckMessage] = []
    if settings.MIDDLEWARE[:1] != [PAGES]:
        found.append(Error(f"{PAGES} is not the first middleware.", id="gate.E003"))
    if settings.MIDDLEWARE[-1:] != [GATE]:
        found.append(
            Error(
                f"{GATE} is not the last middleware: what comes after it runs before it refuses.",
                id="gate.E004",
            )
        )
    return found


def _unmarked(route: Route) -> CheckMessage:
    return Error(
        f"The route “{route.pattern}” has no audience, so it is closed.",
        hint=(
            "Mark the view: @public, @signed_in, @members_only, @staff_only or @capability, "
            "outermost. A library's routes are listed in GATE_DELEGATED_ROUTES."
        ),
        obj=_name(route),
        id="gate.E001",
    )


def _hidden(route: Route) -> CheckMessage:
    return Error(
        f"The mark of the route “{route.pattern}” is hidden by a decorator on top of it.",
        hint="Move the mark up: it is the outermost decorator, and is put on what is routed.",
        obj=_name(route),
        id="gate.E002",
    )


def _name(route: Route) -> str:
    view = route.view
    return f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"
