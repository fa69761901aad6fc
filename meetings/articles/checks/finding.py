"""A finding: what a check says of one claim in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a claim is about. One check may find claims of several kinds."""

    EVIDENCE = "evidence"
    QUOTATION = "quotation"
    FIGURE = "figure"
    DATE = "date"
    MONEY = "money"
    VOTE = "vote"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one claim.

    `verdict` is one of those that the module of the check names; it failed where the module's
    `FAILED` has it. `start` and `end` are characters of the sentence (half-open), marks around the
    claim included. `detail` is what a person wants to see beside the verdict, as plain JSON: the
    module that makes it says which names it has.
    """

    kind: Kind
    verdict: str
    start: int
    end: int
    detail: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """`Any` is what JSON has: texts, numbers, lists of them."""
