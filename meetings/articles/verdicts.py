"""Verdicts in plain words: what a check says of a claim, as a sentence for staff."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .checks import dates, evidence, figures, names, quotations, votes
from .models import Check, CheckKind

_ELSEWHERE = gettext_lazy("It was said in this meeting, but not where the sentence rests.")

_EVIDENCE = {
    evidence.Verdict.RESTS: gettext_lazy("The words that it rests on speak of this."),
    evidence.Verdict.FAINT: gettext_lazy("Hardly a word of this sentence was said there."),
    evidence.Verdict.CHANGED: gettext_lazy(
        "The transcript was changed there since the sentence was written."
    ),
    evidence.Verdict.GONE: gettext_lazy(
        "The transcript no longer has the words that the sentence was written from."
    ),
    evidence.Verdict.MISSING: gettext_lazy("It rests on nothing that was said."),
    evidence.Verdict.CONTEXT: gettext_lazy("Marked as context: it needs nothing to rest on."),
}
_QUOTATION = {
    quotations.Verdict.VERBATIM: gettext_lazy("Word for word as it was said."),
    quotations.Verdict.TRIMMED: gettext_lazy("As it was said, and shortened where it says so."),
    quotations.Verdict.ALTERED: gettext_lazy("Not quite as it was said."),
    quotations.Verdict.NOT_FOUND: gettext_lazy("Nothing like it was said in this meeting."),
    quotations.Verdict.OTHER_SPEAKER: gettext_lazy("Somebody else said it."),
    quotations.Verdict.OTHER_LANGUAGE: gettext_lazy(
        "Nobody spoke the language that it is in. What was said may have been translated."
    ),
}
_FIGURE = {
    figures.Verdict.FOUND: gettext_lazy("It was said."),
    figures.Verdict.ROUNDED: gettext_lazy("Near enough to what was said."),
    figures.Verdict.UNIT_UNSAID: gettext_lazy("It was said; the currency goes without saying."),
    figures.Verdict.TOO_EXACT: gettext_lazy(
        "It was said as about so much, and the sentence leaves the “about” out."
    ),
    figures.Verdict.ELSEWHERE: _ELSEWHERE,
    figures.Verdict.NOT_FOUND: gettext_lazy("This figure was not said in this meeting."),
}
_DATE = {
    dates.Verdict.FOUND: gettext_lazy("It was said."),
    dates.Verdict.RECKONED: gettext_lazy(
        "It follows from what was said and from the day of the meeting."
    ),
    dates.Verdict.ELSEWHERE: _ELSEWHERE,
    dates.Verdict.NOT_FOUND: gettext_lazy("This date was not said in this meeting."),
}
_VOTE = {
    votes.Verdict.FOUND: gettext_lazy("This tally was said."),
    votes.Verdict.COUNTED: gettext_lazy("The roll call comes to it."),
    votes.Verdict.CONTRADICTED: gettext_lazy("What was said comes to another tally."),
    votes.Verdict.ELSEWHERE: _ELSEWHERE,
    votes.Verdict.NOT_FOUND: gettext_lazy("This tally was not said in this meeting."),
}
_NAME = {
    names.Verdict.FOUND: gettext_lazy("The name was said, or it is the speaker’s."),
    names.Verdict.KNOWN: gettext_lazy("A name of the meeting itself."),
    names.Verdict.NEARBY: gettext_lazy("The name was said just before or after."),
    names.Verdict.ELSEWHERE: gettext_lazy(
        "The name occurs in this meeting, but not where the sentence rests."
    ),
    names.Verdict.ALIKE: gettext_lazy("A name much like it was said: one of the two is misheard."),
    names.Verdict.NOT_FOUND: gettext_lazy("Nobody said this name in this meeting."),
}
SENTENCES: dict[CheckKind, dict[str, Promise]] = {
    CheckKind.EVIDENCE: {str(key): words for key, words in _EVIDENCE.items()},
    CheckKind.QUOTATION: {str(key): words for key, words in _QUOTATION.items()},
    CheckKind.FIGURE: {str(key): words for key, words in _FIGURE.items()},
    CheckKind.MONEY: {str(key): words for key, words in _FIGURE.items()},
    CheckKind.DATE: {str(key): words for key, words in _DATE.items()},
    CheckKind.VOTE: {str(key): words for key, words in _VOTE.items()},
    CheckKind.NAME: {str(key): words for key, words in _NAME.items()},
}


@dataclass(frozen=True, slots=True)
class Told:
    """A check as staff read it.

    `claim` are the words of the sentence that it is about, "" where it is about all of it. `at_ms`
    is where else to look. `pieces` hold a quotation beside what was said: `same`, `removed` (said
    and not quoted), `added` (quoted and not said), `left_out` as marked.
    """

    kind: str
    text: str
    claim: str
    is_failed: bool
    at_ms: int | None = None
    pieces: tuple[tuple[str, str], ...] = ()


def told(check: Check) -> Told:
    """What a check says. Its sentence is at hand."""
    is_of_all = check.kind == CheckKind.EVIDENCE
    at_ms = check.detail.get("start_ms")
    return Told(
        kind=check.get_kind_display(),
        text=" ".join(part for part in (_said(check), *_more(check)) if part),
        claim="" if is_of_all else check.claim,
        is_failed=check.is_failed,
        at_ms=at_ms if check.is_failed and isinstance(at_ms, int) else None,
        pieces=_pieces(check),
    )


def _said(check: Check) -> str:
    """A verdict that a newer check brought is shown as it is called."""
    return str(SENTENCES[CheckKind(check.kind)].get(check.verdict, check.verdict))


def _more(check: Check) -> list[str]:
    """What the details add: who said it, which figures, tallies and names were."""
    detail, verdict = check.detail, check.verdict
    if verdict == quotations.Verdict.OTHER_SPEAKER and detail.get("speaker"):
        return [_("It was %s.") % detail["speaker"]]
    if not check.is_failed:
        return []
    if check.kind in {CheckKind.FIGURE, CheckKind.MONEY} and detail.get("said"):
        return [_("Said there: %s.") % "; ".join(map(str, detail["said"]))]
    if check.kind == CheckKind.VOTE and detail.get("said"):
        tallies = "; ".join("–".join(map(str, one)) for one in detail["said"])
        return [_("Said there: %s.") % tallies]
    if check.kind == CheckKind.VOTE and detail.get("roll"):
        ayes, noes, *_abstained = detail["roll"]
        return [_("The roll call: %(ayes)s–%(noes)s.") % {"ayes": ayes, "noes": noes}]
    if check.kind == CheckKind.NAME and detail.get("alike"):
        return [_("Said: %s.") % detail["alike"]]
    if check.kind == CheckKind.EVIDENCE and detail.get("was"):
        return [_("It was written from: “%s”") % detail["was"]]
    return []


def _pieces(check: Check) -> tuple[tuple[str, str], ...]:
    if check.verdict != quotations.Verdict.ALTERED:
        return ()
    return tuple((str(tag), str(words)) for tag, words in check.detail.get("difference", []))
