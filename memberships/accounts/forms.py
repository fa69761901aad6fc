"""Forms of signing in, where they differ from allauth's."""

from typing import Any

from allauth.account.forms import ConfirmEmailVerificationCodeForm, ConfirmLoginCodeForm, LoginForm
from django import forms


class PasswordForm(LoginForm):  # type: ignore[misc] # allauth publishes no types
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


class SignInCodeForm(_SixDigits, ConfirmLoginCodeForm):  # type: ignore[misc] # as above
    """Named in `ACCOUNT_FORMS`."""


class AddressCodeForm(_SixDigits, ConfirmEmailVerificationCodeForm):  # type: ignore[misc] # as above
    """Named in `ACCOUNT_FORMS`."""
