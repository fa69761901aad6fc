"""What there is for machines that look around: sitemaps, and a page in plain text."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from memberships.gate.audience import public

from .. import sitemaps

TYPE = "application/xml; charset=utf-8"


@public(cached=True)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The index of all sitemaps."""
    return HttpResponse("".join(sitemaps.index(now=timezone.now())), content_type=TYPE)


@public
@require_safe
def file(request: HttpRequest, name: str, number: int) -> HttpResponseBase:
    """One sitemap. It may be long, so it is sent as it is written, and not kept."""
    now = timezone.now()
    stretch = sitemaps.exists(name, number, now=now)
    if stretch is None:
        raise Http404(_("There is no such sitemap."))
    return StreamingHttpResponse(sitemaps.file(name, stretch, now=now), content_type=TYPE)


@public(cached=True)
@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """What assistants may read, and how: Markdown (https://llmstxt.org)."""
    context = {
        "licence": settings.DATA_LICENSE,
        "licence_url": settings.DATA_LICENSE_URL,
        "assistants": reverse("mcp"),
    }
    return render(request, "data/llms.txt", context, content_type="text/plain; charset=utf-8")
