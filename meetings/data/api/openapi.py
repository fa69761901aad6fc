"""The description of the API for machines: OpenAPI 3.1, as ninja writes it and the door adds."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from ninja.responses import NinjaJSONEncoder

from . import problems
from .describing import ProblemDocument
from .site import api

Json = dict[str, Any]

BASE = "/api/v1/"
_PROBLEM = f"#/components/schemas/{ProblemDocument.__name__}"
_LINES = "/transcripts/{number}/segments"


@cache
def description() -> Json:
    """All of it. It changes only with the code."""
    written = json.dumps(api.get_openapi_schema(path_prefix=BASE), cls=NinjaJSONEncoder)
    schema: Json = json.loads(written)  # as machines read it: every key is text
    schema["openapi"] = "3.1.0"
    schema["servers"] = [{"url": settings.SITE_URL}]
    schema["info"]["contact"] = {"email": settings.CONTACT_EMAIL}
    schema["externalDocs"] = {"url": settings.SITE_URL + reverse("api-docs")}
    schemes = schema["components"]["securitySchemes"]
    for name in list(schemes):
        schemes[name] = {"type": "http", "scheme": "bearer", "bearerFormat": "cp_live_…"}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _complete(operation, is_get=method == "get")
            if path.endswith(_LINES):
                _add_lines(operation)
            if "security" not in operation:  # a token is welcome, and shows more
                operation["security"] = [{}, *({name: []} for name in schemes)]
    return schema


def _complete(operation: Json, *, is_get: bool) -> None:
    responses = operation["responses"]
    for answer in responses.values():
        content = answer.get("content", {}).get("application/json", {})
        if content.get("schema", {}).get("$ref") == _PROBLEM:
            answer["content"] = {problems.CONTENT_TYPE: content}
            answer["description"] = "A problem document (RFC 9457)."
    limits = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in (
            ("RateLimit-Policy", "How many requests (q) in how many seconds (w)."),
            ("RateLimit", "How many are left (r), and for how many seconds (t)."),
        )
    }
    for status in ("200", "201"):
        if status in responses:
            responses[status]["headers"] = dict(limits)
    if is_get:
        tag = {"description": "The tag to send as If-None-Match.", "schema": {"type": "string"}}
        responses["200"].setdefault("headers", {})["ETag"] = tag
        responses["304"] = {"description": "You have it already (If-None-Match)."}


def _add_lines(operation: Json) -> None:
    answer = operation["responses"]["200"]
    answer["content"]["application/x-ndjson"] = {
        "schema": {
            "type": "string",
            "description": (
                "A segment on each line, as JSON. Where something failed on the way, the last line "
                "is a problem document instead."
            ),
        }
    }
    answer["headers"]["Segment-Count"] = {
        "description": "How many lines there are, with NDJSON.",
        "schema": {"type": "integer"},
    }
