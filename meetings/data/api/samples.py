"""What the page of the API shows: each operation in a line, and programs to copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that an operation can be asked for."""

    name: str
    about: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and what it gives."""

    method: str
    path: str
    summary: str
    about: str
    parameters: Sequence[Parameter]
    needs_token: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A program in one language."""

    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something that programs do, in each language."""

    title: StrOrPromise
    samples: Sequence[Sample]


def operations(description: dict[str, Any]) -> list[tuple[str, list[Operation]]]:
    """All operations of the description, by their tag, in its order."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            parameters = [
                Parameter(
                    one["name"],
                    one.get("description") or one["schema"].get("description") or "",
                    bool(one.get("required")),
                )
                for one in told.get("parameters", [])
            ]
            operation = Operation(
                method.upper(),
                path,
                told["summary"],
                told.get("description", ""),
                parameters,
                needs_token={} not in told["security"],
            )
            groups.setdefault(told["tags"][0], []).append(operation)
    return list(groups.items())


def samples(base: str) -> list[Task]:
    """Programs that run as they stand, but for the token."""
    return [
        Task(_("Read an article, without a token"), _article(base)),
        Task(_("Copy every segment, page by page"), _copy(base)),
        Task(_("Keep a copy up to date"), _sync(base)),
    ]


def _article(base: str) -> list[Sample]:
    return [
        Sample("curl", f"curl '{base}articles?limit=1'"),
        Sample(
            "Python",
            "import httpx\n\n"
            f'page = httpx.get("{base}articles", params={{"limit": 1}}).json()\n'
            'for article in page["data"]:\n'
            '    print(article["headline"], article["url"])',
        ),
        Sample(
            "JavaScript",
            f'const answer = await fetch("{base}articles?limit=1");\n'
            "const page = await answer.json();\n"
            "for (const article of page.data) console.log(article.headline, article.url);",
        ),
    ]


def _copy(base: str) -> list[Sample]:
    return [
        Sample(
            "curl",
            "curl --header 'Accept: application/x-ndjson' \\\n"
            '  --header "Authorization: Bearer $TOKEN" \\\n'
            f"  '{base}transcripts/77/segments'",
        ),
        Sample(
            "Python",
            "import os, httpx\n\n"
            f'api = httpx.Client(base_url="{base}", headers={{\n'
            '    "Authorization": f"Bearer {os.environ[\'TOKEN\']}"}})\n'
            'asked = {"limit": 1000}\n'
            "while True:\n"
            '    page = api.get("segments", params=asked).raise_for_status().json()\n'
            '    for segment in page["data"]:\n'
            '        print(segment["url"], segment["speaker"], segment["text"])\n'
            '    if page["next"] is None:\n'
            "        break\n"
            '    asked["cursor"] = page["next"]',
        ),
        Sample(
            "JavaScript",
            "const headers = { Authorization: `Bearer ${process.env.TOKEN}` };\n"
            f'const address = new URL("{base}segments?limit=1000");\n'
            "for (let next = null; ; ) {\n"
            '  if (next) address.searchParams.set("cursor", next);\n'
            "  const page = await (await fetch(address, { headers })).json();\n"
            "  for (const segment of page.data) console.log(segment.speaker, segment.text);\n"
            "  if (!(next = page.next)) break;\n"
            "}",
        ),
    ]


def _sync(base: str) -> list[Sample]:
    return [
        Sample(
            "curl",
            "# The header Synced-Until of the first page is the updated_since of the next time.\n"
            f"curl --include '{base}meetings?updated_since=2026-10-01T00:00:00Z'",
        ),
        Sample(
            "Python",
            "import httpx\n\n"
            f'first = httpx.get("{base}meetings", params={{"updated_since": since}})\n'
            'for meeting in first.json()["data"]:  # and the pages after it\n'
            '    drop(meeting["id"])\n'
            '    if not meeting.get("gone"):\n'
            '        copy(meeting["id"])\n'
            'since = first.headers["Synced-Until"]  # keep it for the next time',
        ),
        Sample(
            "JavaScript",
            f'const first = await fetch("{base}meetings?updated_since=" + since);\n'
            "for (const meeting of (await first.json()).data) {\n"
            "  await drop(meeting.id);\n"
            "  if (!meeting.gone) await copy(meeting.id);\n"
            "}\n"
            'since = first.headers.get("Synced-Until"); // keep it for the next time',
        ),
    ]
