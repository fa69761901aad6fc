"""Signing in by password, for those who set one."""

from allauth.account.forms import LoginForm
from allauth.account.views import LoginView

from memberships.gate.audience import public


class PasswordForm(LoginForm):  # type: ignore[misc] - allauth publishes no types
    """E-mail and password. (Allauth drops the password where signing up does not ask for one.)"""

    def _setup_password_field(self) -> None:
        """Keep the field."""


class PasswordView(LoginView):  # type: ignore[misc] - as above
    """The page behind the smaller link; the sign-in page proper sends a code."""

    template_name = "account/password_login.html"

    def get_form_class(self) -> type[PasswordForm]:
        return PasswordForm


sign_in_by_password = public(PasswordView.as_view())
