"""The history of an article: what readers saw, and when, and what differs."""

import re
from html import unescape

import pytest
from django.urls import reverse

from meetings.articles import services
from meetings.articles.models import Article, State
from tests.meetings.articles.test_corrections import (
    NOW,
    REASON,
    RIGHT,
    WRONG,
    correct,
    published_article,
    wrong_one,
)
from tests.memberships.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    """Drafted, edited before anybody saw it, published, and corrected once."""
    article = published_article()
    Article.objects.update(state=State.IN_REVIEW, published_at=None)
    article.refresh_from_db()
    by = UserFactory(display_name="Rosa Lind")
    first = article.sentences.get(position=1)
    services.edit(sentence=first, text="The council met.", by=by, now=NOW)
    services.publish(article=article, by=by, now=NOW, reason="Heard on the tape.")
    correct(article, [], by=by)
    return article


def history(article, query=""):
    return reverse("article-history", args=[article.pk, article.slug]) + query


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_everybody_sees_what_readers_saw(personas, article):
    for name, persona in personas.items():
        answer = persona.get(history(article))
        assert answer.status_code == 200, name
        told = text_of(answer)
        assert "Version 4" in told
        assert "Version 3" in told
        assert "Version 1" not in told  # of the draft nobody but staff has seen
        assert "Version 2" not in told
        assert REASON in told
        assert "Heard on the tape." not in told  # for the records, not for readers
        assert re.search(r"<ins>.*?8", answer.content.decode(), re.DOTALL)


def test_two_versions_are_compared_in_either_order(visitor, article):
    for query in ("?was=3&now=4", "?was=4&now=3"):
        told = text_of(visitor.get(history(article, query)))
        assert "From version 3 to version 4" in told
        assert "Before “The pipe costs [removed: 9 ] million dollars.”" in told
    assert "Both say the same." in text_of(visitor.get(history(article, "?was=4&now=4")))


def test_a_version_is_read_whole_and_says_which_words_are_the_machines(visitor, article):
    page = visitor.get(history(article, "?version=3")).content.decode()
    told = page[page.index('class="told"') : page.index('id="versions"')]
    marked = dict(re.findall(r'<span id="s\d+">([^<]*?)(?:&nbsp;)?<(abbr class="ai")?', told))
    assert {unescape(text).strip(): bool(mark) for text, mark in marked.items()} == {
        "The council met.": False,
        WRONG: True,
        "“It is green.”": True,
    }
    newer = text_of(visitor.get(history(article, "?version=4")))
    assert f"{RIGHT} AI" not in newer
    assert "“It is green.” AI" in newer


@pytest.mark.parametrize(
    "query",
    [
        "?version=1",
        "?version=2",
        "?version=99",
        "?version=x",
        "?version=-1",
        "?version=0",
        "?was=1&now=4",
        "?was=3&now=99",
        "?was=²&now=4",
        "?page=2",
        "?page=0",
        "?version=" + "9" * 40,
        "?was=3%00&now=4",
    ],
)
def test_what_is_not_there_or_not_public_is_not_found(visitor, article, query):
    assert visitor.get(history(article, query)).status_code == 404


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_of_a_draft_there_is_none(personas, article, state):
    Article.objects.update(state=state, published_at=None)
    for name, persona in personas.items():
        assert persona.get(history(article)).status_code == 404, name


def test_a_withdrawn_article_has_none_for_anybody(personas, article):
    services.withdraw(article=article, reason="It named the wrong pipe.")
    for name, persona in personas.items():
        for query in ("", "?version=3", "?was=3&now=4"):
            answer = persona.get(history(article, query))
            assert answer.status_code == 410, name
            assert "It named the wrong pipe." in text_of(answer)
            assert "million" not in text_of(answer)


def test_an_article_from_before_versions_says_so(visitor):
    told = text_of(visitor.get(history(published_article())))
    assert "This article has not been changed since it was published." in told


def test_another_slug_leads_here(visitor, article):
    answer = visitor.get(f"/articles/{article.pk}/old/history/")
    assert (answer.status_code, answer.headers["Location"]) == (301, history(article))


def test_it_is_kept_for_visitors_in_each_of_its_forms(visitor, article, django_assert_num_queries):
    pages = [history(article, query) for query in ("", "?version=3", "?was=3&now=4")]
    first = [visitor.get(page).content for page in pages]
    assert len(set(first)) == 3
    with django_assert_num_queries(0):
        assert [visitor.get(page).content for page in pages] == first


def test_many_versions_take_few_queries_and_have_pages(
    visitor, article, django_assert_max_num_queries
):
    by = UserFactory(display_name="Max")
    for number in range(25):
        text = f"“The pipe costs {number} million dollars.”"
        correct(article, [], by=by, words={wrong_one(article).pk: text}, despite="Heard.")
    with django_assert_max_num_queries(6):
        page = visitor.get(history(article)).content.decode()
    assert page.count('<li id="v') == 20
    assert 'id="v29"' in page
    last = visitor.get(history(article, "?page=2")).content.decode()
    assert 'id="v3"' in last
    assert 'id="v9"' in last
    assert last.count('class="change"') == page.count('class="change"') - 14
