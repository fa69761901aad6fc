"""What a visitor prefers: the experience, and which announcement they have closed.

Both live in cookies that say nothing about the person, so public pages can be kept for everybody
who prefers the same. The experience of a signed-in reader is kept on the account as well.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

CLASSIC, NEW = "classic", "new"
EXPERIENCE_COOKIE = "experience"
CLOSED_COOKIE = "announcement"
YEAR = 365 * 24 * 3600

_closed = signing.Signer(salt="portal.site.closed-announcement")


def experience(request: HttpRequest) -> str:
    """`classic` or `new`: the account's wish where there is one, else the cookie's."""
    wish: str | None = None
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        wish = request.user.experience
    wish = wish or request.COOKIES.get(EXPERIENCE_COOKIE)
    return NEW if wish == NEW else CLASSIC


def closed_announcement(request: HttpRequest) -> int | None:
    """The id of the announcement that this visitor closed.

    The cookie is signed: only the site can mint values, so they cannot be used to fill the cache
    of public pages with endless variants.
    """
    try:
        return int(_closed.unsign(request.COOKIES.get(CLOSED_COOKIE, "")))
    except (signing.BadSignature, ValueError):
        return None


def remember_experience(response: HttpResponse, wish: str) -> None:
    _remember(response, EXPERIENCE_COOKIE, wish)


def remember_closed(response: HttpResponse, announcement_id: int) -> None:
    _remember(response, CLOSED_COOKIE, _closed.sign(str(announcement_id)))


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def variant(request: HttpRequest) -> str | None:
    """What a kept public page depends on besides its address (the gate's `GATE_PAGE_VARIANT`).

    Cookies alone decide: of requests without any the gate asks once.
    """
    wish = NEW if request.COOKIES.get(EXPERIENCE_COOKIE) == NEW else CLASSIC
    return f"{wish}:{closed_announcement(request) or ''}"
