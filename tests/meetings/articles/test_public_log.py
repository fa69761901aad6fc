"""The public log of corrections: for everybody, and with nobody's words but the article's."""

import json
import re
from datetime import timedelta
from html import unescape

import feedparser
import pytest
from django.urls import reverse

from meetings.articles import public_log
from meetings.articles.models import Article, Correction, ErrorReport, Outcome, State
from meetings.intake import reviewing
from meetings.records.models import State as MeetingState
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

pytestmark = pytest.mark.django_db
LOG, FEED = "/corrections/", "/feeds/corrections.atom"
# What a reader wrote, and what was said in the meeting beside what the article says.
WHAT, SAID = "My neighbor Ada says it was eight.", "The pipe costs 8 million dollars. It is"


@pytest.fixture
def article():
    return published_article()


@pytest.fixture
def correction(article):
    return correct(article, [reported(article, email="reader@example.org", what=WHAT)])


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def tell(number, **facts):
    """So many decisions about one article."""
    article = ArticleFactory()
    return Correction.objects.bulk_create(
        Correction(
            article=article,
            outcome=Outcome.NO_CHANGE,
            reason=f"It is right, number {one}.",
            decided_at=NOW + timedelta(minutes=one),
            **facts,
        )
        for one in range(number)
    )


def test_everybody_reads_before_after_reason_and_dates(personas, correction):
    for name, persona in personas.items():
        for address in (LOG, correction.get_absolute_url()):
            answer = persona.get(address)
            assert answer.status_code == 200, name
            page = answer.content.decode()
            assert REASON in page
            assert re.search(r"<del>.*?9.*?</del>", page, re.DOTALL)
            assert re.search(r"<ins>.*?8.*?</ins>", page, re.DOTALL)
            told = text_of(answer)
            assert "March 6, 2026, decided after 2 days" in told
            assert "March 8, 2026" in told
            assert "Rosa Lind" in told


def test_the_difference_is_read_out_too(visitor, correction):
    told = text_of(visitor.get(LOG))
    assert "Before “The pipe costs [removed: 9 ] million dollars.”" in told
    assert "After “The pipe costs [added: 8 ] million dollars.”" in told


def test_nothing_of_the_reader_and_nothing_that_only_members_read(personas, article, correction):
    addresses = [LOG, FEED, correction.get_absolute_url(), article.get_absolute_url()]
    for address in addresses:
        for name in ("visitor", "refunded"):
            answer = personas[name].get(address)
            assert WHAT not in text_of(answer)
            assert "Ada" not in text_of(answer)
            assert b"reader@example.org" not in answer.content
            assert SAID not in text_of(answer)


def test_no_address_stands_where_a_name_should(visitor, article):
    """Somebody of the staff gave their address for a name."""
    correct(article, [reported(article)], by=UserFactory(display_name="rosa@example.org"))
    history = reverse("article-history", args=[article.pk, article.slug])
    for address in (LOG, Correction.objects.get().get_absolute_url(), history):
        assert b"rosa@example.org" not in visitor.get(address).content


def test_the_median_is_of_what_was_reported(visitor, article):
    assert "Half of all reports" not in text_of(visitor.get(LOG))
    for hours in (1, 5, 90):
        tell(1, reported_at=NOW - timedelta(hours=hours))
    tell(3)  # on the staff's own account: nobody waited for these
    assert public_log.log(page=1).median == "5 hours"


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.2, "less than an hour"), (1, "1 hour"), (47, "47 hours"), (48, "2 days"), (70, "3 days")],
)
def test_lengths_of_time_are_said_as_people_do(hours, said):
    assert public_log.lasting(timedelta(hours=hours)) == said


def test_it_has_pages(visitor):
    tell(45)
    first, last = visitor.get(LOG), visitor.get(f"{LOG}?page=3")
    assert "number 44." in text_of(first)
    assert "number 24." not in text_of(first)
    assert "number 0." in text_of(last)
    assert first.content.count(b'id="c') == 20
    for page in ("4", "0", "-1", "x", "9" * 30, "²"):
        assert visitor.get(f"{LOG}?page={page}").status_code == 404, page


def test_a_page_takes_few_queries_however_many_decisions(visitor, django_assert_max_num_queries):
    for _ in range(4):
        correct(published_article(), [])
    with django_assert_max_num_queries(4):  # one of them asks for the announcement
        assert visitor.get(LOG).status_code == 200
    with django_assert_max_num_queries(1):
        assert visitor.get(FEED).status_code == 200


@pytest.mark.parametrize("address", [LOG, FEED])
def test_it_is_kept_and_made_anew_when_something_is_decided(
    visitor, article, address, django_assert_num_queries, django_capture_on_commit_callbacks
):
    first = visitor.get(address)
    assert first.headers["Cache-Control"].startswith("public")
    with django_assert_num_queries(0):
        assert visitor.get(address).content == first.content
    page = visitor.get(article.get_absolute_url())
    assert b"Corrections to this article" not in page.content
    with django_capture_on_commit_callbacks(execute=True):
        reviewing.decide_in_public(
            article=article,
            reports=[],
            outcome=Outcome.CORRECTED,
            reason=REASON,
            words={wrong_one(article).pk: RIGHT},
            by=UserFactory(display_name="Rosa"),
            now=NOW,
        )
    assert REASON in visitor.get(address).content.decode()
    assert b"Corrections to this article" in visitor.get(article.get_absolute_url()).content


class TestWithdrawn:
    @pytest.fixture
    def withdrawn(self, article, correction, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            reviewing.withdraw_article(
                article=article, reason="It named the wrong pipe.", by=UserFactory(), now=NOW
            )
        return article

    def test_its_address_says_why_and_lists_know_it_no_more(self, visitor, withdrawn):
        for address in (
            withdrawn.get_absolute_url(),
            reverse("article-history", args=[withdrawn.pk, withdrawn.slug]),
        ):
            answer = visitor.get(address)
            assert answer.status_code == 410
            assert "It named the wrong pipe." in text_of(answer)
            assert RIGHT not in text_of(answer)
        for address in ("/", withdrawn.meeting.body.get_absolute_url()):
            assert withdrawn.headline not in text_of(visitor.get(address))

    def test_the_log_tells_of_it_and_shows_none_of_its_words(self, visitor, withdrawn, correction):
        for address in (LOG, FEED, correction.get_absolute_url()):
            told = text_of(visitor.get(address))
            assert withdrawn.headline not in told
            assert "million" not in told.replace(REASON, "")
            assert REASON in told
        assert "It named the wrong pipe." in text_of(visitor.get(LOG))

    def test_the_same_where_its_meeting_was_withdrawn(self, visitor, article, correction):
        type(article.meeting).objects.update(
            state=MeetingState.WITHDRAWN, withdrawn_reason="Recorded twice."
        )
        assert "million" not in text_of(visitor.get(LOG)).replace(REASON, "")


def test_what_was_never_public_is_not_told(visitor, article, correction):
    type(article.meeting).objects.update(state=MeetingState.DRAFT)
    assert REASON not in text_of(visitor.get(LOG))
    assert visitor.get(correction.get_absolute_url()).status_code == 404
    assert visitor.get("/corrections/999999/").status_code == 404


class TestFeed:
    def test_it_is_atom(self, visitor, correction, article, settings):
        answer = visitor.get(FEED)
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        feed = feedparser.parse(answer.content)
        assert not feed.bozo, feed.get("bozo_exception")
        assert feed.version == "atom10"
        [entry] = feed.entries
        assert entry.title == f"Corrected: {article.headline}"
        assert entry.link == f"{settings.SITE_URL}{correction.get_absolute_url()}"
        assert entry.id.startswith("tag:")
        assert entry.updated.startswith("2026-03-08T09:00:00")
        assert REASON in entry.summary
        assert "<del>9</del> <ins>8</ins>" in entry.summary
        assert feed.feed.links[1].href == f"{settings.SITE_URL}{FEED}"

    def test_what_xml_cannot_hold_does_not_break_it(self, visitor, article, correction):
        Correction.objects.update(reason="A bell\x07, a \x0b tab, <b>tags</b> & ]]> \ufffe ends.")
        Article.objects.update(headline="A \x1b headline & <more>")
        feed = feedparser.parse(visitor.get(FEED).content)
        assert not feed.bozo, feed.get("bozo_exception")
        assert "<b>" not in feed.entries[0].summary
        assert "&lt;b&gt;tags&lt;/b&gt;" in feed.entries[0].summary

    def test_an_empty_one_is_well_formed(self, visitor):
        feed = feedparser.parse(visitor.get(FEED).content)
        assert not feed.bozo
        assert feed.entries == []

    def test_it_holds_the_newest(self, visitor):
        tell(60)
        feed = feedparser.parse(visitor.get(FEED).content)
        assert len(feed.entries) == 50
        assert "number 59." in feed.entries[0].summary


class TestArticle:
    def test_the_note_stands_at_its_place_and_below(self, visitor, article, correction):
        page = visitor.get(article.get_absolute_url()).content.decode()
        sentence = page[page.index(f'id="s{wrong_one(article).pk}"') :]
        sentence = sentence[: sentence.index('class="sentence"')]
        assert f'href="{correction.get_absolute_url()}">corrected Mar 8, 2026</a>' in sentence
        assert page.count('class="corrected"') == 1
        below = page[page.index("Corrections to this article") :]
        assert REASON in below
        assert f"{article.get_absolute_url()}history/" in below

    def test_machines_read_it_too(self, visitor, article, correction, settings):
        page = visitor.get(article.get_absolute_url()).content.decode()
        data = json.loads(re.search(r'ld\+json">(.*?)</script>', page, re.DOTALL)[1])
        assert data["correction"] == [
            {
                "@type": "CorrectionComment",
                "text": REASON,
                "datePublished": "2026-03-08T09:00:00Z",
                "url": f"{settings.SITE_URL}{correction.get_absolute_url()}",
            }
        ]

    def test_what_changed_nothing_is_no_correction_of_it(self, visitor, article):
        correct(article, [reported(article)], outcome=Outcome.NO_CHANGE, words={})
        assert b"Corrections to this article" not in visitor.get(article.get_absolute_url()).content
        assert REASON in text_of(visitor.get(LOG))


def test_every_page_leads_to_the_log(visitor):
    assert b'href="/corrections/"' in visitor.get("/bodies/").content


class TestDesk:
    @pytest.fixture
    def report(self, article):
        return reported(article, email="reader@example.org", what=WHAT)

    def url(self, report):
        return reverse("admin:meetings_errorreport_decide", args=[report.pk])

    def fields(self, article, **facts):
        texts = {0: article.headline} | dict(article.sentences.values_list("pk", "text"))
        shown = {f"initial-words-{number}": text for number, text in texts.items()}
        kept = {f"words-{number}": text for number, text in texts.items()}
        return {**shown, **kept, "outcome": "corrected", "reason": REASON, **facts}

    def test_only_staff_decide(self, personas, article, report):
        for name in ("visitor", "member", "refunded"):
            answer = personas[name].post(
                self.url(report), self.fields(article, outcome="no_change")
            )
            assert answer.status_code in {302, 404}, name
            assert personas[name].get(self.url(report)).status_code in {302, 404}
        report.refresh_from_db()
        assert report.state == "open"
        assert not Correction.objects.exists()

    def test_the_screen_shows_the_sentence_then_and_now_and_its_moment(
        self, staff, article, report
    ):
        answer = staff.get(self.url(report))
        page = text_of(answer)
        assert WHAT in page
        assert "reader@example.org" in page
        assert "The pipe costs 8 million dollars." in page  # what was said
        sentence = wrong_one(article)
        assert f"history/?version={report.version}#s{sentence.pk}".encode() in answer.content or (
            report.version is None
        )
        assert f"{article.meeting.get_absolute_url()}?t=4#moment".encode() in answer.content

    def test_words_are_changed_and_the_decision_is_public(self, staff, visitor, article, report):
        words = {f"words-{wrong_one(article).pk}": RIGHT}
        answer = staff.post(self.url(report), self.fields(article, **words))
        assert answer.status_code == 302, text_of(answer)
        assert wrong_one(article).text == RIGHT
        assert REASON in text_of(visitor.get(LOG))
        assert staff.get(self.url(report)).status_code == 302  # decided: back to the report

    def test_others_about_the_same_sentence_are_answered_together(self, staff, article, report):
        same = reported(article, by="y", what="Eight!")
        other = reported(article, number=1, by="z", what="Who met?")
        page = staff.get(self.url(report)).content.decode()
        assert re.search(rf'name="also" value="{same.pk}" checked', page)
        assert re.search(rf'name="also" value="{other.pk}"(?! checked)', page)
        staff.post(self.url(report), self.fields(article, outcome="no_change", also=[same.pk]))
        assert set(ErrorReport.objects.open()) == {other}
        assert Correction.objects.get().reports.count() == 2

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"outcome": "lost"}, "Select a valid choice"),
            ({"outcome": "joined"}, "Select a valid choice"),
            ({"reason": " "}, "A decision takes a reason."),
            ({"reason": "x" * 501}, "at most 500"),
            ({}, "No word is changed yet."),
            ({"also": ["999999"]}, "Select a valid choice"),
        ],
    )
    def test_bad_input_is_named_and_nothing_is_stored(
        self, staff, article, report, facts, sentence
    ):
        answer = staff.post(self.url(report), self.fields(article, **facts))
        assert answer.status_code == 422
        if "also" not in facts:
            assert sentence in text_of(answer)
        assert not Correction.objects.exists()

    def test_a_failed_check_asks_for_its_reason(self, staff, article, report):
        staff.user.display_name = "Rosa Lind"
        staff.user.save()
        words = {f"words-{wrong_one(article).pk}": "“The pipe costs 77 million dollars.”"}
        answer = staff.post(self.url(report), self.fields(article, **words))
        assert answer.status_code == 422
        assert "failed" in text_of(answer)
        answer = staff.post(self.url(report), self.fields(article, **words, despite="On tape."))
        assert answer.status_code == 302

    def test_what_another_of_the_staff_changed_is_not_overwritten(self, staff, article, report):
        sentence = wrong_one(article)
        fields = self.fields(article, **{f"words-{sentence.pk}": "“The pipe costs dollars.”"})
        correct(article, [])
        answer = staff.post(self.url(report), fields)
        assert answer.status_code == 422
        assert "Somebody else changed these words meanwhile" in text_of(answer)
        # what was not touched on this screen is not put back
        fields = self.fields(article, outcome="no_change")
        fields |= {f"initial-words-{sentence.pk}": WRONG, f"words-{sentence.pk}": WRONG}
        assert staff.post(self.url(report), fields).status_code == 302
        assert wrong_one(article).text == RIGHT

    def test_a_late_one_gets_the_earlier_decision(self, staff, article, report):
        made = correct(article, [])
        fields = self.fields(article, outcome="joined", reason="", earlier=made.pk)
        assert staff.post(self.url(report), fields).status_code == 302
        report.refresh_from_db()
        assert report.correction == made

    def test_the_queue_is_by_age_with_the_open_ones_first(self, staff, article, report):
        reported(article, by="y", what="An older one.", created_at=REPORTED - timedelta(days=1))
        done = reported(article, by="z", what="A decided one.")
        correct(article, [done], outcome=Outcome.NO_CHANGE, words={})
        page = text_of(staff.get(reverse("admin:meetings_errorreport_changelist")))
        order = [page.index(words) for words in ("An older one.", WHAT, "A decided one.")]
        assert order == sorted(order)

    def test_a_decided_report_is_neither_opened_nor_deleted(self, staff, article, report):
        correct(article, [report])
        url = reverse("admin:meetings_errorreport_change", args=[report.pk])
        assert staff.post(url, {"state": "open", "note": ""}).status_code == 200
        delete = reverse("admin:meetings_errorreport_delete", args=[report.pk])
        assert staff.post(delete, {"post": "yes"}).status_code == 403
        report.refresh_from_db()
        assert report.state == "closed"

    def test_an_article_in_review_has_no_public_part(self, staff, visitor, article, report):
        Article.objects.update(state=State.IN_REVIEW, published_at=None)
        history = reverse("article-history", args=[article.pk, article.slug])
        assert visitor.get(history).status_code == 404
        assert staff.get(history).status_code == 404
