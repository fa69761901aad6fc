"""Lists: pages in order of keys that never change, so that none is skipped and none comes twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Path, Schema

from meetings.records import changes
from meetings.records.models import Change

from . import cursors, problems

M = TypeVar("M", bound=Model)
Row = dict[str, Any]  # JSON, at the boundary

MOST = 1_000
BIGGEST = 2**63 - 1
# Clocks of several machines differ a little; whoever copies gets some rows twice, and misses none.
SLACK = timedelta(seconds=5)
UNKNOWN = timedelta(minutes=10)

Id = Annotated[int, Path(ge=1, le=BIGGEST)]
ById = Annotated[int | None, Field(ge=1, le=BIGGEST)]


class Asked(Schema):
    """What every list can be asked for."""

    limit: int = Field(100, ge=1, le=MOST, description="Rows on a page.")
    cursor: str | None = Field(
        None, max_length=cursors.LONGEST, description="`next` of the page before. Leave it opaque."
    )
    fields: str | None = Field(
        None, max_length=500, description="Only these fields of each row, with commas between."
    )

    @property
    def filters(self) -> dict[str, Any]:
        """What makes this another list: all but where one is in it, and how much is shown."""
        given = self.model_dump(exclude={"limit", "cursor", "fields"}, exclude_none=True)
        return {name: str(value) for name, value in given.items()}


class AskedSince(Asked):
    """What lists about meetings can be asked for besides."""

    updated_since: datetime | None = Field(
        None,
        description=(
            "Only what belongs to meetings in which something changed at this instant or later, "
            "and what is gone since: a row with `gone` is no longer public. Send what the header "
            "`Synced-Until` of the first page said the last time."
        ),
        examples=["2026-10-01T00:00:00Z"],
    )

    @property
    def since(self) -> datetime | None:
        """In UTC, because the database knows fewer zones than can be written."""
        given = self.updated_since
        if given is None or given.tzinfo is None:
            return given and given.replace(tzinfo=UTC)
        try:
            return given.astimezone(UTC)
        except OverflowError:  # at the ends of time
            return given.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the cursor that goes on."""

    rows: Sequence[Row]
    next: str | None


def keyset(
    rows: QuerySet[M],
    asked: Asked,
    *,
    name: str,
    shown: Callable[[M], Row],
    narrowed: Mapping[str, object] | None = None,
) -> Page:
    """A page of a list in order of its primary key. `narrowed` are filters that are not `asked`."""
    filters = {**asked.filters, **(narrowed or {})}
    if asked.cursor is not None:
        (last,) = cursors.read(asked.cursor, name, filters, length=1)
        rows = rows.filter(pk__gt=last)
    found = list(rows.order_by("pk")[: asked.limit + 1])
    is_last = len(found) <= asked.limit
    found = found[: asked.limit]
    after = None if is_last else cursors.written(name, filters, [found[-1].pk])
    return Page([shown(row) for row in found], after)


def answer(
    request: HttpRequest,
    page: Page,
    asked: Asked,
    schema: type[Schema],
    *,
    synced: datetime | None = None,
) -> JsonResponse:
    """The page as JSON. `synced` is what the header `Synced-Until` says of it."""
    wanted = wanted_fields(asked.fields, schema)
    rows = [picked(row, wanted) for row in page.rows]
    response = json_of({"data": rows, "next": page.next})
    if page.next is not None:
        query = request.GET.copy()
        query["cursor"] = page.next
        address = settings.SITE_URL + request.path
        response.headers["Link"] = f'<{address}?{urlencode(sorted(query.items()))}>; rel="next"'
    if synced is not None:
        response.headers["Synced-Until"] = synced.isoformat().replace("+00:00", "Z")
    return response


def json_of(data: object, *, status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, safe=False)


def one(row: Row, fields: str | None, schema: type[Schema]) -> JsonResponse:
    """A single thing as JSON."""
    return json_of(picked(row, wanted_fields(fields, schema)))


def wanted_fields(fields: str | None, schema: type[Schema]) -> frozenset[str] | None:
    """The fields that were asked for; None for all. Raises Problem for one that there is not."""
    if fields is None:
        return None
    names = frozenset(name.strip() for name in fields.split(",")) - {""}
    unknown = names - set(schema.model_fields)
    if unknown or not names:
        known = ", ".join(schema.model_fields)
        raise problems.bad_request(
            _("There is no such field: %(unknown)s. There are: %(known)s.")
            % {"unknown": ", ".join(sorted(unknown)) or "–", "known": known},
            "unknown-field",
        )
    return names


def picked(row: Row, wanted: Iterable[str] | None) -> Row:
    if wanted is None or row.get("gone"):
        return row
    return {name: value for name, value in row.items() if name in wanted}


def synced_until(asked: Asked) -> datetime | None:
    """Everything recorded before this instant is visible now: no transaction is open that could
    still write something older. To be asked before the first page is read; None on later ones.
    """
    if asked.cursor is not None:
        return None
    now = timezone.now()
    oldest = changes.oldest_transaction()
    if oldest is None:
        return now - SLACK
    return min(now, oldest.since or now - UNKNOWN) - SLACK


def changed_since(since: datetime) -> QuerySet[Change, int]:
    """The meetings in which something changed at this instant or later."""
    rows = Change.objects.filter(created_at__gte=since)
    return rows.values_list("meeting_id", flat=True)


def taken_back_since(since: datetime) -> QuerySet[Change, int]:
    """The meetings that went out of public at this instant or later, wherever they are now: what is
    a draft again must not be a draft that copies still show.
    """
    rows = Change.objects.filter(kind=Change.Kind.WITHDRAWN, created_at__gte=since)
    return rows.values_list("meeting_id", flat=True)


def address_of(path: str) -> str:
    """The whole address of a path of this site."""
    return f"{settings.SITE_URL}{path}"


def moment_of(meeting_path: str, start_ms: int) -> str:
    """The meeting page, opened at this moment."""
    seconds = f"{start_ms / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{settings.SITE_URL}{meeting_path}?t={seconds}#moment"
