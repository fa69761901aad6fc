"""What answers look like, as the description of the API (OpenAPI 3.1) tells it."""

from __future__ import annotations

from typing import Any

from ninja import Field, Schema
from pydantic import ConfigDict, create_model


class Row(Schema):
    """A row of a list. With `fields` or `gone`, what was not asked for is left out."""

    model_config = ConfigDict(
        json_schema_extra=lambda schema: schema.pop("required", None),  # any may be left out
        extra="forbid",
    )


class One(Schema):
    """What a single thing can be asked for."""

    fields: str | None = Field(
        None, max_length=500, description="Only these fields, with commas between."
    )


class ProblemDocument(Schema):
    """Why not (RFC 9457)."""

    type: str = Field(examples=["https://example.org/api/v1/docs#not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is nothing here, or nothing that you may know."])
    instance: str = Field(examples=["/api/v1/meetings/0"])


Answers = dict[int, Any]  # as ninja takes them

FOR_ALL: Answers = dict.fromkeys((400, 401, 402, 404, 422, 429), ProblemDocument)
FOR_MEMBERS: Answers = FOR_ALL | {403: ProblemDocument}


def page_of(row: type[Schema], *, members: bool = False) -> Answers:
    """The answers of a list of these rows."""
    page = create_model(
        f"{row.__name__.removesuffix('Row')}Page",
        __base__=Schema,
        data=(list[row], ...),  # type: ignore[valid-type]  # made from what was given
        next=(str | None, Field(description="The cursor of the next page; null on the last one.")),
    )
    return {200: page, **(FOR_MEMBERS if members else FOR_ALL)}
