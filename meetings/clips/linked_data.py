"""What a clip says of itself to machines: schema.org in JSON-LD."""

from typing import Any

from django.conf import settings

from . import embedding
from .showing import ClipPage


def video_object(page: ClipPage) -> dict[str, Any]:
    """The clip as a VideoObject (or AudioObject), each of its spans as a Clip of it.

    https://schema.org/VideoObject, https://schema.org/Clip. Offsets are seconds of the clip.
    """
    clip, meeting = page.clip, page.clip.meeting
    address = settings.SITE_URL + clip.get_absolute_url()
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject" if clip.recording.has_video else "AudioObject",
        "name": clip.title,
        "description": clip.note or meeting.title,
        "url": address,
        "embedUrl": embedding.frame_of(clip).url,
        "uploadDate": clip.created_at,
        "duration": iso_duration(clip.duration_ms),
        "transcript": " ".join(one["text"] for one in clip.words),
        "isAccessibleForFree": True,
        "publisher": {
            "@type": "Organization",
            "name": settings.SITE_NAME,
            "url": settings.SITE_URL,
        },
        "isBasedOn": {
            "@type": "CreativeWork",
            "name": f"{meeting.title}, {meeting.body}",
            "url": settings.SITE_URL + meeting.get_absolute_url(),
            "isAccessibleForFree": False,
        },
        "hasPart": list(_parts(page, address)),
    }
    if page.poster is not None:
        said["thumbnailUrl"] = settings.SITE_URL + page.poster.path
    if clip.language:
        said["inLanguage"] = clip.language
    if clip.maker_name:
        said["creator"] = {"@type": "Person", "name": clip.maker_name}
    return said


def _parts(page: ClipPage, address: str) -> Any:
    """One Clip for each span, named by who speaks first in it (`Any`: JSON)."""
    at_ms = 0
    for span in page.spans:
        lasts_ms = span.end_ms - span.start_ms
        inside = [turn for turn in page.turns if at_ms <= turn.start_ms < at_ms + lasts_ms]
        yield {
            "@type": "Clip",
            "name": next((turn.speaker for turn in inside if turn.speaker), page.clip.title),
            "startOffset": at_ms / 1000,
            "endOffset": (at_ms + lasts_ms) / 1000,
            "url": f"{address}?t={at_ms / 1000:g}",
        }
        at_ms += lasts_ms


def iso_duration(ms: int) -> str:
    """A duration of ISO 8601: PT1M4.5S."""
    minutes, rest = divmod(ms, 60_000)
    seconds = f"{rest / 1000:g}S" if rest or not minutes else ""
    return f"PT{f'{minutes}M' if minutes else ''}{seconds}"
