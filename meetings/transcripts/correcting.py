"""Making a version out of another: corrected by a set of edits, or brought back as it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.records.models import Meeting
from memberships.gate.entitlement import User

from . import versions
from .edits import Edit, applied
from .lines import EditRefused, Line, tidy
from .models import Origin, Transcript
from .patches import AS_IT_IS, Patch, between
from .rebasing import Rebased, names_in, rebased


class NothingChanged(ValueError):
    """There is no difference to store. The message is a sentence for staff."""


class Outdated(Exception):
    """Somebody saved a newer version, and not everything fits beside it. Nothing was stored.

    `sorted_out` says which edits would fit `newest` and which meet what was changed there.
    """

    def __init__(self, newest: Transcript, sorted_out: Rebased) -> None:
        super().__init__(newest, sorted_out)
        self.newest, self.sorted_out = newest, sorted_out


@dataclass(frozen=True, slots=True)
class Made:
    """A version that was made from the one that was current before."""

    transcript: Transcript
    before: Transcript | None = None
    touched: tuple[int, ...] = ()
    """Positions in `before` of what has other words or times now."""
    is_merged: bool = False
    """The edits were made on a version older than `before`, and fitted beside what changed."""


@transaction.atomic
def correct(
    *,
    base: Transcript,
    edits: Sequence[Edit],
    by: User,
    note: str = "",
    draft: UUID | None = None,
) -> Made:
    """Store one set of edits, made on the version `base`, as the newest version.

    Where somebody saved meanwhile, edits that touch other segments than theirs are merged with
    them. The set that `draft` names is stored once, however often it is sent. Raises Outdated,
    NothingChanged, or EditRefused where an edit cannot be made.
    """
    newest = _locked_newest(base)
    if draft is not None and (stored := _stored_before(base, draft)) is not None:
        return Made(stored)
    here = versions.stored(newest)
    is_merged = newest.pk != base.pk
    if is_merged:
        sorted_out = rebased(versions.stored(base).lines, here.lines, edits)
        if sorted_out.conflicts:
            raise Outdated(newest, sorted_out)
        edits = sorted_out.edits
    lines = versions.with_words(newest, here.lines, {n for edit in edits for n in names_in(edit)})
    after = applied(lines, edits)
    patch = between(here.lines, here.positions, after)
    if patch.is_empty:
        raise NothingChanged(
            _("Nothing differs from version %d, so nothing was saved.") % newest.version
        )
    made = _successor(newest, source=newest, lines=after, change_count=patch.change_count)
    made.origin, made.made_by, made.made_by_name = Origin.CORRECTED, by, by.display_name
    made.note, made.draft = noted(note), draft
    _store(made, source=newest, patch=patch, names=_names(patch))
    return Made(made, newest, tuple(patch.gone), is_merged)


@transaction.atomic
def bring_back(*, old: Transcript, instead_of: Transcript, by: User) -> Made:
    """Make an old version the newest one again, as a new version, instead of the current one.

    Raises Outdated where another has become current since, NothingChanged where both are alike.
    """
    newest = _locked_newest(old)
    if newest.pk != instead_of.pk:
        raise Outdated(newest, Rebased([]))
    here, lines = versions.stored(newest), versions.stored(old).lines
    differences = between(here.lines, here.positions, lines)
    if differences.is_empty:
        raise NothingChanged(
            _("Version %(old)d says the same as version %(newest)d, so nothing was saved.")
            % {"old": old.version, "newest": newest.version}
        )
    made = _successor(newest, source=old, lines=lines, change_count=differences.change_count)
    made.origin, made.made_by, made.made_by_name = Origin.BROUGHT_BACK, by, by.display_name
    _store(made, source=old, patch=AS_IT_IS, names=())
    return Made(made, newest, tuple(differences.gone))


def noted(note: str) -> str:
    """A note as it is stored. Raises EditRefused where it is too long."""
    note = tidy(note)
    if len(note) > Transcript.NOTE_MAX:
        raise EditRefused(
            _("A note has at most %(most)d characters. This one has %(number)d.")
            % {"most": Transcript.NOTE_MAX, "number": len(note)}
        )
    return note


def _locked_newest(like: Transcript) -> Transcript:
    """The current version beside `like`. The meeting's row is locked, so it stays current."""
    Meeting.objects.select_for_update().get(pk=like.meeting_id)
    beside = Transcript.objects.filter(meeting_id=like.meeting_id, language=like.language)
    newest = beside.current().first()
    if newest is None:
        raise EditRefused(_("Another transcript has taken the place of this one."))
    return newest


def _stored_before(base: Transcript, draft: UUID) -> Transcript | None:
    beside = Transcript.objects.filter(meeting_id=base.meeting_id, language=base.language)
    return beside.filter(draft=draft).first()


def _successor(
    newest: Transcript, *, source: Transcript, lines: Sequence[Line], change_count: int
) -> Transcript:
    return Transcript(
        meeting_id=newest.meeting_id,
        language=newest.language,
        version=newest.version + 1,
        format=source.format,
        segment_count=len(lines),
        word_count=sum(len(line.text.split()) for line in lines),
        speaker_count=len({line.speaker for line in lines} - {""}),
        first_ms=min(line.start_ms for line in lines),
        last_ms=max(line.end_ms for line in lines),
        made_from=source.version,
        doubts=source.doubts,
        change_count=change_count,
        reviewed_at=source.reviewed_at,
        reviewed_by_id=source.reviewed_by_id,
        reviewed_by_name=source.reviewed_by_name,
    )


def _store(made: Transcript, *, source: Transcript, patch: Patch, names: Collection[str]) -> None:
    speakers = versions.ids_of(made.meeting_id, names) if names else {}
    Transcript.objects.current().filter(meeting_id=made.meeting_id, language=made.language).update(
        is_current=False
    )
    made.save(force_insert=True)
    versions.copy(base=source, to=made, patch=patch, speakers=speakers)


def _names(patch: Patch) -> set[str]:
    used = {written.line.speaker for written in patch.written}
    return used.union(patch.renamed, patch.renamed.values(), patch.assigned.values()) - {""}
