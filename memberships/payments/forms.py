"""What staff fill in when they do something about money: why, always, and now and then how much."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from memberships.accounts.models import User
from memberships.purchases.amounts import decimals, written
from memberships.purchases.models import Plan, Purchase

WHY_MAX = 1_000  # characters


class WhyForm(forms.Form):
    """Why it is done. Only staff see it."""

    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Only staff see it. It is kept with your name."),
        max_length=WHY_MAX,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class RefundForm(WhyForm):
    """How much goes back. Empty: all that is left when the form is sent."""

    amount = forms.DecimalField(
        label=_("Amount"), required=False, widget=UnfoldAdminDecimalFieldWidget
    )
    field_order = ("amount", "reason")

    def __init__(self, *args: Any, purchase: Purchase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = decimals(purchase.currency)
        least = Decimal(1).scaleb(-self.places)
        amount = forms.DecimalField(
            label=_("Amount in %(currency)s") % {"currency": purchase.currency.upper()},
            help_text=_("Empty: all that is left, %(left)s. A part leaves the membership as it is.")
            % {"left": written(purchase.amount_left, purchase.currency)},
            required=False,
            min_value=least,
            max_digits=12,
            decimal_places=self.places,
            widget=UnfoldAdminDecimalFieldWidget(
                attrs={"step": str(least), "inputmode": "decimal"}
            ),
        )
        self.fields["amount"] = amount
        self.order_fields(self.field_order)

    def clean_amount(self) -> int | None:
        """In minor units; None for all that is left."""
        amount = self.cleaned_data["amount"]
        return None if amount is None else int(amount.scaleb(self.places))


class NoteForm(WhyForm):
    """Which sentences were on the page: what came up since then is not meant."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=4_000)

    def clean_seen(self) -> list[str]:
        sentences: list[str] = self.cleaned_data["seen"].splitlines()
        return sentences


class _PlanWithPrice(forms.ModelChoiceField):  # type: ignore[type-arg] # generic in the stubs alone
    def label_from_instance(self, obj: Plan) -> str:
        return f"{obj.name}, {written(obj.amount, obj.currency)}"


class AdoptForm(WhyForm):
    """Whose payment it is, and what it was for."""

    plan = _PlanWithPrice(
        label=_("Plan"),
        help_text=_("The one whose price was paid. It need not be on offer."),
        queryset=Plan.objects.order_by("-active", "-created_at"),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("user", "plan", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = forms.ModelChoiceField(
            label=_("Person"),
            queryset=User.objects.all(),
            widget=AutocompleteSelect(Purchase._meta.get_field("user"), admin.site),
        )
        self.order_fields(self.field_order)
