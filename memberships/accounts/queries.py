"""What is known about an account."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator

from .models import User


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
