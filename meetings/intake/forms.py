"""What staff hand in, and what they say when they withdraw something."""

from collections.abc import Iterator
from typing import IO, Any, cast

from django import forms
from django.core.files.base import File as AnyFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from meetings.articles.models import Article, ArticleVersion, Correction, Sentence
from meetings.media.models import Upload
from meetings.records.models import Body
from memberships.gate.entitlement import User

from .deciding import Do, Wish
from .parcels import LANGUAGE_TAG, Defaults, Offered, bundles, of_a_folder

File = AnyFile[bytes]


class ManyFiles(forms.FileInput):
    """Any number of files, or with `webkitdirectory` one folder with all that is in it."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[File]:
        chosen: list[File] = files.getlist(name)
        return chosen


class ManyFilesField(forms.FileField):
    """Any number of files in one field."""

    widget = ManyFiles

    def clean(self, data: list[File], initial: Any = None) -> list[File]:
        one = super().clean
        return [one(file, initial) for file in data]


class ImportForm(forms.Form):
    """Caption files, or a meeting.json with the files that it names.

    `recording` is the key of an upload that arrived before the form.
    """

    captions = ManyFilesField(
        label=_("Files"),
        required=False,
        help_text=_(
            "Caption files (WebVTT, SRT, timed JSON, CTM), each a meeting; or a meeting.json "
            "together with the files that it names."
        ),
    )
    folder = ManyFilesField(
        label=_("Or a folder"),
        required=False,
        widget=ManyFiles(attrs={"webkitdirectory": True}),
        help_text=_("All caption files in it, or its meeting.json and the files named there."),
    )
    body = forms.ModelChoiceField(
        Body.objects.order_by("sort_name", "id"),
        label=_("Body"),
        to_field_name="slug",
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Not needed with a meeting.json, which names it."),
    )
    held_on = forms.DateField(
        label=_("Held on"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_("Empty: taken from the file's name, such as 20180207."),
    )
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Empty: taken from the file's name."),
    )
    language = forms.RegexField(
        LANGUAGE_TAG.pattern + r"\Z",
        label=_("Language"),
        required=False,
        max_length=35,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as en or fr. Empty: what the file says, else English."),
    )
    publish = forms.BooleanField(
        label=_("Publish at once"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    recording = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sender: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sender = sender

    def clean_recording(self) -> Upload | None:
        """A file that this person sent, all of it."""
        key = self.cleaned_data["recording"]
        if key is None:
            return None
        upload = Upload.objects.owned_by(self.sender).filter(key=key, meeting=None).first()
        if upload is None:
            raise forms.ValidationError(_("The recording is no longer here. Send it again."))
        if upload.is_arriving:
            raise forms.ValidationError(
                _("The recording has not arrived yet. Wait until it has, or cancel it.")
            )
        return upload

    @property
    def defaults(self) -> Defaults:
        body = self.cleaned_data["body"]
        return Defaults(
            body=body.slug if body else "",
            held_on=self.cleaned_data["held_on"],
            title=self.cleaned_data["title"],
            language=self.cleaned_data["language"],
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        count = len(list(bundles(list(self.offered()))))
        if not count:
            raise forms.ValidationError(_("Choose the files, or a folder."))
        if cleaned["recording"] and count != 1:
            raise forms.ValidationError(
                _("A recording belongs to one meeting, and here are %d.") % count
            )
        return cleaned

    def offered(self) -> Iterator[Offered]:
        """The files that were sent. What else lies in a folder is not for us."""
        yield from (_offer(file) for file in self.cleaned_data["captions"])
        yield from of_a_folder(_offer(file, "folder/") for file in self.cleaned_data["folder"])


def _offer(file: File, folder: str = "") -> Offered:
    """What the browser sent: in a temporary file, which is read in pieces."""
    return Offered(
        f"{folder}{file.name}",
        file.size or 0,
        file.read,
        lambda: cast("IO[bytes]", file.open("rb")),
    )


class ReasonForm(forms.Form):
    """Why something is taken back, in words for readers."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Readers see it where the page was."),
    )


class ApprovalForm(forms.Form):
    """Why an article is published although checks failed, where they did."""

    reason = forms.CharField(
        label=_("Reason, where a check failed"),
        required=False,
        max_length=ArticleVersion.REASON_MAX,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("It is kept with your name."),
    )


class WishForm(forms.Form):
    """One button of an article's screen. What may be said is up to the services."""

    do = forms.ChoiceField(choices=Do.choices)
    row = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    seen = forms.CharField(required=False, max_length=Article.HEADLINE_MAX)
    text = forms.CharField(required=False, max_length=Sentence.TEXT_MAX * 5, strip=False)
    reason = forms.CharField(required=False, max_length=ArticleVersion.REASON_MAX)
    why = forms.CharField(required=False, max_length=Correction.REASON_MAX)

    @property
    def wish(self) -> Wish:
        """Blanks of all kinds are one blank, as in what is stored."""
        said = self.cleaned_data
        words = {name: " ".join(said[name].split()) for name in ("text", "reason", "why")}
        return Wish(do=Do(said["do"]), row=said["row"], seen=said["seen"], **words)


class SureForm(forms.Form):
    """Nothing to say but yes."""
