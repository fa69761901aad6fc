"""Corrections in the API: what the public log tells, and nothing of who reported it."""

from datetime import timedelta

import pytest

from meetings.articles.models import Outcome
from meetings.articles.services import decide
from meetings.data.api.corrections import CorrectionRow
from meetings.records import services as records
from meetings.records.models import Change
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.articles.test_corrections import (
    NOW,
    REASON,
    REPORTED,
    RIGHT,
    WRONG,
    correct,
    published_article,
    reported,
    wrong_one,
)
from tests.memberships.factories import UserFactory

WHAT, READER = "My neighbor Ada says it was eight.", "reader@example.org"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def article(db):
    return published_article()


@pytest.fixture
def correction(article):
    return correct(article, [reported(article, email=READER, what=WHAT)])


def taken_back(article, *, now=LATER):
    staff = UserFactory(display_name="Rosa Lind")
    return decide(
        article=article, reports=[], outcome=Outcome.WITHDRAWN, reason="No.", by=staff, now=now
    )


@pytest.mark.parametrize("given", [{}, {"token": None}])
def test_everybody_reads_what_was_decided(ask, article, correction, given):
    answer = ask("corrections", **given)
    (row,) = answer.json()["data"]
    assert CorrectionRow.model_validate(row)
    sentence = wrong_one(article).pk
    place = f"http://127.0.0.1:8000{article.get_absolute_url()}"
    assert row == {
        "id": correction.pk,
        "article": article.pk,
        "meeting": article.meeting_id,
        "outcome": "corrected",
        "reason": REASON,
        "reported_at": REPORTED.isoformat().replace("+00:00", "Z"),
        "decided_at": NOW.isoformat().replace("+00:00", "Z"),
        "decided_by": "Rosa Lind",
        "changes": [
            {"sentence": sentence, "before": WRONG, "after": RIGHT, "url": f"{place}#s{sentence}"}
        ],
        "is_withdrawn": False,
        "article_url": place,
        "url": f"http://127.0.0.1:8000/corrections/{correction.pk}/",
    }
    for theirs in (WHAT, READER, "reporter", "neighbor"):
        assert theirs not in answer.text


def test_a_sentence_that_was_struck_is_nowhere_and_a_headline_is_the_article(ask, article):
    words = {0: "Council buys a green pipe", wrong_one(article).pk: ""}
    correct(article, [], words=words)
    headline, struck = ask("corrections", token=None).json()["data"][0]["changes"]
    article.refresh_from_db()
    assert headline["url"].endswith(article.get_absolute_url())
    assert (headline["sentence"], headline["before"]) == (0, "Council buys a pipe")
    assert (struck["after"], struck["url"]) == ("", None)


@pytest.mark.parametrize("by_meeting", [True, False])
def test_of_a_withdrawn_article_no_words_are_told(ask, article, correction, by_meeting):
    if by_meeting:
        records.withdraw(meeting=article.meeting, reason="It was private.")
    else:
        taken_back(article)
    answer = ask("corrections", token=None)
    assert all(row["is_withdrawn"] and not row["changes"] for row in answer.json()["data"])
    assert "9 million dollars" not in answer.text


def test_articles_that_readers_never_saw_have_none(ask, article, correction):
    type(article).objects.filter(pk=article.pk).update(state="in_review", published_at=None)
    assert ask("corrections", token=None).json()["data"] == []


def test_a_copy_hears_of_new_decisions_and_of_words_that_are_gone(ask, article, correction):
    other = ArticleFactory()
    Change.objects.all().delete()

    def told(path, since):
        rows = ask(path, token=None, updated_since=since.isoformat()).json()["data"]
        return {row["id"]: row for row in rows}

    assert set(told("corrections", NOW)) == {correction.pk}
    assert told("corrections", NOW + timedelta(seconds=1)) == {}
    withdrawal = taken_back(article)
    rows = told("corrections", LATER)
    assert set(rows) == {correction.pk, withdrawal.pk}
    assert rows[correction.pk]["changes"] == []
    articles = told("articles", LATER)
    assert articles[article.pk]["gone"] is True
    assert other.pk not in articles


def test_pages_hold_each_once_and_filters_narrow(ask, article, correction):
    second = correct(published_article(), [])
    taken_back(article)
    seen, cursor = [], {}
    while True:
        page = ask("corrections", token=None, limit=1, **cursor).json()
        seen += [row["id"] for row in page["data"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(seen) == len(set(seen)) == 3
    rows = ask("corrections", article=second.article_id).json()["data"]
    assert [row["id"] for row in rows] == [second.pk]
    assert len(ask("corrections", meeting=article.meeting_id).json()["data"]) == 2


def test_many_take_as_few_queries_as_one(ask, article, correction, django_assert_num_queries):
    for _ in range(3):
        correct(published_article(), [])
    with django_assert_num_queries(2):
        assert len(ask("corrections", token=None).json()["data"]) == 4
