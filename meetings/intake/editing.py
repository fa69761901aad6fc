"""What staff do to a transcript: correct it, bring a version back, say that it was reviewed.

Readers' pages and whoever follows the log hear of it in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.articles import services as articles
from meetings.articles.models import Sentence
from meetings.articles.queries import resting_on
from meetings.records import services as records
from meetings.transcripts import correcting
from meetings.transcripts import services as transcripts
from meetings.transcripts.edits import Assign, Edit, Join, Remove, Rename, Reword, Split
from meetings.transcripts.lines import EditRefused
from meetings.transcripts.models import Transcript
from memberships.gate import pages
from memberships.gate.entitlement import User

from . import steps
from .models import Step

EDITS_MAX = 5_000

_KINDS: dict[str, tuple[Callable[..., Edit], tuple[type, ...]]] = {
    "reword": (Reword, (str, str)),
    "assign": (Assign, (str, str)),
    "rename": (Rename, (str, str)),
    "split": (Split, (str, int, str)),
    "join": (Join, (str, str)),
    "remove": (Remove, (str,)),
}


@dataclass(frozen=True, slots=True)
class Submission:
    """A set of edits as the editor sends it."""

    edits: list[Edit]
    note: str
    draft: UUID


@dataclass(frozen=True, slots=True)
class Saved:
    """The new version, and the sentences of articles that rest on what it changed."""

    made: correcting.Made
    resting: list[Sentence]


def read(sent: Any) -> Submission:
    """The edits in what was sent: `{"draft": UUID, "note": …, "edits": [["reword", id, text], …]}`.

    Raises EditRefused for anything else. `Any`: it is what somebody's JSON says.
    """
    try:
        edits, note, draft = sent["edits"], sent.get("note", ""), UUID(sent["draft"])
        is_sound = isinstance(edits, list) and isinstance(note, str)
    except (TypeError, KeyError, ValueError, AttributeError):
        is_sound = False
        edits, note, draft = [], "", UUID(int=0)
    if not is_sound:
        raise EditRefused(_("This is not a set of edits. Load the page again."))
    if len(edits) > EDITS_MAX:
        raise EditRefused(
            _("%(number)d edits at once are too many. Save at %(most)d at the latest.")
            % {"number": len(edits), "most": EDITS_MAX}
        )
    return Submission([_edit(one) for one in edits], correcting.noted(note), draft)


def _edit(sent: Any) -> Edit:
    if isinstance(sent, list) and sent and isinstance(sent[0], str) and sent[0] in _KINDS:
        make, kinds = _KINDS[sent[0]]
        given = sent[1:]
        if len(given) == len(kinds) and all(
            type(value) is kind for value, kind in zip(given, kinds, strict=True)
        ):
            return make(*given)
    raise EditRefused(_("This is not an edit that we know. Load the page again."))


def save(*, base: Transcript, submission: Submission, by: User) -> Saved:
    """Store a set of edits as a new version. Raises what `correcting.correct` raises."""
    with transaction.atomic():
        made = correcting.correct(
            base=base,
            edits=submission.edits,
            by=by,
            note=submission.note,
            draft=submission.draft,
        )
        _tell(made.transcript)
        _check_again(made.transcript)
    return Saved(made, _resting(made))


def bring_back(*, old: Transcript, instead_of: Transcript, by: User) -> Saved:
    """Make an old version the newest. Raises what `correcting.bring_back` raises."""
    with transaction.atomic():
        made = correcting.bring_back(old=old, instead_of=instead_of, by=by)
        _tell(made.transcript)
        _check_again(made.transcript)
    return Saved(made, _resting(made))


@transaction.atomic
def mark_reviewed(*, transcript: Transcript, by: User, now: datetime) -> bool:
    """Say to readers that somebody reviewed the transcript. False if it is not current any more."""
    done = transcripts.mark_reviewed(transcript=transcript, by=by, now=now)
    if done:
        _tell(transcript)
    return done


@transaction.atomic
def take_review_back(*, transcript: Transcript) -> bool:
    """Say to readers that nobody has reviewed it yet. False if it is not current any more."""
    done = transcripts.take_review_back(transcript=transcript)
    if done:
        _tell(transcript)
    return done


def _tell(transcript: Transcript) -> None:
    """The log hears of drafts as well: an article in review rests on their words too."""
    records.note_edit(meeting=transcript.meeting)
    pages.drop_all()


def _check_again(transcript: Transcript) -> None:
    """What rests on words that are gone is stale at once; a worker holds all against the others."""
    meeting = transcript.meeting
    if meeting.articles.exists() or meeting.insights.exists():
        articles.mark_stale(meeting=meeting, now=timezone.now())
        steps.ask_for(meeting=meeting, name=Step.Name.CHECKED)


def _resting(made: correcting.Made) -> list[Sentence]:
    if made.before is None or not made.touched:
        return []
    return resting_on(made.before, made.touched)


def edits_in(some: Sequence[Edit], of: Sequence[Edit]) -> list[int]:
    """The places of edits in the set that they come from."""
    places = {id(edit): place for place, edit in enumerate(of)}
    return [places[id(edit)] for edit in some]
