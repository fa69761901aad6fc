"""Marks: who a view is for. The gate reads them; a view without one is closed.

A mark is the outermost decorator of a view, so that nothing can stand between it and the gate.
It changes nothing about the view: it leaves an `Audience` on it, which names the very object that
it was put on. A decorator that is put on top later copies the mark at best, and then the name no
longer fits: the gate takes such a view for unmarked, and `manage.py check` says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

AnyView = Callable[..., "HttpResponseBase"]
V = TypeVar("V", bound=AnyView)

ATTRIBUTE = "gate_audience"


class Kind(Enum):
    """The five audiences that a mark can name, and the one that a library keeps to itself."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    MEMBERS = "members"
    STAFF = "staff"
    CAPABILITY = "capability"
    DELEGATED = "delegated"
    """No mark: routes of a library that decides for itself (`GATE_DELEGATED_ROUTES`)."""


@dataclass(frozen=True)
class Audience:
    """Who may open a view, and how the others are answered."""

    kind: Kind
    view: AnyView = field(repr=False)
    """The object that the mark was put on."""
    cached: bool = False
    """Public: the answer to a visitor may be kept for a minute and given to the next."""
    varies_on: tuple[str, ...] = ()
    """Public and cached: the query parameters that the page reads. It must read no others."""
    free: AnyView | None = field(default=None, repr=False)
    """Members: a view that renders the part which is free, as a fragment of HTML."""
    problem: bool = False
    """Members: refused with a problem document (RFC 9457) and not with a page."""
    check: Callable[..., bool] | None = field(default=None, repr=False)
    """Capability: says whether the request carries the permission."""
    refusal: int = 404
    """Capability: the status of the answer where it does not."""


def audience_of(view: object) -> Audience | None:
    """The mark of a view, or None where there is none or a decorator hides it."""
    mark = getattr(view, ATTRIBUTE, None)
    return mark if isinstance(mark, Audience) and mark.view is view else None


def is_hidden(view: object) -> bool:
    """A mark is there, but a decorator was put on top of it."""
    mark = getattr(view, ATTRIBUTE, None)
    return isinstance(mark, Audience) and mark.view is not view


def _mark(view: V, kind: Kind, **how: Any) -> V:
    if audience_of(view) is not None:
        raise TypeError(f"{view!r} has a mark already: a view has one audience.")
    setattr(view, ATTRIBUTE, Audience(kind=kind, view=view, **how))
    return view


@overload
def public(view: V, /) -> V: ...
@overload
def public(*, cached: bool = False, varies_on: tuple[str, ...] = ()) -> Callable[[V], V]: ...
def public(
    view: V | None = None, /, *, cached: bool = False, varies_on: tuple[str, ...] = ()
) -> V | Callable[[V], V]:
    """Anybody.

    `cached=True` lets the page be kept for visitors without a session, up to a minute. Such a page
    holds no token and no name, reads no query parameter but those in `varies_on`, and is dropped
    by the service that changes what it shows (`memberships.gate.pages.drop`).
    """
    if varies_on and not cached:
        raise TypeError("varies_on says how a kept page varies: it goes with cached=True.")
    if view is not None:
        return _mark(view, Kind.PUBLIC)
    return lambda marked: _mark(marked, Kind.PUBLIC, cached=cached, varies_on=varies_on)


def signed_in(view: V, /) -> V:
    """Anybody with an account; a visitor is led to the sign-in page and back."""
    return _mark(view, Kind.SIGNED_IN)


@overload
def members_only(view: V, /) -> V: ...
@overload
def members_only(*, free: AnyView) -> Callable[[V], V]: ...
@overload
def members_only(*, problem: bool) -> Callable[[V], V]: ...
def members_only(
    view: V | None = None, /, *, free: AnyView | None = None, problem: bool = False
) -> V | Callable[[V], V]:
    """Members and staff; others get 402 and the offer.

    `free` renders the free part as a fragment of HTML, which is shown above the offer. With
    `problem=True` the refusal is a problem document (RFC 9457): for exports, media and programs.
    """
    if view is not None:
        return _mark(view, Kind.MEMBERS)
    return lambda marked: _mark(marked, Kind.MEMBERS, free=free, problem=problem)


def staff_only(view: V, /) -> V:
    """Staff. A visitor is led to the sign-in page; to anyone else the page does not exist."""
    return _mark(view, Kind.STAFF)


def capability(check: Callable[..., bool], /, *, refusal: int = 404) -> Callable[[V], V]:
    """Whoever holds the permission that the request itself carries.

    `check(request, **parameters of the route)` looks at a signature, or at the visibility of the
    row; where it says no, the answer is 404. It may raise Http404 itself. With `refusal=403` the
    answer is that status and nothing else: for programs that fetch bytes, not for people.
    """
    return lambda marked: _mark(marked, Kind.CAPABILITY, check=check, refusal=refusal)
