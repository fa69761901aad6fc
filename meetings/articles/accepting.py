"""What staff say of sentences and insights: that they stand, or that they are not to be shown."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User

from .changing import NotRevisable, held
from .models import Insight, Sentence


@transaction.atomic
def accept(*, sentence: Sentence, by: User, now: datetime, seen: str | None = None) -> None:
    """Say that a sentence stands as it is, until it or what it rests on is changed.

    `seen` is as for `revising.edit`. Raises NotRevisable and Overtaken.
    """
    row = held(sentence=sentence, seen=seen)
    if row.stale_since is not None:
        raise NotRevisable(
            _("What this sentence rests on was changed. Let it rest on the new words, or edit it.")
        )
    if not row.is_accepted:
        row.accepted_at, row.accepted_by = now, by
        row.save(update_fields=["accepted_at", "accepted_by"])


@transaction.atomic
def take_back(*, sentence: Sentence) -> None:
    """Say no longer that a sentence stands. Raises NotRevisable."""
    row = held(sentence=sentence)
    row.accepted_at, row.accepted_by = None, None
    row.save(update_fields=["accepted_at", "accepted_by"])


def accept_insight(*, insight: Insight, by: User, now: datetime) -> None:
    """Say that an insight stands. One that failed a check is not shown all the same."""
    _decide(insight, by, accepted_at=now)


def strike_insight(*, insight: Insight, by: User, now: datetime) -> None:
    """Show an insight to nobody, also where it is found again."""
    _decide(insight, by, struck_at=now)


def show_insight(*, insight: Insight) -> None:
    """Take back what was said of an insight."""
    _decide(insight, None)


def _decide(
    insight: Insight,
    by: User | None,
    accepted_at: datetime | None = None,
    struck_at: datetime | None = None,
) -> None:
    rows = Insight.objects.filter(pk=insight.pk)
    if not rows.update(accepted_at=accepted_at, struck_at=struck_at, decided_by=by):
        raise NotRevisable(_("The insights of this meeting were gathered anew. Look again."))
