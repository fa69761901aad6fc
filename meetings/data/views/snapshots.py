"""The data page, what is in a snapshot, and its files."""

from math import ceil
from typing import NoReturn

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from memberships.gate.audience import capability, members_only, public
from memberships.gate.entitlement import Request, User

from ..bulk import delivery, keeping
from ..bulk.manifests import NAME, Manifest
from ..bulk.showing import holdings, newest

# What the page gives to copy; a test runs it.
SPEAKING = """\
SELECT speaker, sum(end_ms - start_ms) / 60000 AS minutes
FROM 'snapshot/segments-*.parquet' AS segment
JOIN 'snapshot/transcripts-*.parquet' AS transcript
  ON transcript.id = transcript_id
WHERE is_current AND speaker IS NOT NULL
GROUP BY speaker ORDER BY minutes DESC LIMIT 20;"""


@public(cached=True)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What data there are, what may be done with them, and the newest snapshot."""
    context = {
        "newest": newest(),
        "all_links": reverse("data-links", args=[keeping.LATEST]),
        "query": SPEAKING,
        "api": reverse("api-docs"),
        "feeds": reverse("feeds"),
        "membership": reverse("membership"),
        "licence": settings.DATA_LICENSE,
        "licence_url": settings.DATA_LICENSE_URL,
        "link_hours": ceil(settings.DATA_LINK_HOURS),
        "kept": settings.DATA_SNAPSHOTS_KEPT,
    }
    return render(request, "data/page.html", context)


@public(cached=True)
@require_safe
def table(request: HttpRequest, name: str, table: str) -> HttpResponse:
    """The files of one table: months, rows, sizes and hashes. The files are for members."""
    manifest = _manifest(name)
    holding = manifest.table(table)
    if holding is None:
        _gone()
    months = holdings(holding)
    context = {"snapshot": name, "manifest": manifest, "table": holding, "months": months}
    return render(request, "data/table.html", context)


@members_only
@require_safe
def file(request: Request, name: str, file: str) -> HttpResponse:
    """Leads to a file under an address that can be gone on with, and needs no session."""
    snapshot = _name(name)
    if not keeping.is_file(file):
        _gone()
    if file != NAME and all(file != one.name for one in _manifest(snapshot).files()):
        _gone()
    return HttpResponseRedirect(delivery.address(_token(request, snapshot), file))


@members_only(problem=True)
@require_safe
def links(request: Request, name: str) -> HttpResponse:
    """The addresses of all files, one on a line, for programs that fetch many."""
    snapshot = _name(name)
    token = _token(request, snapshot)
    names = [NAME, *(file.name for file in _manifest(snapshot).files())]
    lines = [f"{settings.SITE_URL}{delivery.address(token, name)}\n" for name in names]
    return HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")


def is_leave_good(request: HttpRequest, token: str, file: str) -> bool:
    """The token is ours and not over, its member is one, and the name is a file's."""
    leave = delivery.leave_of(token)
    return leave is not None and keeping.is_file(file) and leave.is_good(at=timezone.now())


@capability(is_leave_good, refusal=403)
@require_safe
def download(request: HttpRequest, token: str, file: str) -> HttpResponseBase:
    """One file of a snapshot, or a part of it. A token that is good is the permission."""
    leave = delivery.leave_of(token)
    if leave is None:  # it ended in this very moment
        _gone()
    return delivery.answer(leave, file, request)


def _name(name: str) -> str:
    """The snapshot that is meant; `latest` is the newest."""
    if name == keeping.LATEST:
        names = keeping.names()
        return names[0] if names else _gone()
    return name if keeping.is_snapshot(name) else _gone()


def _manifest(name: str) -> Manifest:
    try:
        return keeping.manifest(_name(name))
    except FileNotFoundError:
        _gone()


def _gone() -> NoReturn:
    raise Http404(_("There is no such file, or it was replaced by a newer one."))


def _token(request: Request, snapshot: str) -> str:
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    return delivery.token(snapshot, request.user)
