"""Whose route it is: our views say it by their mark, routes of others are listed in settings."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver

from memberships.gate.audience import Audience, Kind, audience_of


@dataclass(frozen=True)
class Route:
    """One address of the site, as the URL configuration spells it."""

    pattern: str
    namespaces: tuple[str, ...]
    view: Callable[..., Any]

    @property
    def first_segment(self) -> str:
        return self.pattern.lstrip("^/").partition("/")[0]


def audience_of_route(route: Route) -> Audience | None:
    """Who a route is for, or None: nobody thought about it, so it is closed.

    A view of our own has its mark, wherever it is routed; only a view of others may go by the
    lists `GATE_STAFF_ROUTES` and `GATE_DELEGATED_ROUTES` (a namespace, or a first path segment).
    """
    mark = audience_of(route.view)
    if mark is not None:
        return mark
    if _is_listed(route, settings.GATE_STAFF_ROUTES):
        return Audience(kind=Kind.STAFF, view=route.view)
    if _is_listed(route, settings.GATE_DELEGATED_ROUTES) and not is_ours(route.view):
        return Audience(kind=Kind.DELEGATED, view=route.view)
    return None


def is_ours(view: Callable[..., Any]) -> bool:
    """Was this view written here? Class views are known by their class."""
    author = getattr(view, "view_class", None) or getattr(view, "func", None) or view
    module: str = getattr(author, "__module__", None) or type(author).__module__
    return _lies_beside_manage_py(module.partition(".")[0])


def walk(
    patterns: Iterable[URLPattern | URLResolver],
    prefix: str = "",
    namespaces: tuple[str, ...] = (),
) -> Iterator[Route]:
    """Every route below these patterns."""
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            within = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from walk(entry.url_patterns, path, within)
        else:
            yield Route(path, namespaces, entry.callback)


def _is_listed(route: Route, names: Sequence[str]) -> bool:
    return route.first_segment in names or not set(route.namespaces).isdisjoint(names)


@cache
def _lies_beside_manage_py(package: str) -> bool:
    return (settings.BASE_DIR / package).is_dir()
