"""What of a clip can be downloaded, what is being made, and what can be asked for."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Clip, Rendering

_SHAPES: list[tuple[str, str | Promise]] = [
    (Rendering.Kind.WIDE, _("Captions in the picture, for a wide screen (16:9)")),
    (Rendering.Kind.SQUARE, _("Captions in the picture, square (1:1)")),
    (Rendering.Kind.TALL, _("Captions in the picture, for a phone held upright (9:16)")),
]
KINDS = {str(Rendering.Kind.PLAIN), *(str(kind) for kind, _label in _SHAPES)}


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a clip. It is ready, on its way, failed, or nobody has asked for it."""

    kind: str
    label: str | Promise
    url: str
    row: Rendering | None

    @property
    def is_ready(self) -> bool:
        return self.row is not None and self.row.is_ready

    @property
    def is_under_way(self) -> bool:
        return self.row is not None and self.row.is_under_way


@dataclass(frozen=True, slots=True)
class Downloads:
    """Everything that a clip's page offers to take away."""

    videos: list[Download]
    vtt_url: str
    srt_url: str

    @property
    def are_under_way(self) -> bool:
        return any(one.is_under_way for one in self.videos)


def of(clip: Clip) -> Downloads:
    """One query. Of several rows of a kind the newest counts, and a ready one before others."""
    rows: dict[str, Rendering] = {}
    for row in clip.renderings.exclude(kind=Rendering.Kind.ENDS).order_by("pk"):
        known = rows.get(row.kind)
        if known is None or row.is_ready or not known.is_ready:
            rows[row.kind] = row
    plain = _("Video as it was recorded") if clip.recording.has_video else _("Sound as recorded")
    kinds = [(str(Rendering.Kind.PLAIN), plain), *_SHAPES]
    return Downloads(
        videos=[Download(kind, label, _url(clip, kind), rows.get(kind)) for kind, label in kinds],
        vtt_url=reverse("clip-vtt", args=[clip.slug]),
        srt_url=reverse("clip-srt", args=[clip.slug]),
    )


def _url(clip: Clip, kind: str) -> str:
    if kind == Rendering.Kind.PLAIN:
        return reverse("clip-video", args=[clip.slug])
    return reverse("clip-shape", args=[clip.slug, kind])
