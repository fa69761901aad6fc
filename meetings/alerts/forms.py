"""What a member types to make an alert, and to say when and how they are told."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from portal.post import addresses

from . import services
from .cadence import Rhythm, usual, zone
from .models import Alert, Cadence, Schedule
from .services import NotAnAlert, Telling, Wanted

_CONTINENTS = {
    *("Africa", "America", "Antarctica", "Asia", "Atlantic"),
    *("Australia", "Europe", "Indian", "Pacific"),
}
_LONG = {"max_length": _("This is longer than %(limit_value)d characters. Shorten it.")}
_TYPED = {"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}


class AlertForm(forms.Form):
    """A search, words that are muted, a name, how often, and by which ways.

    Once it is valid, `wanted` is what was understood. `seen` is the search whose estimate stood on
    the page when it was sent, so that nobody saves one that they were told nothing of.
    """

    search = forms.CharField(
        label=_("What to look for"),
        max_length=Alert.QUERY_MAX,
        widget=forms.Textarea(attrs={"rows": 2, **_TYPED}),
        error_messages={"required": _("There is no word in this search. Type at least one.")}
        | _LONG,
    )
    muted = forms.CharField(
        label=_("Words to leave out (optional)"),
        help_text=_("With commas between. What has one of these close by is not told."),
        required=False,
        max_length=3_000,
        widget=forms.TextInput(attrs=_TYPED),
        error_messages=_LONG,
    )
    name = forms.CharField(
        label=_("Name (optional)"),
        help_text=_("What your messages call it. Empty, it is the search itself."),
        required=False,
        max_length=Alert.NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=_LONG,
    )
    cadence = forms.ChoiceField(
        label=_("How often you are told"),
        choices=Cadence.choices,
        initial=Cadence.DAILY,
        widget=forms.RadioSelect,
    )
    by_email = forms.BooleanField(label=_("By e-mail"), required=False, initial=True)
    by_feed = forms.BooleanField(label=_("In my private feed"), required=False)
    by_webhook = forms.BooleanField(label=_("By my webhook"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.wanted: Wanted | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "search" in cleaned and "muted" in cleaned:
            try:
                self.wanted = services.understood(cleaned["search"], _split(cleaned["muted"]))
            except NotAnAlert as error:
                self.add_error("search", str(error))
        return cleaned

    @property
    def is_seen(self) -> bool:
        """The estimate that was read is of this very search."""
        return self.wanted is not None and self.cleaned_data["seen"] == self.wanted.mark

    @property
    def telling(self) -> Telling:
        given = self.cleaned_data
        return Telling(
            cadence=Cadence(given["cadence"]),
            by_email=given["by_email"],
            by_feed=given["by_feed"],
            by_webhook=given["by_webhook"],
        )


def _split(muted: str) -> list[str]:
    return [word for part in muted.split(",") if (word := part.strip())]


@cache
def zones() -> list[tuple[str, str]]:
    """All time zones that are named after a place, and UTC, by name."""
    names = [name for name in available_timezones() if name.partition("/")[0] in _CONTINENTS]
    return [(name, name.replace("_", " ")) for name in ["UTC", *sorted(names)]]


def _hours() -> list[tuple[int, str]]:
    return [(hour, time_format(time(hour), "P")) for hour in range(24)]


class ScheduleForm(forms.Form):
    """When the digests of a member come: an hour, a day for those of a week, and where that is."""

    hour = forms.TypedChoiceField(label=_("At"), choices=_hours, coerce=int)
    weekday = forms.TypedChoiceField(
        label=_("Once a week, on"), choices=[*WEEKDAYS.items()], coerce=int
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        error_messages={"invalid_choice": _("We do not know this time zone. Choose one.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    @classmethod
    def of(cls, schedule: Schedule | None) -> ScheduleForm:
        """As it begins: what the member said, or what holds where they did not."""
        stands = schedule or usual()
        when = {"hour": stands.hour, "weekday": stands.weekday, "time_zone": stands.time_zone}
        return cls(initial=when)

    @property
    def rhythm(self) -> Rhythm:
        given = self.cleaned_data
        return Rhythm(zone(given["time_zone"]), given["hour"], given["weekday"])


class WebhookForm(forms.Form):
    """Where a member's own server takes what was found."""

    address = forms.CharField(
        label=_("Address"),
        max_length=addresses.LONGEST,
        widget=forms.URLInput(
            attrs={"placeholder": "https://", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the address of your server.")} | _LONG,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        try:
            addresses.parsed(address)
        except addresses.NotAllowed as error:
            raise forms.ValidationError(str(error)) from error
        return address
