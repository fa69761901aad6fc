"""A member's shelf: their own clips, to find, to change and to delete."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from memberships.gate.audience import signed_in
from memberships.gate.entitlement import Request

from .. import queries, services
from ..forms.details import DetailsForm
from ..models import Clip

PER_PAGE = 20
WORDS_MAX = 200


@signed_in
@require_safe
def shelf(request: Request) -> HttpResponse:
    """One's own clips, newest first; with `?q=`, those in which all these words stand."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:WORDS_MAX]
    number = request.GET.get("page", "1")
    try:
        page = Paginator(queries.shelf(request.user, words), PER_PAGE).page(number)
    except InvalidPage as error:
        raise Http404(_("There is no such page.")) from error
    narrowing = f"{urlencode({'q': words})}&" if words else ""
    context = {"page": page, "words": words, "narrowing": narrowing}
    return render(request, "clips/shelf.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, slug: str) -> HttpResponse:
    """Title, note, visibility and name of one's own clip."""
    clip = _own(request, slug)
    kept = {name: getattr(clip, name) for name in DetailsForm.base_fields}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=kept)
    if form.is_valid():
        try:
            services.change(clip=clip, now=timezone.now(), **form.cleaned_data)
        except Clip.DoesNotExist as error:  # it was deleted in another window meanwhile
            raise Http404 from error
        messages.success(request, _("The clip is changed."))
        return redirect(clip)
    status = 422 if form.errors else 200
    return render(request, "clips/change.html", {"clip": clip, "form": form}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, slug: str) -> HttpResponse:
    """Ask, and then delete one's own clip."""
    clip = _own(request, slug)
    if request.method == "POST":
        services.delete(clip=clip, now=timezone.now())
        messages.success(request, _("The clip is deleted. Its address says that it is gone."))
        return redirect("clips")
    return render(request, "clips/delete.html", {"clip": clip})


def _own(request: Request, slug: str) -> Clip:
    own = Clip.objects.owned_by(request.user).select_related("meeting__body")
    return get_object_or_404(own, slug=slug)
