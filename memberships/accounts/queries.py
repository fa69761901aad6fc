"""What is known about an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from .models import Token, User


@dataclass(frozen=True, kw_only=True, slots=True)
class WaysIn:
    """What somebody signs in with, besides a code by e-mail."""

    has_password: bool
    passkeys: int
    has_app: bool  # one that shows codes (TOTP)


def ways_in(user: User) -> WaysIn:
    """How this person can sign in. One query."""
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return WaysIn(
        has_password=user.has_usable_password(),
        passkeys=kinds.count(Authenticator.Type.WEBAUTHN),
        has_app=Authenticator.Type.TOTP in kinds,
    )


def has_second_factor(user: User) -> bool:
    """Has this person enrolled a passkey or an authenticator app? Recovery codes do not count."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    found: bool = Authenticator.objects.filter(user=user, type__in=kinds).exists()
    return found


def token_with(digest: str, *, at: datetime) -> Token | None:
    """The token that is good at this instant, with its owner. One query."""
    rows = Token.objects.good(at=at).select_related("owner")
    return rows.filter(digest=digest, owner__is_active=True).first()


@dataclass(frozen=True, slots=True)
class TokenShelf:
    """The tokens of a person: those that are good, and the last that were once."""

    good: Sequence[Token]
    ended: Sequence[Token]


ENDED_SHOWN = 10


def token_shelf(user: User, *, at: datetime) -> TokenShelf:
    """Two queries."""
    own = Token.objects.owned_by(user).newest_first()
    good = list(own.good(at=at))
    return TokenShelf(good, list(own.exclude(pk__in=[one.pk for one in good])[:ENDED_SHOWN]))
