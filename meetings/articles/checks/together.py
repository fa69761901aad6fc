"""All checks of a sentence in one place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from meetings.transcripts.utterances import Spoken

from . import dates, evidence, figures, names, quotations, votes
from .finding import Finding, Kind
from .heard import Heard

FAILED: dict[Kind, frozenset[str]] = {
    Kind.EVIDENCE: evidence.FAILED,
    Kind.QUOTATION: quotations.FAILED,
    Kind.FIGURE: figures.FAILED,
    Kind.MONEY: figures.FAILED,
    Kind.DATE: dates.FAILED,
    Kind.VOTE: votes.FAILED,
    Kind.NAME: names.FAILED,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a meeting and need not be said in it."""

    held_on: date | None = None
    names: Collection[str] = ()
    language: str = "en"


def check(
    sentence: str, cited: Sequence[Spoken], transcript: Heard, *, facts: Facts
) -> list[Finding]:
    """What all checks say of a sentence: its evidence first, then its claims in their order."""
    claims = [
        *quotations.check(sentence, cited, transcript),
        *figures.check(sentence, cited, transcript),
        *dates.check(sentence, cited, transcript, held_on=facts.held_on),
        *votes.check(sentence, cited, transcript),
        *names.check(sentence, cited, transcript, known=facts.names),
    ]
    resting = evidence.check(sentence, cited, transcript, language=facts.language)
    return [*resting, *sorted(claims, key=lambda one: (one.start, one.end))]


def has_failed(finding: Finding) -> bool:
    """Whether publishing the sentence with this finding takes a written reason."""
    return finding.verdict in FAILED[finding.kind]
