"""What staff fill in about memberships."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from .models import Membership


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
