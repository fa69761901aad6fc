"""Signing in by password, for those who set one."""

from allauth.account.views import LoginView

from memberships.gate.audience import public

from .forms import PasswordForm


class PasswordView(LoginView):
    """The page behind the smaller link; the sign-in page proper sends a code."""

    template_name = "account/password_login.html"

    def get_form_class(self) -> type[PasswordForm]:
        return PasswordForm


sign_in_by_password = public(PasswordView.as_view())
