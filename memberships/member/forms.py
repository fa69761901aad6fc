"""What members fill in: about a refund, about closing the account, about a token."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from memberships.accounts.models import Scope, Token, User, normalised
from memberships.purchases.models import NumberSeries
from memberships.purchases.numbers import PREFIXES
from memberships.refunds.services import WHY_MAX


class ConfirmForm(forms.Form):
    """The second step names the purchase that the first one showed."""

    purchase = forms.UUIDField()


class WhyForm(forms.Form):
    """The one question, after the confirmation, that may be left out."""

    why = forms.CharField(
        label=_("Why did you want your money back? (optional)"),
        help_text=_("It changes nothing about your refund. Our staff read it, and nobody else."),
        required=False,
        max_length=WHY_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": _("This is longer than %(limit_value)d characters. Shorten it.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class FindRefundForm(forms.Form):
    """What is on a receipt, for somebody who has lost the way to the account."""

    receipt = forms.CharField(
        label=_("Receipt number"),
        help_text=_("It stands on your receipt, like R-000123."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={
            "required": _("Enter the number that stands on your receipt."),
            "max_length": _("This is too long for a number of ours, which look like R-000123."),
        },
    )
    email = forms.EmailField(
        label=_("E-mail address of your account"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter the e-mail address of your account."),
            "invalid": _("This is not an e-mail address."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean_receipt(self) -> int:
        """The number, with or without its letter and zeros: "R-000123", "r123", "123"."""
        letter = PREFIXES[NumberSeries.Kind.RECEIPT]
        given = re.sub(r"[\s\u2010-\u2015-]", "", str(self.cleaned_data["receipt"]))
        number = re.fullmatch(rf"{letter}?([0-9]{{1,15}})", given, re.IGNORECASE)
        if number is None:
            raise forms.ValidationError(
                _("A number of ours is an R and six digits or more, like R-000123.")
            )
        return int(number[1])


class CloseForm(forms.Form):
    """The address, typed: nobody closes an account by a slip of the finger."""

    email = forms.CharField(
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": _("Type the e-mail address of your account.")},
    )
    # What the page said would be lost, as `AtStake.told` puts it.
    told = forms.CharField(max_length=64, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["email"].label = _("To confirm, type %(address)s") % {"address": user.email}
        self._user = user

    def clean_email(self) -> str:
        given = normalised(str(self.cleaned_data["email"]))
        if given != self._user.email:
            raise forms.ValidationError(
                _("This is not the address of this account, which is %(address)s."),
                params={"address": self._user.email},
            )
        return given


class TokenForm(forms.Form):
    """What a token is called, what it may do, and for how long."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("What uses it, such as “Newsroom notebook”. You and our staff see it."),
        max_length=Token.NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Give the token a name, so that you can tell it from others."),
            "max_length": _("This is longer than %(limit_value)d characters. Shorten it."),
        },
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        initial=[Scope.READ, Scope.SEARCH],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one thing that the token may do."),
            "invalid_choice": _("A token cannot do this: %(value)s."),
        },
    )
    days = forms.TypedChoiceField(
        label=_("How long it lasts"),
        choices=[
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("A year")),
            (0, _("Until I revoke it")),
        ],
        coerce=int,
        initial=90,
        error_messages={"invalid_choice": _("Choose one of these.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    @property
    def lasts(self) -> timedelta | None:
        """None: until it is revoked."""
        days: int = self.cleaned_data["days"]
        return timedelta(days=days) if days else None
