"""Refusals as problem documents (RFC 9457). Each kind has a paragraph on the page of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

CONTENT_TYPE = "application/problem+json"
BEARER = "Bearer"


@dataclass(eq=False)
class Problem(Exception):
    """What went wrong: `slug` names the kind, `detail` tells a person what to do."""

    status: int
    slug: str
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)

    def answer(self, request: HttpRequest) -> JsonResponse:
        """The problem as `application/problem+json` (RFC 9457, section 3)."""
        return JsonResponse(
            self.document(request.path),
            status=self.status,
            headers=dict(self.headers),
            content_type=CONTENT_TYPE,
        )

    def document(self, path: str) -> dict[str, object]:
        """What it says of a request for this path."""
        offers = self.status == 402
        about = reverse("membership") if offers else reverse("api-docs")
        said: dict[str, object] = {
            "type": f"{settings.SITE_URL}{about}#{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": path,
            **self.more,
        }
        if offers:
            said["offer"] = settings.SITE_URL + about
        return said


def token_needed() -> Problem:
    return Problem(
        401,
        "token-needed",
        _("Token needed"),
        _("Send a token of a member in the header Authorization: Bearer cp_live_…"),
        {"WWW-Authenticate": f'{BEARER} realm="api"'},
    )


def bad_token() -> Problem:
    return Problem(
        401,
        "bad-token",
        _("This token opens nothing"),
        _("It is not one of ours, was revoked, or has run out. Make a new one in your account."),
        {"WWW-Authenticate": f'{BEARER} realm="api", error="invalid_token"'},
    )


def membership_needed() -> Problem:
    return Problem(
        402,
        "membership-needed",
        _("Membership needed"),
        _("This token belongs to somebody who is not a member now. It works again with them."),
    )


def scope_needed(scope: str) -> Problem:
    return Problem(
        403,
        "scope-needed",
        _("This token may not do this"),
        _("It lacks the scope “%s”. Make a token that has it.") % scope,
        {
            "WWW-Authenticate": (
                f'{BEARER} realm="api", error="insufficient_scope", scope="{scope}"'
            )
        },
        {"scope": scope},
    )


def not_found() -> Problem:
    return Problem(
        404, "not-found", _("Not found"), _("There is nothing here, or nothing that you may know.")
    )


def not_allowed(allowed: str) -> Problem:
    return Problem(
        405,
        "method-not-allowed",
        _("Method not allowed"),
        _("This address is asked with %s.") % allowed,
        {"Allow": allowed},
    )


def bad_request(detail: str, slug: str = "bad-request") -> Problem:
    return Problem(400, slug, _("This cannot be asked"), detail)


def bad_cursor() -> Problem:
    return bad_request(
        _("This cursor is not one of ours, or belongs to another list. Begin again without it."),
        "bad-cursor",
    )


def invalid(errors: list[dict[str, object]]) -> Problem:
    """`errors` say where (`in`, `name`) and what (`detail`)."""
    first = errors[0] if errors else {}
    detail = _("%(name)s: %(detail)s") % {
        "name": first.get("name", ""),
        "detail": first.get("detail", ""),
    }
    return Problem(422, "invalid", _("This is not as it should be"), detail, {}, {"errors": errors})


def too_many(seconds: int) -> Problem:
    return Problem(
        429,
        "too-many-requests",
        _("Too many requests"),
        _("You ask faster than we answer. Go on in %d seconds.") % seconds,
        {"Retry-After": str(seconds)},
    )


def broken_off() -> Problem:
    """The last line of an answer of lines that could not be finished: its status is out already."""
    return Problem(
        500,
        "broken-off",
        _("This answer broke off"),
        _("Something failed here. These are not all lines: ask again."),
    )


def unavailable() -> Problem:
    return Problem(
        503,
        "search-unavailable",
        _("Search is being set up"),
        _("It will be back soon. Everything else works."),
        {"Retry-After": "60"},
    )
