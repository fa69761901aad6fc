"""Forms of signing in, where they differ from allauth's."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    LoginForm,
    RequestLoginCodeForm,
    ResetPasswordForm,
    SignupForm,
)
from allauth.account.models import EmailAddress
from django import forms
from django.utils.translation import gettext_lazy as _

from .models import User


def _keep_address(user: User | None) -> None:
    """Give allauth a row for the address of an account that was not made by signing up.

    The code that is sent then proves the address as well, and no second one is asked for.
    """
    if user is not None and not EmailAddress.objects.filter(user=user).exists():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)


class _Address(forms.Form):
    """The field for the address says so in its label, and not inside itself."""

    address_label = _("E-mail address")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["login" if "login" in self.fields else "email"]
        field.label = self.address_label
        field.widget.attrs.pop("placeholder", None)


# The forms below are named in `ACCOUNT_FORMS`, but PasswordForm.


class SignInForm(_Address, LoginForm):
    """The address that a code is sent to."""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        _keep_address(self.user)
        return given


class AskForCodeForm(_Address, RequestLoginCodeForm):
    """The same on allauth's own page for it."""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        _keep_address(getattr(self, "_user", None))
        return given


class SignUpForm(_Address, SignupForm):
    """The address of a new account."""


class NewAddressForm(_Address, AddEmailForm):
    """The address that takes the place of the old one."""

    address_label = _("New e-mail address")


class NewPasswordForm(_Address, ResetPasswordForm):
    """The address of the account whose password is forgotten."""


class PasswordForm(_Address, LoginForm):
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
    """The code that signs in."""


class AddressCodeForm(_SixDigits, ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""
