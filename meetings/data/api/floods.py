"""Floods are turned away before the site does anything for them: around the WSGI application.

The door counts, and finds out who is over the limit. Whoever is stays known in the process until
their window ends, and is refused here. A refusal at the door costs as much as half a page, because
much stands before it; here it costs next to nothing, and a flood leaves the machine to the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from . import callers, door, problems
from .limits import Standing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COUNTED = ("/api/v1/", "/mcp/")
UNCOUNTED = ("/api/v1/docs", "/api/v1/openapi.json", "/api/v1/playlists/")
MOST = 1_000  # kinds of refusals that are kept: by limit and second, so there are some hundred

Told = tuple[dict[str, Any], list[tuple[str, str]]]  # the document, but for its path; the headers


class Floods:
    """A WSGI application around the site's. It counts nothing, and asks neither Redis nor the
    database: it refuses whoever is known in this process to be over their limit of the API.
    """

    def __init__(self, site: WSGIApplication) -> None:
        self.site = site
        self._told: dict[Standing, Told] = {}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(COUNTED) and not path.startswith(UNCOUNTED):
            request = HttpRequest()
            request.META = environ
            standing = callers.is_over(request)
            if standing is not None:
                return self._refused(standing, environ, start)
        return self.site(environ, start)

    def _refused(
        self, standing: Standing, environ: WSGIEnvironment, start: StartResponse
    ) -> list[bytes]:
        told = self._told.get(standing)
        if told is None:
            if len(self._told) >= MOST:
                self._told = {}
            told = self._told[standing] = _told(standing)
        said, headers = told
        # WSGI hands over the bytes of a path as if they were Latin-1 (PEP 3333).
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        body = json.dumps(said | {"instance": path}).encode()
        start("429 Too Many Requests", [*headers, ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _told(standing: Standing) -> Told:
    """As the door would say it, and what the site's own middleware would add."""
    problem = problems.too_many(standing.seconds)
    headers = {
        "Content-Type": problems.CONTENT_TYPE,
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Vary": ", ".join(door.VARIES_ON),
        **problem.headers,
        **standing.headers,
    }
    return problem.document(""), list(headers.items())
