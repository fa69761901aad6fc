"""What a finder of insights hands over: plain text, each line with the segments it rests on."""

from dataclasses import dataclass
from enum import StrEnum

from ..spans import Span


class Kind(StrEnum):
    """What somebody looks for in a meeting."""

    DECISION = "decision"
    VOTE = "vote"
    COMMITMENT = "commitment"
    MONEY = "money"
    DATE = "date"
    QUESTION = "question"


class Cast(StrEnum):
    """How somebody voted."""

    AYE = "aye"
    NO = "no"
    ABSTAINED = "abstained"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote went; None is what was not said."""

    ayes: int | None = None
    noes: int | None = None
    abstained: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An insight before it is stored. `votes` are names with what each of them cast."""

    kind: Kind
    text: str
    spans: tuple[Span, ...]
    who: str = ""
    due: str = ""
    tally: Tally = Tally()
    votes: tuple[tuple[str, Cast], ...] = ()
