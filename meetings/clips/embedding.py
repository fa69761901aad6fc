"""Embedding: the frame that shows a clip elsewhere, and what oEmbed 1.0 says of it.

https://oembed.com, sections 2.2 (consumer request) and 2.3 (response).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html

from . import queries, rendering
from .models import Clip

WIDTH = 640
SOUND_HEIGHT = 160
_CLIP = re.compile(r"/clips/([A-Za-z0-9_-]{11,22})/(?:embed/)?")


class Answer(TypedDict, total=False):
    """The parameters of a response of type `video` or `rich`."""

    type: str
    version: str
    title: str
    author_name: str
    provider_name: str
    provider_url: str
    cache_age: int
    thumbnail_url: str
    thumbnail_width: int
    thumbnail_height: int
    html: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Poster:
    """A clip's first picture: its path on this site, and its size in pixels."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """An iframe with the clip's player, and the HTML that brings it into another page."""

    clip: Clip
    width: int
    height: int

    @property
    def url(self) -> str:
        site: str = settings.SITE_URL
        return site + reverse("clip-embed", args=[self.clip.slug])

    @property
    def html(self) -> str:
        return format_html(
            '<iframe src="{}" title="{}" width="{}" height="{}"'
            ' style="border:0;max-width:100%" loading="lazy"'
            ' allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>',
            *(self.url, self.clip.title, self.width, self.height),
        )


def frame_of(clip: Clip, *, maxwidth: int | None = None, maxheight: int | None = None) -> Frame:
    """The frame, in the picture's own shape and never larger than these, in pixels."""
    recording = clip.recording
    width = min(WIDTH, maxwidth or WIDTH)
    if not recording.has_video:
        return Frame(clip, width, min(SOUND_HEIGHT, maxheight or SOUND_HEIGHT))
    shape = (recording.height or 9) / (recording.width or 16)
    height = round(width * shape)
    if maxheight is not None and height > maxheight:
        height, width = maxheight, min(width, max(1, round(maxheight / shape)))
    return Frame(clip, width, max(height, 1))


def slug_in(url: str) -> str | None:
    """The slug in the address of a clip of this site, or of its embed; None in any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    ours = urlsplit(settings.SITE_URL)
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() != ours.netloc:
        return None
    found = _CLIP.fullmatch(parts.path)
    return found[1] if found else None


def poster_of(clip: Clip) -> Poster | None:
    """The clip's first picture, once the worker has made it. One query."""
    row = queries.ends_of(clip)
    recording = clip.recording
    if row is None or not row.file_name or not (recording.width and recording.height):
        return None
    width = min(rendering.POSTER_WIDTH, recording.width)
    height = 2 * round(width * recording.height / recording.width / 2)
    return Poster(reverse("clip-poster", args=[clip.slug]), width, height)


def answer(frame: Frame, *, poster: Poster | None) -> Answer:
    """What the provider says of a clip and its poster, where there is one."""
    clip = frame.clip
    said = Answer(
        type="video" if clip.recording.has_video else "rich",
        version="1.0",
        title=clip.title,
        provider_name=settings.SITE_NAME,
        provider_url=settings.SITE_URL,
        cache_age=0,  # whether it is shown may change at any moment
        html=frame.html,
        width=frame.width,
        height=frame.height,
    )
    if clip.maker_name:
        said["author_name"] = clip.maker_name
    if poster is not None:
        said["thumbnail_url"] = settings.SITE_URL + poster.path
        said["thumbnail_width"], said["thumbnail_height"] = poster.width, poster.height
    return said


def to_xml(said: Answer) -> bytes:
    """The same as XML (section 2.3.2)."""
    root = ET.Element("oembed")
    for name, value in said.items():
        ET.SubElement(root, name).text = str(value)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
