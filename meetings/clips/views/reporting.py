"""Saying what is wrong with a clip."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from meetings.articles.forms import ReportForm
from meetings.articles.reporting import TooManyReports
from meetings.articles.visitors import reporter_hash
from memberships.gate.audience import capability
from memberships.gate.entitlement import Request

from .. import services
from ..models import Clip
from .page import may_play


@capability(may_play)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: Request, slug: str) -> HttpResponse:
    """The form that reports a clip, for whoever can see it."""
    clip = get_object_or_404(Clip.objects.select_related("meeting"), slug=slug)
    now = timezone.now()
    form = ReportForm(request.POST if request.method == "POST" else None, about=clip.slug, now=now)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.report(
                    clip=clip,
                    what=form.cleaned_data["what"],
                    email=form.cleaned_data["email"],
                    reporter_hash=reporter_hash(request),
                    now=now,
                )
            except TooManyReports as limit:
                form.add_error(None, str(limit))
                status = 429
            else:
                return redirect("clip-reported", slug=clip.slug)
    return render(request, "clips/report.html", {"clip": clip, "form": form}, status=status)


@capability(may_play)
@require_safe
def reported(request: Request, slug: str) -> HttpResponse:
    """What happens with a report now."""
    clip = get_object_or_404(Clip, slug=slug)
    return render(request, "clips/reported.html", {"clip": clip})
