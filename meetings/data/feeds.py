"""Atom (RFC 4287): articles as feed readers get them, whole, and marked as written by AI.

Every sentence leads to the moment that it rests on. What a feed says besides its entries is the
same for everybody, so that a kept answer serves them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from meetings.articles.models import Article, Sentence
from meetings.articles.queries import Moment

TYPE = "application/atom+xml"
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can hold, however it is escaped (section 2.2)."""


@dataclass(frozen=True, slots=True)
class About:
    """What a feed is of. `identity` never changes, wherever the feed may move."""

    title: str
    path: str
    """Of the feed itself, with its query."""
    page: str
    """Of the page that shows the same to people."""
    identity: str


class _Atom(Atom1Feed):
    """Django's, with whole articles and their languages."""

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


def atom(about: About, articles: Sequence[Article]) -> str:
    """The feed. Articles come `for_feeds`, the newest first."""
    site = settings.SITE_URL
    feed = _Atom(
        title=writable(about.title),
        link=site + about.page,
        description=None,
        subtitle=_("Articles are written by AI from the recordings of meetings."),
        language=settings.LANGUAGE_CODE,
        author_name=settings.SITE_NAME,
        author_link=site,
        feed_url=site + about.path,
        feed_guid=get_tag_uri(f"{site}/feeds/{about.identity}", None),
        feed_copyright=settings.DATA_LICENSE,
    )
    for article in articles:
        feed.add_item(
            title=writable(article.headline),
            link=site + article.get_absolute_url(),
            description=escape(writable(article.standfirst)),
            content=writable(content(article)),
            language=article.language,
            author_name=settings.SITE_NAME,
            categories=[writable(article.meeting.body.name)],
            unique_id=get_tag_uri(f"{site}/articles/{article.pk}", None),
            pubdate=article.published_at,
            updateddate=changed_at(article),
        )
    written: str = feed.writeString("utf-8")
    return written


def changed_at(article: Article) -> datetime:
    """When readers could last see something new of it."""
    return max(article.updated_at, article.published_at or article.updated_at)


def content(article: Article) -> SafeString:
    """The whole article as HTML, each sentence with the moment it rests on."""
    paragraphs = [
        format_html(
            "<p>{}</p>", format_html_join(" ", "{}", ((_line(one, article),) for one in run))
        )
        for _number, run in groupby(article.sentences.all(), key=lambda one: one.paragraph)
    ]
    notice = _(
        "Created by AI from the recording of this meeting. AI makes mistakes; the full video is"
        " the source."
    )
    whole = format_html(
        '<p><a href="{}">{}</a>, {}</p>',
        settings.SITE_URL + article.meeting.get_absolute_url(),
        article.meeting.title,
        article.meeting.body.name,
    )
    return format_html(
        "<p><em>{}</em></p>{}{}",
        notice,
        format_html_join("", "{}", ((one,) for one in paragraphs)),
        whole,
    )


def writable(text: str) -> str:
    """The text without what XML cannot hold."""
    return _UNWRITABLE.sub("", text)


def _line(sentence: Sentence, article: Article) -> SafeString:
    first = next(iter(sentence.evidence.all()), None)
    if first is None:
        return format_html("{}", sentence.text)
    moment = Moment(article.meeting, first.start_ms)
    return format_html(
        '{} <a href="{}">{}</a>',
        sentence.text,
        settings.SITE_URL + moment.url,
        _clock(first.start_ms),
    )


def _clock(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
