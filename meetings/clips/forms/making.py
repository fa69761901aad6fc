"""The form of a new clip: its parts, and what is said of it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from ..spans import NotCut, length_of, settled
from ..timed import Span
from ..wanted import Wanted, exact_clock, times
from .details import DetailsForm


class MakingForm(DetailsForm):
    """Parts come as `from` and `to`, as often as there are parts.

    `seen` says for which parts the guard's findings were shown, so that nobody saves a clip that
    cuts somebody off without having been told.
    """

    seen = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, wanted: Sequence[Wanted], duration_ms: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = list(wanted)
        self.spans: list[Span] = []
        self.problem = ""
        try:
            self.spans = settled(times(self.wanted), duration_ms=duration_ms)
        except NotCut as error:
            self.problem = str(error)

    @property
    def is_touched(self) -> bool:
        """Somebody has begun to write: until then nothing is wrong."""
        return not all(part.is_empty for part in self.wanted)

    @property
    def length(self) -> str:
        """How long the clip lasts, as a clock."""
        return exact_clock(length_of(self.spans))

    @property
    def may_grow(self) -> bool:
        return bool(len(self.wanted) < settings.CLIP_MAX_SPANS)

    @property
    def mark(self) -> str:
        """What `seen` says where the findings of these parts were shown."""
        return ",".join(f"{one.start}-{one.end}" for one in self.wanted)

    @property
    def is_told_first(self) -> bool:
        """Nothing is wrong with it: it was only not saved before the findings were read."""
        return self.is_bound and not self.errors

    @property
    def is_seen(self) -> bool:
        return bool(self.cleaned_data.get("seen", "") == self.mark)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.problem:
            self.add_error(None, self.problem)
        return cleaned

    def described(self) -> dict[str, str]:
        """What is said of the clip, as the service takes it."""
        return {name: self.cleaned_data[name] for name in DetailsForm.base_fields}
