"""Feeds: what RFC 4287 asks of Atom, nothing that members pay for, and 304 for whoever has it."""

from datetime import UTC, datetime

import feedparser
import pytest
from django.test import Client
from lxml import etree

from meetings.articles.models import Article, State
from meetings.intake import services as intake
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.data.schemas import ATOM
from tests.meetings.records.factories import BodyFactory, PlaceFactory

NS = {"a": "http://www.w3.org/2005/Atom"}


def feed(client: Client, path: str = "/feeds/articles.atom") -> feedparser.FeedParserDict:
    """The feed, once it is known to be sound by the RFC's grammar and by a common parser."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml"
    ATOM.assertValid(etree.fromstring(answer.content))
    parsed = feedparser.parse(answer.content)
    assert parsed.bozo == 0
    return parsed


def titles(client: Client, path: str = "/feeds/articles.atom") -> list[str]:
    return [entry.title for entry in feed(client, path).entries]


@pytest.mark.django_db
def test_feed_has_what_the_rfc_requires_and_whole_articles(visitor: Client, settings) -> None:
    article = ArticleFactory(headline="Rates rise", language="es")
    SentenceFactory(article=article, text="The rates rise.", evidence__start_ms=754_000)

    found = feed(visitor)

    assert found.feed.id.startswith("tag:")
    assert found.feed.author == settings.SITE_NAME
    assert {link.rel for link in found.feed.links} == {"self", "alternate"}
    [entry] = found.entries
    assert entry.link == settings.SITE_URL + article.get_absolute_url()
    assert entry.summary == article.standfirst
    [content] = entry.content
    assert content.language == "es"
    assert "Created by AI" in content.value
    assert "The rates rise." in content.value
    assert f"{article.meeting.get_absolute_url()}?t=754#moment" in content.value
    assert ">12:34</a>" in content.value
    assert entry.tags[0].term == article.meeting.body.name


@pytest.mark.django_db
def test_empty_feed_is_a_sound_one(visitor: Client) -> None:
    assert titles(visitor) == []


@pytest.mark.django_db
def test_feed_shows_published_articles_the_newest_first(visitor: Client) -> None:
    for day, headline in ((3, "Old"), (9, "New"), (5, "Middle")):
        ArticleFactory(headline=headline, published_at=datetime(2026, 3, day, tzinfo=UTC))
    ArticleFactory(headline="Waiting", state=State.IN_REVIEW)
    ArticleFactory(headline="Gone", state=State.WITHDRAWN)

    assert titles(visitor) == ["New", "Middle", "Old"]


@pytest.mark.django_db
def test_bodies_and_places_have_feeds_of_their_own(visitor: Client) -> None:
    state = PlaceFactory(name="State")
    city = PlaceFactory(name="City", parent=state)
    ArticleFactory(headline="Here", meeting__body=BodyFactory(name="Council", place=city))
    ArticleFactory(headline="There")

    assert titles(visitor, "/feeds/bodies/council.atom") == ["Here"]
    assert titles(visitor, "/feeds/places/state.atom") == ["Here"]
    assert titles(visitor, "/feeds/places/city.atom") == ["Here"]
    assert visitor.get("/feeds/bodies/nowhere.atom").status_code == 404
    assert visitor.get("/feeds/places/nowhere.atom").status_code == 404


@pytest.mark.django_db
def test_words_cannot_break_out_of_a_feed(visitor: Client) -> None:
    article = ArticleFactory(headline="A < B & \x0b]]>", standfirst="<b>1 < 2</b> \x01\ufffe")
    SentenceFactory(article=article, text="<script>alert(1)</script> & \x1b more")

    answer = visitor.get("/feeds/articles.atom")

    entry = etree.fromstring(answer.content).find("a:entry", NS)
    assert entry is not None
    assert entry.findtext("a:title", namespaces=NS) == "A < B & ]]>"
    assert entry.findtext("a:summary", namespaces=NS) == "&lt;b&gt;1 &lt; 2&lt;/b&gt; "
    assert "<script>" not in (entry.findtext("a:content", namespaces=NS) or "")
    feed(visitor)


@pytest.mark.django_db
def test_ids_stay_when_a_headline_and_its_address_change(visitor: Client) -> None:
    article = ArticleFactory(headline="Before")
    before = feed(visitor).entries[0].id
    Article.objects.filter(pk=article.pk).update(headline="After", slug="after")
    visitor.cookies["sessionid"] = "none"  # so that it is made anew

    assert feed(visitor).entries[0].id == before


@pytest.mark.django_db
def test_whoever_has_a_feed_is_answered_304(visitor: Client) -> None:
    article = ArticleFactory()
    first = visitor.get("/feeds/articles.atom")
    etag, modified = first["ETag"], first["Last-Modified"]

    for asked in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        again = visitor.get("/feeds/articles.atom", headers=asked)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == etag
        assert again["Cache-Control"] == first["Cache-Control"]
    assert "s-maxage=60" in first["Cache-Control"]
    assert visitor.get("/feeds/articles.atom", headers={"If-None-Match": '"x"'}).status_code == 200
    assert article.headline in first.content.decode()


@pytest.mark.django_db(transaction=True)
def test_withdrawing_a_meeting_is_seen_at_once_and_is_no_304(visitor: Client) -> None:
    article = ArticleFactory()
    first = visitor.get("/feeds/articles.atom")
    intake.withdraw_meeting(meeting=article.meeting, reason="Recorded twice.")

    for asked in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = visitor.get("/feeds/articles.atom", headers=asked)
        assert again.status_code == 200
        assert article.headline not in again.content.decode()


@pytest.mark.django_db
def test_feeds_take_few_queries_however_long(visitor: Client, django_assert_num_queries) -> None:
    body = BodyFactory(name="Council")
    for _ in range(60):
        SentenceFactory(article=ArticleFactory(meeting__body=body))

    with django_assert_num_queries(4):  # articles, sentences, evidence, the log
        assert len(titles(visitor)) == 50
    with django_assert_num_queries(5):
        assert len(titles(visitor, "/feeds/bodies/council.atom")) == 50


@pytest.mark.django_db
def test_pages_name_their_feeds(visitor: Client) -> None:
    article = ArticleFactory(meeting__body__name="Council", meeting__body__place__name="City")
    everywhere = 'type="application/atom+xml" title="Articles · Citizen Portal" href="/feeds/'

    for path, own in (
        ("/", "/feeds/articles.atom"),
        ("/bodies/council/", "/feeds/bodies/council.atom"),
        ("/places/city/", "/feeds/places/city.atom"),
        (article.get_absolute_url(), "/feeds/bodies/council.atom"),
        ("/feeds/", "/feeds/search.atom?q="),
    ):
        page = visitor.get(path).content.decode()
        assert everywhere in page
        assert own in page
