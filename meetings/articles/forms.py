"""The form that reports an error, and what keeps robots out of it without a third party."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext, gettext_lazy

from .models import ErrorReport, Sentence

SALT = "meetings.articles.report"
# Nobody reads a form and writes a sentence in less; nobody means what was opened a day ago.
FASTEST, SLOWEST = timedelta(seconds=3), timedelta(days=1)

signer = signing.Signer(salt=SALT)


class ReportForm(forms.Form):
    """What is wrong, and an address for the answer if the reader wants one.

    `website` is hidden from people: whatever fills it is a robot. `opened` is the signed time at
    which the form was shown. Where either speaks against a person, the form comes back with a
    plain sentence and the text kept, because it may have been a person all the same.
    """

    what = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        max_length=ErrorReport.WHAT_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": gettext_lazy("Write what is wrong. A few words are enough."),
            "max_length": gettext_lazy(
                "This is longer than %(limit_value)d characters. Shorten it."
            ),
        },
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address (optional)"),
        required=False,
        help_text=gettext_lazy(
            "Only if you want an answer. It is not shown to anybody but our staff."
        ),
        error_messages={
            "invalid": gettext_lazy("This is not an e-mail address. Leave it empty if you like.")
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(
        label=gettext_lazy("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, about: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.about, self.now = about, now
        self.initial["opened"] = self._stamp()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        age = self._age(cleaned.get("opened", ""))
        if cleaned.get("website"):
            self._ask_again(
                gettext("The field that should stay empty was filled in. Send it again.")
            )
        elif age is None or age > SLOWEST:
            self._ask_again(
                gettext("This form was not opened here within the last day. Send it again.")
            )
        elif age < FASTEST:
            self.add_error(
                None, gettext("That was quicker than we expect of a person. Send it again.")
            )
        return cleaned

    def _stamp(self) -> str:
        return signer.sign(f"{self.about} {int(self.now.timestamp())}")

    def _age(self, stamp: str) -> timedelta | None:
        """How long ago the form was shown; None where the stamp is not ours for this page."""
        try:
            about, opened = signer.unsign(stamp).split()
        except (signing.BadSignature, ValueError):
            return None
        if about != self.about:
            return None
        return self.now - datetime.fromtimestamp(int(opened), tz=UTC)

    def _ask_again(self, sentence: str) -> None:
        """Show the form as it was filled in, with what spoke against it made good."""
        kept = {
            name: field.widget.value_from_datadict(self.data, self.files, name) or ""
            for name, field in self.fields.items()
        }
        self.data = {**kept, "website": "", "opened": self._stamp()}
        self.add_error(None, sentence)


class ArticleReportForm(ReportForm):
    """The same about an article: one report may be about several of its sentences."""

    others = forms.MultipleChoiceField(
        label=gettext_lazy("Is it about other sentences, too?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": gettext_lazy("A sentence was changed meanwhile. Choose again.")
        },
    )

    def __init__(self, *args: Any, others: Sequence[Sentence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._others = {str(one.pk): one for one in others}
        field = self.fields["others"]
        field.choices = [(number, one.text) for number, one in self._others.items()]  # type: ignore[attr-defined]  # of a field of choices

    def clean_others(self) -> list[Sentence]:
        """The sentences themselves, in the order of the article."""
        chosen = set(self.cleaned_data["others"])
        return [one for number, one in self._others.items() if number in chosen]


class Paged(forms.Form):
    """Which page of a list."""

    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)


class Compared(Paged):
    """Which versions of an article: two to compare, or one to read."""

    was = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
    now = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
    version = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
