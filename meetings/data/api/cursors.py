"""Cursors: where in a list the next page begins. Opaque, signed, and good for one list only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from django.core.signing import BadSignature, Signer

from .problems import bad_cursor

LONGEST = 1_000


def written(name: str, filters: Mapping[str, object], key: Sequence[int]) -> str:
    """The cursor that goes on after the row with this key. The same place has the same cursor."""
    return Signer(salt="meetings.data.cursors").sign_object([_list_of(name, filters), *key])


def read(cursor: str, name: str, filters: Mapping[str, object], *, length: int) -> list[int]:
    """The key that a cursor of this list goes on after. Raises Problem for any other text."""
    if len(cursor) > LONGEST:
        raise bad_cursor()
    try:
        said = Signer(salt="meetings.data.cursors").unsign_object(cursor)
    except (BadSignature, ValueError):
        raise bad_cursor() from None
    if not isinstance(said, list) or len(said) != length + 1 or said[0] != _list_of(name, filters):
        raise bad_cursor()
    return [int(part) for part in said[1:]]


def _list_of(name: str, filters: Mapping[str, object]) -> str:
    """A list and what narrows it, in a few letters."""
    said = json.dumps([name, filters], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
