"""Sitemaps: by the protocol's schema, bounded, true about when, and without what nobody may see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import etree

from meetings.articles.models import State as ArticleState
from meetings.clips.models import Visibility
from meetings.data import queries
from meetings.records import services
from meetings.records.models import Meeting, State
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.data.schemas import SITEMAP, SITEMAP_INDEX
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import BodyFactory, MeetingFactory, PlaceFactory

NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
VIDEO = "{http://www.google.com/schemas/sitemap-video/1.1}"


def read(client: Client, path: str, settings) -> dict[str, str | None]:
    """The addresses in a file with their lastmod, once it is known to be sound."""
    answer = client.get(path.removeprefix(settings.SITE_URL))
    assert answer.status_code == 200
    tree = etree.fromstring(answer.getvalue())
    (SITEMAP_INDEX if "sitemapindex" in tree.tag else SITEMAP).assertValid(tree)
    return {
        one.findtext("s:loc", namespaces=NS).removeprefix(settings.SITE_URL): one.findtext(
            "s:lastmod", namespaces=NS
        )
        for one in tree
    }


@pytest.mark.django_db
def test_index_leads_to_all_that_is_public_and_to_nothing_else(visitor: Client, settings) -> None:
    article = ArticleFactory(published_at=timezone.now())
    announced = MeetingFactory(state=State.ANNOUNCED)
    MeetingFactory(state=State.DRAFT, title="Secret")
    ArticleFactory(state=ArticleState.IN_REVIEW, headline="Secret")
    clip = ClipFactory()
    ClipFactory(visibility=Visibility.UNLISTED, slug="secretsecret")

    found: dict[str, str | None] = {}
    index = read(visitor, "/sitemap.xml", settings)
    for path in index:
        found |= read(visitor, path, settings)

    assert {path.removeprefix("/sitemaps/").split("-")[0] for path in index} == {
        "pages",
        "articles",
        "news",
        "meetings",
        "bodies",
        "places",
        "video",
    }
    for one in (article, announced, clip, announced.body, announced.body.place):
        assert one.get_absolute_url() in found
    assert not [path for path in found if "secret" in path]
    for path in found:
        assert visitor.get(path).status_code == 200, path


@pytest.mark.django_db
def test_robots_name_the_index(visitor: Client, settings) -> None:
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in visitor.get("/robots.txt").text


@pytest.mark.django_db
def test_files_hold_ranges_of_ids_that_never_move(visitor: Client, settings, monkeypatch) -> None:
    monkeypatch.setattr(queries, "IN_A_FILE", 10)
    base = 1_000_000
    for number in (1, 10, 11, 35):
        ArticleFactory(pk=base + number)

    index = [path for path in read(visitor, "/sitemap.xml", settings) if "articles" in path]

    assert index == [f"/sitemaps/articles-{base // 10 + one}.xml" for one in (1, 2, 4)]
    assert [len(read(visitor, path, settings)) for path in index] == [2, 1, 1]
    assert visitor.get(f"/sitemaps/articles-{base // 10 + 3}.xml").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["articles-0", "articles-99999999999999999999", "nothing-1"])
def test_files_that_the_index_does_not_name_are_404(name: str, visitor: Client) -> None:
    ArticleFactory()

    assert visitor.get(f"/sitemaps/{name}.xml").status_code == 404


@pytest.mark.django_db
def test_lastmod_is_when_something_changed(visitor: Client, settings) -> None:
    early, late = datetime(2026, 3, 5, 9, tzinfo=UTC), datetime(2026, 4, 1, 9, tzinfo=UTC)
    article = ArticleFactory(published_at=early, updated_at=late)
    meeting = MeetingFactory(body__place__parent=PlaceFactory(name="State"))
    quiet = BodyFactory()

    path = next(p for p in read(visitor, "/sitemap.xml", settings) if "articles" in p)
    assert read(visitor, path, settings)[article.get_absolute_url()] == "2026-04-01T09:00:00+00:00"
    assert read(visitor, "/sitemap.xml", settings)[path] == "2026-04-01T09:00:00+00:00"

    before = timezone.now().replace(microsecond=0)
    services.note_edit(meeting=meeting)
    visitor.cookies["sessionid"] = "none"  # so that the index is made anew
    index = read(visitor, "/sitemap.xml", settings)
    told: dict[str, str | None] = {}
    for path in index:
        told |= read(visitor, path, settings)
    for one in (meeting, meeting.body, meeting.body.place, meeting.body.place.parent):
        stated = told[one.get_absolute_url()]
        assert stated is not None
        assert datetime.fromisoformat(stated) >= before
    assert told[quiet.get_absolute_url()] is None


@pytest.mark.django_db
def test_news_is_of_two_days(visitor: Client, settings) -> None:
    now = timezone.now()
    new = ArticleFactory(published_at=now - timedelta(hours=47), headline="<New> & news\x0b")
    ArticleFactory(published_at=now - timedelta(hours=49))

    assert [*read(visitor, "/sitemaps/news-1.xml", settings)] == [new.get_absolute_url()]
    tree = etree.fromstring(visitor.get("/sitemaps/news-1.xml").getvalue())
    assert tree.findtext(f".//{NEWS}title") == "<New> & news"
    assert tree.findtext(f".//{NEWS}language") == "en"


@pytest.mark.django_db
def test_video_names_clips_with_a_player_and_a_picture(visitor: Client, settings) -> None:
    recording = RecordingFactory(ready=True, has_poster=True)
    clip = ClipFactory(recording=recording, note="What was <said>", duration_ms=90_400)
    plain = ClipFactory(recording=RecordingFactory(ready=True, has_poster=False))

    path = next(p for p in read(visitor, "/sitemap.xml", settings) if "video" in p)
    assert {*read(visitor, path, settings)} == {clip.get_absolute_url(), plain.get_absolute_url()}
    tree = etree.fromstring(visitor.get(path).getvalue())
    [video] = tree.iter(f"{VIDEO}video")
    assert video.findtext(f"{VIDEO}description") == "What was <said>"
    assert video.findtext(f"{VIDEO}duration") == "90"
    player = video.findtext(f"{VIDEO}player_loc").removeprefix(settings.SITE_URL)
    assert visitor.get(player).status_code == 200


@pytest.mark.django_db
def test_sitemaps_take_few_queries(visitor: Client) -> None:
    counts = []
    for _ in range(2):
        for _ in range(5):
            ArticleFactory()
        ClipFactory()
        visitor.cookies["sessionid"] = "none"
        with CaptureQueriesContext(
            connection,
        ) as captured:
            visitor.get("/sitemap.xml")
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 9


@pytest.mark.django_db
def test_assistants_are_told_what_they_may_read(visitor: Client, settings) -> None:
    answer = visitor.get("/llms.txt")

    assert answer["Content-Type"].startswith("text/plain")
    assert answer.text.startswith(f"# {settings.SITE_NAME}\n\n> ")
    parts = ["/mcp/", "/api/v1/docs", "/sitemap.xml", "/feeds/articles.atom", "/data/"]
    for part in [*parts, "/corrections/", "/feeds/corrections.atom"]:
        assert settings.SITE_URL + part in answer.text
    assert settings.DATA_LICENSE in answer.text
    assert Meeting.objects.count() == 0
