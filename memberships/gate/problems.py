"""Refusals for programs: problem documents, as RFC 9457 describes them."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Problem:
    """What went wrong: `slug` names the kind, `detail` tells a person what to do."""

    status: int
    slug: str
    title: str
    detail: str


def answer(problem: Problem, request: HttpRequest) -> JsonResponse:
    """The problem as `application/problem+json` (RFC 9457, section 3)."""
    offer = settings.SITE_URL + reverse("membership")
    return JsonResponse(
        {
            "type": f"{offer}#{problem.slug}",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "instance": request.path,
            "offer": offer,
        },
        status=problem.status,
        content_type="application/problem+json",
    )


def membership_needed() -> Problem:
    """402: this is for members, and whoever asks is not one now."""
    return Problem(
        status=402,
        slug="membership-needed",
        title=_("Membership needed"),
        detail=_("This is for members. Sign in, or become a member, then ask again."),
    )
