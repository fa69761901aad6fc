"""Giving and ending the right to read."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from memberships.accounts.models import User

from .models import Membership
from .periods import end_what_ran_out, run_out

__all__ = ["AlreadyMemberError", "end", "end_what_ran_out", "grant"]


class AlreadyMemberError(Exception):
    """This person holds a membership that has not ended."""

    def __init__(self, user: User) -> None:
        super().__init__(
            _("%(person)s has a membership already. End it before you give another.")
            % {"person": user}
        )


def grant(
    *,
    user: User,
    by: User | None,
    now: datetime,
    lasts_until: datetime | None = None,
    note: str = "",
) -> Membership:
    """Give a membership, for life or until an instant. `by` is who in the staff decided it.

    Raises AlreadyMemberError; of two grants at once the database lets one through.
    """
    with transaction.atomic():
        # What ran out and was not swept yet must not stand in the way.
        run_out(Membership.objects.owned_by(user).out_of_time(at=now).values_list("pk", flat=True))
        try:
            with transaction.atomic():
                return Membership.objects.create(
                    user=user,
                    source=Membership.Source.GRANT,
                    started_at=now,
                    lasts_until=lasts_until,
                    granted_by=by,
                    note=note,
                )
        except IntegrityError as error:
            if "one_live_membership_per_user" in str(error):
                raise AlreadyMemberError(user) from error
            raise


def end(
    *, membership: Membership, reason: Membership.EndReason, now: datetime, note: str = ""
) -> bool:
    """End a membership. False where it has ended before: then nothing changes."""
    moved = (
        Membership.objects.filter(pk=membership.pk)
        .live()
        .update(
            status=Membership.Status.ENDED,
            ended_at=now,
            end_reason=reason,
            note="\n".join(filter(None, [membership.note, note])),
        )
    )
    membership.refresh_from_db()
    return bool(moved)
