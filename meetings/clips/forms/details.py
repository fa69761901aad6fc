"""What a person says of a clip, as a form: for making one and for changing it later."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ..describing import NotDescribed, told
from ..models import Clip, Visibility

_LONG = {"max_length": gettext_lazy("This is longer than %(limit_value)d characters. Shorten it.")}


class DetailsForm(forms.Form):
    """Title, note, who may see it, and by what name it was made."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=Clip.TITLE_MAX,
        error_messages={"required": gettext_lazy("Give the clip a title."), **_LONG},
    )
    note = forms.CharField(
        label=gettext_lazy("Note (optional)"),
        required=False,
        max_length=Clip.NOTE_MAX,
        help_text=gettext_lazy("Stands below the clip."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=_LONG,
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may see it"),
        choices=[
            (Visibility.PRIVATE, gettext_lazy("Only you")),
            (Visibility.UNLISTED, gettext_lazy("Whoever has the link")),
            (Visibility.PUBLIC, gettext_lazy("Everybody, and search engines find it")),
        ],
        initial=Visibility.PRIVATE,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose who may see the clip."),
            "invalid_choice": gettext_lazy("Choose who may see the clip."),
        },
    )
    maker_name = forms.CharField(
        label=gettext_lazy("Clipped by (optional)"),
        required=False,
        max_length=Clip.MAKER_MAX,
        help_text=gettext_lazy("The name that the clip's page shows. Empty, it says a member."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=_LONG,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        """The same rules as the service's, so that what is wrong stands beside its field."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                cleaned.update(told(**{name: cleaned[name] for name in DetailsForm.base_fields}))
            except NotDescribed as error:
                self.add_error(error.field, str(error))
        return cleaned
