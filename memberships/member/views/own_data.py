"""The person's own data, as a file."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from memberships.gate.audience import signed_in
from memberships.gate.entitlement import Request, User
from memberships.member import own_data as data


@signed_in
@require_safe
def own_data(request: Request) -> HttpResponse:
    """Everything that we know about you, as JSON to keep."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    now = timezone.now()
    answer = JsonResponse(data.of(request.user, now=now), json_dumps_params={"indent": 2})
    name = f"{slugify(settings.SITE_NAME) or 'portal'}-{now:%Y-%m-%d}.json"
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return answer
