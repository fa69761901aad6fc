"""What the address of the search page may ask for."""

from __future__ import annotations

from django import forms
from django.forms.widgets import TextInput

from meetings.records.models import Body, Level, Meeting, Place

from .finding import LAST_PAGE
from .hits import Order
from .narrowing import Asked
from .tree import KIND_LABELS, Kind


class _Typed(forms.Field):
    """Whatever was typed. What could not even be sent to the database is left out."""

    widget = TextInput

    def to_python(self, value: object) -> str:
        text = value if isinstance(value, str) else ""
        return text.encode("utf-8", "ignore").decode().replace("\0", "").strip()


class SearchForm(forms.Form):
    """`?q=WORDS` and what narrows it. An unknown value is an unknown page, not the whole list."""

    q = _Typed(required=False)
    kind = forms.ChoiceField(choices=list(KIND_LABELS.items()), required=False)
    body = forms.ModelChoiceField(Body.objects.all(), to_field_name="slug", required=False)
    place = forms.ModelChoiceField(Place.objects.all(), to_field_name="slug", required=False)
    level = forms.ChoiceField(choices=Level.choices, required=False)
    year = forms.IntegerField(min_value=1, max_value=9_998, required=False)
    speaker = forms.CharField(max_length=200, required=False)
    meeting = forms.ModelChoiceField(Meeting.objects.in_public(), required=False)
    sort = forms.ChoiceField(choices=[(order, order) for order in Order], required=False)
    page = forms.IntegerField(min_value=1, max_value=LAST_PAGE, required=False)

    @property
    def asked(self) -> Asked:
        """The search that was asked for, once the form is valid."""
        given = self.cleaned_data
        return Asked(
            text=given["q"],
            kind=Kind(given["kind"]) if given["kind"] else None,
            body=given["body"],
            place=given["place"],
            level=given["level"],
            year=given["year"],
            speaker=given["speaker"],
            meeting=given["meeting"],
            order=Order(given["sort"]) if given["sort"] else None,
            page=given["page"] or 1,
        )
