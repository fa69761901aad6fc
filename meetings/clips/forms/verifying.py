"""What somebody hands over to have it checked: an address, a manifest, a hash, or a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from ..manifests import LONGEST
from ..received import Received


class VerifyForm(forms.Form):
    """A text, a file, or a manifest with the file that it lists. What the text is, it says itself.

    A manifest may come as a text or as a file. Afterwards `text` holds what is to be read and
    `file` what is to be compared.
    """

    text = forms.CharField(
        label=gettext_lazy("The address of a clip, or a manifest"),
        help_text=gettext_lazy(
            "Copied from the address bar, or opened in a text editor and copied whole. The SHA-256"
            " of a file will do as well."
        ),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none", "maxlength": False}
        ),
        error_messages={
            "max_length": gettext_lazy("This is far longer than an address or a manifest."),
            "null_characters_not_allowed": gettext_lazy(
                "This holds characters that no address and no manifest has."
            ),
        },
    )
    file = forms.FileField(
        label=gettext_lazy("A file: a video that was downloaded here, or a manifest"),
        required=False,
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text, file = cleaned.get("text", ""), cleaned.get("file")
        if isinstance(file, Received) and file.is_text:
            if text:
                self.add_error(None, gettext("Send one manifest, or one address, at a time."))
            try:
                text, file = file.start.decode("utf-8-sig"), None
            except UnicodeDecodeError:
                self.add_error("file", gettext("This is no text in UTF-8, as manifests are."))
        elif not text and not file and not self.errors:
            self.add_error(None, gettext("Paste an address or a manifest, or choose a file."))
        return {"text": text, "file": file}
