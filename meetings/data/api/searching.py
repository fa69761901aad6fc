"""Search, in the language of the search page: every word, for members."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from meetings.search.answering import answer
from meetings.search.finding import LAST_PAGE
from meetings.search.folder import Folder
from meetings.search.forms import SearchForm
from meetings.search.moments import Moment
from meetings.search.parsing import parse
from meetings.search.reading import reader
from meetings.search.writing import Unusable

from . import lists, problems
from .callers import CallerRequest, MemberToken
from .describing import FOR_MEMBERS, ProblemDocument

logger = logging.getLogger(__name__)
router = Router(tags=["Search"], auth=MemberToken("search"))


class LinePart(Schema):
    """A segment of a moment; of an article a sentence, of an agenda a title."""

    text: str
    speaker: str | None
    start_ms: int | None
    key: str | None
    matches: list[list[int]] = Field(description="Begin and end of each match, in characters.")


class MomentPart(Schema):
    """A place in a meeting that meets the search."""

    kind: str = Field(examples=["transcripts"])
    meeting: int = Field(examples=[42])
    meeting_title: str = Field(examples=["Regular meeting"])
    held_on: str = Field(examples=["2026-09-14"])
    article: int | None
    start_ms: int | None
    end_ms: int | None
    lines: list[LinePart]
    url: str = Field(description="Where it opens: the meeting at this moment, or the article.")


class FoundPage(Schema):
    """A page of moments."""

    total: int = Field(description="Passages that meet the search, on all pages.")
    notes: list[str] = Field(description="What of the search was not understood.")
    data: list[MomentPart]
    next_page: int | None


class AskedSearch(Schema):
    """As the address of the search page."""

    q: str = Field(
        min_length=1,
        max_length=500,
        description=(
            'Words, "exact phrases", -not, OR, speaker:, body:, place:, after:, before:, as on the '
            "search page."
        ),
        examples=['"affordable housing" speaker:ruiz'],
    )
    kind: Literal["transcripts", "agendas", "articles"] | None = None
    body: str | None = Field(None, max_length=100, description="The slug of a body.")
    place: str | None = Field(None, max_length=100, description="The slug of a place.")
    year: int | None = Field(None, ge=1, le=9_998)
    meeting: lists.ById = Field(None, description="The id of a meeting.")
    sort: Literal["relevance", "newest", "oldest"] | None = None
    page: int = Field(1, ge=1, le=LAST_PAGE, description="Ten meetings are on a page.")


@router.get(
    "/search",
    response={200: FoundPage, 503: ProblemDocument, **FOR_MEMBERS},
    summary="Search every word",
)
def search(request: CallerRequest, asked: Annotated[AskedSearch, Query()]) -> HttpResponse:
    """Moments that meet a search, grouped by meeting, the best first."""
    return lists.json_of(found(asked))


def found(asked: AskedSearch) -> lists.Row:
    """A page of moments as JSON. Raises Problem."""
    form = SearchForm(asked.model_dump(exclude_none=True))
    if not form.is_valid():
        raise problems.invalid(
            [
                {"in": "query", "name": name, "detail": str(errors[0])}
                for name, errors in form.errors.items()
            ]
        )
    parsed = parse(form.asked.text)
    try:
        answered = answer(reader().open(), form.asked, parsed, is_member=True)
    except Unusable as error:
        logger.warning("The index cannot be searched: %s", error)
        Folder(Path(settings.INDEX_ROOT)).doubt()
        raise problems.unavailable() from None
    moments: Sequence[Moment] = answered.found.moments if answered else []
    return {
        "total": answered.total if answered else 0,
        "notes": [str(note) for note in parsed.notes],
        "data": [_moment(one) for one in moments],
        "next_page": asked.page + 1 if answered and answered.found.has_next else None,
    }


def _moment(moment: Moment) -> lists.Row:
    return {
        "kind": str(moment.kind),
        "meeting": moment.meeting.pk,
        "meeting_title": moment.meeting.title,
        "held_on": moment.meeting.held_on,
        "article": moment.article.pk if moment.article else None,
        "start_ms": moment.start_ms,
        "end_ms": moment.end_ms,
        "lines": [
            {
                "text": line.text,
                "speaker": line.speaker or None,
                "start_ms": line.start_ms,
                "key": line.key or None,
                "matches": _matches([(part.text, part.is_match) for part in line.parts]),
            }
            for line in moment.lines
        ],
        "url": lists.address_of(moment.url),
    }


def _matches(parts: list[tuple[str, bool]]) -> list[list[int]]:
    spans, at = [], 0
    for text, is_match in parts:
        if is_match:
            spans.append([at, at + len(text)])
        at += len(text)
    return spans
