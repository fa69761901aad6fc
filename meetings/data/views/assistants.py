"""The address that assistants call."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from meetings.data import assistants
from meetings.data.api import door, problems
from meetings.data.api.callers import CallerRequest


def _mcp(request: HttpRequest) -> HttpResponseBase:
    """MCP over HTTP, without sessions: every message is a POST of its own with a token."""
    if request.method != "POST":
        raise problems.not_allowed("POST")
    caller = cast("CallerRequest", request).caller
    if caller.reader is None:
        raise problems.token_needed()
    return assistants.answer(request, caller)


mcp = door.behind(_mcp)
