"""What the page of the API shows: each operation in a line, and programs to copy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_CODE = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that an operation can be asked for."""

    name: str
    about: SafeString
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and what it gives."""

    method: str
    path: str
    about: SafeString
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
                    _shown(one.get("description") or one["schema"].get("description") or ""),
                    bool(one.get("required")),
                )
                for one in told.get("parameters", [])
            ]
            operation = Operation(
                method.upper(),
                path,
                _shown(told.get("description") or told["summary"]),
                parameters,
                needs_token={} not in told["security"],
            )
            groups.setdefault(told["tags"][0], []).append(operation)
    return list(groups.items())


def _shown(words: str) -> SafeString:
    """A description, which is CommonMark, as HTML. Of its marks ours have code alone."""
    pieces = _CODE.split(words)  # plain, code, plain …
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<code>{}</code>", piece) if n % 2 else piece,)
            for n, piece in enumerate(pieces)
        ),
    )


def samples(base: str) -> list[Task]:
    """Programs that run as they stand, with a member's token as TOKEN in the environment."""
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
            "import requests\n\n"
            f'page = requests.get("{base}articles", params={{"limit": 1}}).json()\n'
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
            "# One page. Ask again with &cursor= and its next, until that is null.\n"
            'curl --header "Authorization: Bearer $TOKEN" \\\n'
            f"  '{base}segments?limit=1000'",
        ),
        Sample(
            "Python",
            "import os, requests\n\n"
            "api = requests.Session()\n"
            'api.headers["Authorization"] = "Bearer " + os.environ["TOKEN"]\n'
            'asked = {"limit": 1000}\n'
            "while True:\n"
            f'    answer = api.get("{base}segments", params=asked)\n'
            "    answer.raise_for_status()\n"
            "    page = answer.json()\n"
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
            "  const answer = await fetch(address, { headers });\n"
            "  if (!answer.ok) throw new Error(await answer.text());\n"
            "  const page = await answer.json();\n"
            "  for (const segment of page.data) {\n"
            "    console.log(segment.url, segment.speaker, segment.text);\n"
            "  }\n"
            "  if (!(next = page.next)) break;\n"
            "}",
        ),
    ]


def _sync(base: str) -> list[Sample]:
    return [
        Sample(
            "curl",
            "# Keep the header Synced-Until: it is the updated_since of the next time.\n"
            "curl --include \\\n"
            f"  '{base}meetings?updated_since=2026-01-01T00:00:00Z'",
        ),
        Sample(
            "Python",
            "import requests\n\n"
            'asked = {"updated_since": "2026-01-01T00:00:00Z"}  # kept from the last time\n'
            f'first = requests.get("{base}meetings", params=asked)\n'
            "first.raise_for_status()\n"
            'for meeting in first.json()["data"]:  # and of the pages after it\n'
            '    print("drop" if meeting.get("gone") else "copy again", meeting["id"])\n'
            'print("Keep for the next time:", first.headers["Synced-Until"])',
        ),
        Sample(
            "JavaScript",
            f'const address = new URL("{base}meetings");\n'
            'address.searchParams.set("updated_since", "2026-01-01T00:00:00Z"); // kept\n'
            "const first = await fetch(address);\n"
            "for (const meeting of (await first.json()).data) { // and of the pages after it\n"
            '  console.log(meeting.gone ? "drop" : "copy again", meeting.id);\n'
            "}\n"
            'console.log("Keep for the next time:", first.headers.get("Synced-Until"));',
        ),
    ]
