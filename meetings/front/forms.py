"""What the addresses of the front pages may ask for."""

from django import forms

from meetings.records.models import Body, Place


class Narrowing(forms.Form):
    """`?body=SLUG&place=SLUG&month=YYYY-MM&page=N`.

    Unknown values are an unknown page, not the whole list.
    """

    body = forms.ModelChoiceField(Body.objects.all(), to_field_name="slug", required=False)
    place = forms.ModelChoiceField(Place.objects.all(), to_field_name="slug", required=False)
    month = forms.DateField(input_formats=["%Y-%m"], required=False)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)
