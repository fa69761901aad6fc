"""What staff fill in about plans and memberships."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from .models import Membership, Plan, PlanStock


class GrantForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """Give a membership: to whom, for how long, and why."""

    class Meta:
        model = Membership
        fields: ClassVar[list[str]] = ["user", "lasts_until", "note"]
        help_texts: ClassVar[dict[str, Any]] = {"note": _("Why it is given. Only staff see it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("user", "note"):
            if name in self.fields:
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        now = timezone.now()
        user, lasts_until = given.get("user"), given.get("lasts_until")
        if lasts_until is not None and lasts_until <= now:
            self.add_error(
                "lasts_until", _("This is in the past: the membership would open nothing.")
            )
        held = Membership.objects.live().exclude(lasts_until__lte=now)
        if user is not None and held.owned_by(user).exists():
            self.add_error(
                "user", _("This person has a membership already. End it before you give another.")
            )
        return given


class EndForm(forms.Form):
    """End a membership by hand."""

    note = forms.CharField(
        label=_("Why it ends"),
        help_text=_("Only staff see it."),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget,
    )


class SuccessorForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """The terms of a plan, and how many places it has."""

    capacity = forms.IntegerField(
        label=_("Places"),
        help_text=_("Empty: as many as people want."),
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = Plan
        fields: ClassVar[list[str]] = [
            "name",
            "amount",
            "currency",
            "stripe_price_id",
            "guarantee_days",
        ]


class PlanForm(SuccessorForm):
    """A plan that nobody has begun to buy."""

    class Meta(SuccessorForm.Meta):
        fields: ClassVar[list[str]] = [*SuccessorForm.Meta.fields, "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "capacity" in self.fields:
            stock = PlanStock.objects.filter(plan=self.instance).first()
            self.initial.setdefault("capacity", stock.capacity if stock else None)
