"""The podcast: RSS 2.0 with the sound of public clips, as podcast players read it.

https://www.rssboard.org/rss-specification, with what Apple's directory asks of a show and its
episodes (https://podcasters.apple.com/support/823) and what the Podcast namespace adds of words and
speakers (https://podcasting2.org/docs/podcast-namespace/1.0).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed, get_tag_uri
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from meetings.articles.queries import Moment
from meetings.clips.models import Clip, Rendering
from meetings.clips.showing import turns
from meetings.clips.timed import Span

from .feeds import writable

TYPE = "application/rss+xml"
SOUND = "audio/mp4"
CATEGORY = "Government"  # of Apple's list of categories
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
OF_FEEDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace of podcasts' own ids (Podcast namespace, "guid")."""
SAID_BYTES = 8_000
"""Of a note and the words. Apple takes 10,000 bytes; where it is from takes some of the rest."""
NAME_LONG = 128  # characters of a speaker's name (Podcast namespace, "person")
LEFT_OUT = "[…]"
_BARE: AttributesImpl[str] = AttributesImpl({})


@dataclass(frozen=True, slots=True)
class Episode:
    """A public clip with its sound, which comes with both (`queries.sounding_clips`)."""

    sound: Rendering

    @property
    def clip(self) -> Clip:
        return self.sound.clip

    @property
    def spans(self) -> list[Span]:
        return [Span(one.start_ms, one.end_ms) for one in self.clip.spans.all()]

    @property
    def moment(self) -> Moment:
        """Where the meeting says it."""
        return Moment(self.clip.meeting, self.spans[0].start_ms)


class _Podcast(Rss201rev2Feed):
    """Django's RSS 2.0, with all that players ask for."""

    def rss_attributes(self) -> dict[str, str]:
        known: dict[str, str] = super().rss_attributes()
        return {**known, "xmlns:itunes": ITUNES, "xmlns:podcast": PODCAST}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        """Without the time at which it is written, so that the same clips are the same feed."""
        about, add = self.feed, handler.addQuickElement
        for name in ("title", "link", "description", "language"):
            add(name, about[name])
        add("copyright", about["feed_copyright"])
        add(
            "atom:link", None, {"rel": "self", "href": about["feed_url"], "type": about["own_type"]}
        )
        handler.startElement("image", _BARE)
        add("url", about["cover"])
        add("title", about["title"])
        add("link", about["link"])
        handler.endElement("image")
        add("itunes:image", None, {"href": about["cover"]})
        add("itunes:category", None, {"text": CATEGORY})
        add("itunes:explicit", "false")
        add("itunes:type", "episodic")
        add("itunes:author", about["author"])
        if about["email"]:
            handler.startElement("itunes:owner", _BARE)
            add("itunes:name", about["author"])
            add("itunes:email", about["email"])
            handler.endElement("itunes:owner")
        add("podcast:guid", about["own_id"])
        add("podcast:medium", "podcast")

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        add = handler.addQuickElement
        add("itunes:duration", str(item["seconds"]))
        add("itunes:explicit", "false")
        add("itunes:episodeType", "full")
        add("itunes:author", item["of"])
        add("podcast:transcript", None, item["words"])
        for speaker in item["speakers"]:
            add("podcast:person", speaker)


def rss(episodes: Sequence[Episode], *, path: str) -> str:
    """The feed that lies at `path`, its episodes in this order."""
    site = settings.SITE_URL
    feed = _Podcast(
        title=writable(_("Clips · %s") % settings.SITE_NAME),
        link=site + reverse("feeds"),
        description=_(
            "What was said in public meetings, in the words and the voices of those who said it:"
            " clips that members cut and made public. Each leads to its moment in the meeting."
        ),
        language=settings.LANGUAGE_CODE,
        feed_url=site + path,
        own_id=str(uuid.uuid5(OF_FEEDS, re.sub("^[a-z]+://", "", site + path).rstrip("/"))),
        feed_copyright=writable(settings.DATA_LICENSE),
        own_type=TYPE,
        cover=site + reverse("feed-clips-cover"),
        author=writable(settings.SITE_NAME),
        email=settings.CONTACT_EMAIL,
    )
    for episode in episodes:
        _add(feed, episode)
    written: str = feed.writeString("utf-8")
    return written


def description(episode: Episode) -> SafeString:
    """What an episode's page says, as HTML: the exact words, who said them, and where."""
    clip, moment = episode.clip, episode.moment
    site = settings.SITE_URL
    source = format_html(
        '<p><a href="{}">{}</a>, {}, {}. <a href="{}">{}</a></p>',
        site + moment.url,
        clip.meeting.title,
        clip.meeting.body.name,
        date_format(clip.meeting.held_on, "DATE_FORMAT"),
        site + clip.get_absolute_url(),
        _("The clip with its proof"),
    )
    note = format_html("<p>{}</p>", clip.note) if clip.note else SafeString()
    said = format_html_join("", "{}", ((one,) for one in _said(episode)))
    return format_html("{}{}{}", note, said, source)


def _add(feed: _Podcast, episode: Episode) -> None:
    clip, sound, site = episode.clip, episode.sound, settings.SITE_URL
    fetched = Enclosure(
        site + reverse("clip-audio", args=[clip.slug]), str(sound.size_bytes), SOUND
    )
    words = {
        "url": site + reverse("clip-vtt", args=[clip.slug]),
        "type": "text/vtt",
        "rel": "captions",
    }
    if clip.language:
        words["language"] = clip.language
    feed.add_item(
        title=writable(clip.title),
        link=site + clip.get_absolute_url(),
        description=writable(description(episode)),
        unique_id=get_tag_uri(f"{site}/clips/{clip.pk}", None),
        unique_id_is_permalink=False,
        pubdate=sound.asked_at,
        enclosures=[fetched],
        seconds=max(round(clip.duration_ms / 1000), 1),
        of=writable(clip.meeting.body.name),
        words=words,
        speakers=_speakers(clip),
    )


def _said(episode: Episode) -> Iterator[SafeString]:
    """A paragraph for each turn, as long as there is room. What is left out is marked."""
    left = SAID_BYTES - len(escape(episode.clip.note).encode())
    for turn in turns(episode.clip.words, episode.spans):
        if turn.left_out_ms:
            left -= len(gap := format_html("<p>{}</p>", LEFT_OUT))
            yield gap
        words = " ".join(line["text"] for line in turn.lines)
        line = _turn(turn.speaker, words)
        size = len(line.encode())
        if size > left:
            yield _turn(turn.speaker, _begun(words, left))
            yield format_html("<p>{}</p>", _("All of the words stand on the clip's page."))
            return
        left -= size
        yield line


def _turn(speaker: str, words: str) -> SafeString:
    if not speaker:
        return format_html("<p>“{}”</p>", words)
    return format_html("<p><strong>{}:</strong> “{}”</p>", speaker, words)


def _begun(words: str, room: int) -> str:
    """As many of the words as fit into so many bytes of HTML."""
    kept: list[str] = []
    for word in words.split():
        room -= len(escape(word).encode()) + 1
        if room < 0:
            break
        kept.append(word)
    return " ".join([*kept, LEFT_OUT])


def _speakers(clip: Clip) -> list[str]:
    """Each once, in the order in which they speak."""
    names = dict.fromkeys(writable(one["speaker"])[:NAME_LONG].strip() for one in clip.words)
    return [name for name in names if name]
