"""What is known about an account."""

from allauth.mfa.models import Authenticator

from .models import User


def has_second_factor(user: User) -> bool:
    """Has this person enrolled a passkey or an authenticator app? Recovery codes do not count."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    found: bool = Authenticator.objects.filter(user=user, type__in=kinds).exists()
    return found
