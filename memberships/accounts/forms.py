"""Forms of signing in, where they differ from allauth's."""

from typing import Any

from allauth.account.forms import (
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    LoginForm,
    RequestLoginCodeForm,
)
from allauth.account.models import EmailAddress
from django import forms

from .models import User


def _keep_address(user: User | None) -> None:
    """Give allauth a row for the address of an account that was not made by signing up.

    The code that is sent then proves the address as well, and no second one is asked for.
    """
    if user is not None and not EmailAddress.objects.filter(user=user).exists():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)


class SignInForm(LoginForm):
    """The address that a code is sent to. Named in `ACCOUNT_FORMS`."""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean()
        _keep_address(self.user)
        return given


class AskForCodeForm(RequestLoginCodeForm):
    """The same on allauth's own page for it. Named in `ACCOUNT_FORMS`."""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean()
        _keep_address(getattr(self, "_user", None))
        return given


class PasswordForm(LoginForm):
    """E-mail and password. (Allauth drops the password where signing up does not ask for one.)"""

    def _setup_password_field(self) -> None:
        """Keep the field."""


class _SixDigits(forms.Form):
    """A phone shows its digits, and offers the code from the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(
            {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        )
        self.fields["code"].widget.attrs.pop("placeholder", None)


class SignInCodeForm(_SixDigits, ConfirmLoginCodeForm):
    """Named in `ACCOUNT_FORMS`."""


class AddressCodeForm(_SixDigits, ConfirmEmailVerificationCodeForm):
    """Named in `ACCOUNT_FORMS`."""
