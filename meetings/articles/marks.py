"""What the checks say of a sentence, to readers: a quiet mark, and a plain explanation."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from .checks import evidence, quotations
from .checks.finding import Kind
from .models import Sentence

Findings = Sequence[Mapping[str, Any]]
"""As `queries.checked_sentences` gives them; `Any` is what JSON has."""


class Standing(StrEnum):
    """How a sentence stands, in one word."""

    SURE = "sure"
    """All its quotations were said, and no check failed."""
    SOUND = "sound"
    """No check failed, and there is nothing to say of that."""
    DOUBT = "doubt"
    """A check failed, and staff published it all the same."""
    STALE = "stale"
    """The transcript was changed under it."""
    CONTEXT = "context"
    """Staff say that it rests on nothing that was said."""
    UNCHECKED = "unchecked"


def standing(sentence: Sentence, found: Findings) -> Standing:
    """How a sentence stands, the gravest first."""
    if sentence.stale_since is not None:
        return Standing.STALE
    if any(one["is_failed"] for one in found):
        return Standing.DOUBT
    if sentence.checked_at is None:
        return Standing.UNCHECKED
    if sentence.is_context:
        return Standing.CONTEXT
    return Standing.SURE if _quoted(found) else Standing.SOUND


def explained(sentence: Sentence, found: Findings) -> list[str]:
    """The same in whole sentences. They hold no word of the transcript."""
    match standing(sentence, found):
        case Standing.STALE:
            return [
                _(
                    "The transcript was changed at this moment after the sentence was written. "
                    "We are checking the sentence again."
                )
            ]
        case Standing.DOUBT:
            failed = dict.fromkeys(_doubt(sentence, one) for one in found if one["is_failed"])
            staff = _("Our staff saw this and published the sentence for a reason that is kept.")
            return [*failed, staff]
        case Standing.UNCHECKED:
            return [_("No check has looked at this sentence yet.")]
        case Standing.CONTEXT:
            return [
                _("Our staff added this as context. It rests on no single moment of the meeting.")
            ]
        case Standing.SURE if quotations.Verdict.TRIMMED in _quoted(found):
            return [
                _(
                    "Quotation checked: these words were said, in this order. "
                    "Where it leaves words out or adds some, it shows that."
                )
            ]
        case Standing.SURE:
            return [_("Quotation checked: these words were said, in this order.")]
        case _other:
            return []


def _quoted(found: Findings) -> set[str]:
    return {one["verdict"] for one in found if one["kind"] == Kind.QUOTATION}


def _doubt(sentence: Sentence, one: Mapping[str, Any]) -> str:
    claim = sentence.text[one["start"] : one["end"]]
    match one["kind"], one["verdict"]:
        case Kind.QUOTATION, quotations.Verdict.ALTERED:
            return _("The quotation is close to what was said, and not the same word for word.")
        case Kind.QUOTATION, quotations.Verdict.OTHER_SPEAKER:
            return _("The transcript gives the quoted words to somebody else.")
        case Kind.QUOTATION, quotations.Verdict.OTHER_LANGUAGE:
            return _("The quotation is in a language that nobody spoke here: it is a translation.")
        case Kind.QUOTATION, _verdict:
            return _("The quoted words were not found in the transcript.")
        case Kind.EVIDENCE, evidence.Verdict.MISSING:
            return _("The sentence names no moment that it rests on.")
        case Kind.EVIDENCE, _verdict:
            return _("The sentence shares hardly a word with what was said there.")
        case _kind:
            return _("What was said there does not bear out “%(claim)s”.") % {"claim": claim}
