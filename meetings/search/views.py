"""The search page."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from memberships.gate.audience import public
from memberships.gate.entitlement import Request

from . import services
from .answering import answer
from .folder import Folder
from .forms import SearchForm
from .limits import TooMany, spend_search
from .parsing import parse
from .reading import reader
from .writing import Unusable

logger = logging.getLogger(__name__)


@public
@require_safe
def search(request: Request) -> HttpResponse:
    """What was found, or how to search. While somebody types, only the part below the box.

    Members search every word, everybody else articles and agendas.
    """
    form = SearchForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such page."))
    asked = form.asked
    context: dict[str, Any] = {"asked": asked}
    if not asked.text:
        return _page(request, context)
    now, may_estimate = timezone.now(), False
    if not request.is_member:
        try:
            may_estimate = spend_search(request, now=now)
        except TooMany as limit:
            refused = _page(request, context | {"trouble": str(limit)}, status=429)
            refused.headers["Retry-After"] = str(limit.seconds)
            return refused
    parsed = parse(asked.text)
    context["notes"] = parsed.notes
    try:
        found = answer(
            reader().open(),
            asked,
            parsed,
            is_member=bool(request.is_member),
            may_estimate=may_estimate,
        )
    except Unusable as error:
        logger.warning("The index cannot be searched: %s", error)
        Folder(Path(settings.INDEX_ROOT)).doubt()
        trouble = _("Search is being set up and will be back soon. Everything else works.")
        return _page(request, context | {"trouble": trouble}, status=503)
    if found and found.is_fruitless and parsed.tree and not _is_typing(request):
        services.note_fruitless(tree=parsed.tree, now=now)
    playback_seconds = settings.PLAYBACK_SECONDS
    return _page(request, context | {"answer": found, "playback_seconds": playback_seconds})


def _page(request: Request, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    template = "search/_found.html" if _is_typing(request) else "search/page.html"
    page = render(request, template, context | {"is_part": _is_typing(request)}, status=status)
    patch_vary_headers(page, ["HX-Request"])
    return page


def _is_typing(request: Request) -> bool:
    return "HX-Request" in request.headers
