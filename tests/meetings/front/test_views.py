"""Home, bodies and places: what is public, newest first, in few queries."""

from datetime import date

import pytest
from django.test import Client

from meetings.articles.models import State as ArticleState
from meetings.records.models import State
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.records.factories import BodyFactory, MeetingFactory, PlaceFactory


def headlines(client: Client, path: str = "/") -> list[str]:
    page = client.get(path)
    assert page.status_code == 200
    return [article.headline for article in page.context["home"].articles]


@pytest.mark.django_db
def test_home_shows_published_articles_newest_meeting_first(visitor: Client) -> None:
    for day, headline in ((3, "Old"), (9, "New"), (5, "Middle")):
        ArticleFactory(headline=headline, meeting__held_on=date(2026, 3, day))
    ArticleFactory(headline="Waiting", state=ArticleState.IN_REVIEW)
    ArticleFactory(headline="Gone", state=ArticleState.WITHDRAWN)
    ArticleFactory(headline="Hidden", meeting__state=State.DRAFT)

    assert headlines(visitor) == ["New", "Middle", "Old"]


@pytest.mark.django_db
def test_home_is_narrowed_to_a_body_or_a_place_with_all_below_it(visitor: Client) -> None:
    state = PlaceFactory(name="State")
    city = PlaceFactory(name="City", parent=state)
    here = BodyFactory(name="Council", place=city)
    ArticleFactory(headline="Here", meeting__body=here)
    ArticleFactory(headline="There")

    assert headlines(visitor, "/?body=council") == ["Here"]
    assert headlines(visitor, "/?place=state") == ["Here"]
    assert headlines(visitor, "/?place=city&body=council") == ["Here"]
    assert "Here" in visitor.get("/?place=state").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["body=nowhere", "place=x%00", "page=0", "page=2", "page=x", "page=999999999999999"]
)
def test_what_is_not_there_is_404(query: str, visitor: Client) -> None:
    ArticleFactory()

    assert visitor.get(f"/?{query}").status_code == 404


@pytest.mark.django_db
def test_pages_keep_what_the_list_is_narrowed_to(visitor: Client) -> None:
    body = BodyFactory(name="Council")
    for _ in range(21):
        ArticleFactory(meeting__body=body)

    page = visitor.get("/?body=council").content.decode()

    assert 'href="?body=council&amp;page=2"' in page
    assert len(headlines(visitor, "/?body=council&page=2")) == 1


@pytest.mark.django_db
def test_home_takes_few_queries(visitor: Client, django_assert_max_num_queries) -> None:
    for _ in range(25):
        ArticleFactory()
    MeetingFactory(state=State.ANNOUNCED)

    with django_assert_max_num_queries(7):
        assert visitor.get("/").status_code == 200


@pytest.mark.django_db
def test_a_body_shows_meetings_that_were_shown(
    visitor: Client, django_assert_max_num_queries
) -> None:
    body = BodyFactory(name="Council")
    article = ArticleFactory(meeting__body=body, headline="Rates rise")
    MeetingFactory(body=body, title="Soon", state=State.ANNOUNCED)
    MeetingFactory(body=body, title="Secret", state=State.DRAFT)
    MeetingFactory(body=body, title="Recalled", state=State.WITHDRAWN)

    with django_assert_max_num_queries(8):  # three of them are the calendar's
        page = visitor.get(body.get_absolute_url()).content.decode()

    assert article.meeting.title in page
    assert "Rates rise" in page
    assert "Soon" in page
    assert "Secret" not in page
    assert "Recalled" not in page


@pytest.mark.django_db
def test_a_place_names_what_is_around_and_within_it(
    visitor: Client, django_assert_max_num_queries
) -> None:
    state = PlaceFactory(name="Kennomac")
    county = PlaceFactory(name="Bellwether", parent=state)
    city = PlaceFactory(name="Osier Ferry", parent=county)
    BodyFactory(name="City Council", place=city)

    with django_assert_max_num_queries(6):
        page = visitor.get(county.get_absolute_url()).content.decode()

    for name in ("Kennomac", "Osier Ferry", "City Council"):
        assert name in page


@pytest.mark.django_db
def test_the_lists_take_few_queries(visitor: Client, django_assert_max_num_queries) -> None:
    for _ in range(10):
        BodyFactory(place__parent=PlaceFactory())

    with django_assert_max_num_queries(3):
        assert visitor.get("/places/").status_code == 200
    with django_assert_max_num_queries(3):
        assert visitor.get("/bodies/").status_code == 200


@pytest.mark.django_db
def test_names_are_escaped(visitor: Client) -> None:
    ArticleFactory(headline="<script>alert(1)</script>", meeting__body__name="<b>Council</b>")

    page = visitor.get("/").content.decode()

    assert "<script>alert" not in page
    assert "<b>Council" not in page
