"""Tokens of members' programs: made, used, revoked."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from . import tokens
from .models import Scope, Token, User

MOST = 20
"""Tokens of one person that are good at the same time."""
NOTED_AFTER = timedelta(minutes=1)


class CannotMake(ValueError):
    """The token cannot be made. The message is a sentence for its owner."""


class Made(NamedTuple):
    """A token and its row. `written` is nowhere but here."""

    written: str
    token: Token


@transaction.atomic
def make_token(
    *,
    owner: User,
    name: str,
    scopes: Collection[str],
    lasts: timedelta | None,
    now: datetime,
) -> Made:
    """A token, which is shown once. `lasts` None: until it is revoked. Raises CannotMake."""
    name = " ".join(name.split())
    if not name or len(name) > Token.NAME_MAX:
        raise CannotMake(_("Give the token a name of %d letters at most.") % Token.NAME_MAX)
    if not scopes or not set(scopes) <= set(Scope.values):
        raise CannotMake(_("Choose at least one thing that the token may do."))
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # one at a time, for the limit
    if Token.objects.owned_by(owner).good(at=now).count() >= MOST:
        raise CannotMake(
            _("You have %d tokens, as many as one can have. Revoke one that you do not use.") % MOST
        )
    written = tokens.fresh()
    token = Token.objects.create(
        owner=owner,
        name=name,
        digest=tokens.digest_of(written),
        hint=written[: tokens.SHOWN],
        scopes=[scope for scope in Scope.values if scope in scopes],
        created_at=now,
        expires_at=now + lasts if lasts is not None else None,
    )
    return Made(written, token)


def revoke_token(*, token: Token, now: datetime) -> None:
    """It opens nothing from now on. Whoever revokes it a second time changes nothing."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def note_use(*, token: Token, now: datetime) -> None:
    """Keep when it was used last, to the minute: a program that asks often writes seldom."""
    if token.last_used_at is not None and now - token.last_used_at < NOTED_AFTER:
        return
    seldom = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_AFTER)
    Token.objects.filter(seldom, pk=token.pk).update(last_used_at=now)
