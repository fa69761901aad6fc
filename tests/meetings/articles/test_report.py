"""Reporting an error: for everybody, and for nobody else than people."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.forms import ReportForm
from meetings.articles.models import Article, ErrorReport, State
from meetings.articles.visitors import client_address, reporter_hash
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory

WHAT = "The sum was 1.2 million, not 12 million."


@pytest.fixture
def article(db):
    return ArticleFactory()


def report_url(article, sentence=None):
    url = reverse("report", args=[article.pk, article.slug])
    return f"{url}?sentence={sentence}" if sentence else url


def stamp(article, *, ago=timedelta(minutes=1)):
    """What the form would have held if it had been opened that long ago."""
    return ReportForm(about=str(article.pk), now=timezone.now() - ago).initial["opened"]


def send(persona, article, *, sentence=None, **fields):
    data = {"what": WHAT, "email": "", "website": "", "opened": stamp(article), **fields}
    return persona.post(report_url(article, sentence), data)


def text_of(answer):
    return unescape(answer.content.decode())


def test_everybody_can_report(personas, article):
    for number, (name, persona) in enumerate(personas.items(), start=1):
        assert persona.get(report_url(article)).status_code == 200, name
        answer = send(persona, article, what=f"{WHAT} {number}")
        assert answer.status_code == 302, name
        received = persona.get(answer.headers["Location"])
        assert received.status_code == 200
        assert "It is stored, and our staff will see it." in text_of(received)
        assert ErrorReport.objects.count() == number
    report = ErrorReport.objects.earliest("pk")
    assert (report.article, report.sentence, report.what) == (article, None, f"{WHAT} 1")
    assert "127.0.0.1" not in report.reporter_hash


def test_a_sentence_is_shown_with_its_moment_and_kept(visitor, article):
    sentence = SentenceFactory(article=article, text="“It costs $12 million.”")
    page = text_of(visitor.get(report_url(article, sentence.pk)))
    assert "“It costs $12 million.”" in page
    assert f"{article.meeting.get_absolute_url()}?t=754#moment" in page
    send(visitor, article, sentence=sentence.pk, email="reader@example.org")
    report = ErrorReport.objects.get()
    assert (report.sentence, report.sentence_text) == (sentence, sentence.text)
    assert report.email == "reader@example.org"


@pytest.mark.parametrize("sentence", ["0", "-1", "x", "9" * 30, "٣", "1;DROP"])
def test_a_sentence_that_is_not_there_is_left_out(visitor, article, sentence):
    assert visitor.get(report_url(article, sentence)).status_code == 200
    assert send(visitor, article, sentence=sentence).status_code == 302
    assert ErrorReport.objects.get().sentence is None


def test_a_sentence_of_another_article_is_left_out(visitor, article):
    other = SentenceFactory(article=ArticleFactory(state=State.IN_REVIEW), text="“A secret.”")
    assert "A secret" not in text_of(visitor.get(report_url(article, other.pk)))


def test_one_report_may_be_about_several_sentences_as_they_read(visitor, article):
    first, second, third = (SentenceFactory(article=article, paragraph=4) for _ in range(3))
    stranger = SentenceFactory()
    page = text_of(visitor.get(report_url(article, second.pk)))
    assert f'value="{first.pk}"' in page
    assert f'value="{second.pk}"' not in page  # it is the one that stands above
    assert f'value="{stranger.pk}"' not in page
    send(visitor, article, sentence=second.pk, others=[third.pk, first.pk])
    report = ErrorReport.objects.get()
    assert report.sentence == second
    assert report.sentences == [
        {"id": one.pk, "text": one.text, "start_ms": 754_000} for one in (second, first, third)
    ]


def test_a_sentence_of_another_article_cannot_be_chosen(visitor, article):
    stranger = SentenceFactory(article__state=State.IN_REVIEW, text="“A secret.”")
    answer = send(visitor, article, others=[stranger.pk])
    assert_asked_again(answer, "A sentence was changed meanwhile. Choose again.")
    assert "A secret" not in text_of(answer)


def test_what_is_asked_again_keeps_the_chosen_sentences(visitor, article):
    chosen = SentenceFactory(article=article)
    page = send(visitor, article, others=[chosen.pk], opened="").content.decode()
    assert re.search(rf'<input[^>]*value="{chosen.pk}"[^>]*checked', page)


def test_pressing_the_button_twice_sends_one_report(visitor, article):
    sentence = SentenceFactory(article=article)
    for _ in range(7):  # past the limit: nothing new is counted
        assert send(visitor, article, sentence=sentence.pk).status_code == 302
    send(visitor, article, sentence=sentence.pk, email="reader@example.org")
    assert ErrorReport.objects.get().email == "reader@example.org"
    send(visitor, article)  # the article as a whole is another matter
    assert ErrorReport.objects.count() == 2


def test_readers_are_told_how_long_an_address_is_kept(visitor, article, settings):
    settings.REPORT_ADDRESS_DAYS, settings.REPORT_ADDRESS_MAX_DAYS = 17, 200
    told = re.compile(r"17\s+days after.*200\s+days in any case", re.DOTALL)
    assert told.search(text_of(visitor.get(report_url(article))))
    received = send(visitor, article).headers["Location"]
    assert told.search(text_of(visitor.get(received)))


def assert_asked_again(answer, sentence):
    assert answer.status_code == 422
    page = text_of(answer)
    assert sentence in page
    assert WHAT in page
    assert not ErrorReport.objects.exists()


def test_too_quick_for_a_person_is_asked_again(visitor, article):
    answer = send(visitor, article, opened=stamp(article, ago=timedelta(seconds=1)))
    assert_asked_again(answer, "quicker than we expect of a person")


def test_a_form_of_yesterday_is_asked_again(visitor, article):
    answer = send(visitor, article, opened=stamp(article, ago=timedelta(days=1, minutes=1)))
    assert_asked_again(answer, "not opened here within the last day")


@pytest.mark.parametrize("opened", ["", "forged", "1 2:forged"])
def test_a_form_that_was_never_opened_is_asked_again(visitor, article, opened):
    assert_asked_again(send(visitor, article, opened=opened), "not opened here")


def test_a_stamp_of_another_article_does_not_count(visitor, article):
    assert_asked_again(send(visitor, article, opened=stamp(ArticleFactory())), "not opened here")


def test_a_filled_trap_is_asked_again_and_emptied(visitor, article):
    answer = send(visitor, article, website="https://spam.example")
    assert_asked_again(answer, "should stay empty")
    assert "spam.example" not in text_of(answer)


def test_what_was_asked_again_can_be_sent_again(visitor, article):
    answer = send(visitor, article, opened="")
    opened = re.search(r'name="opened" value="([^"]+)"', answer.content.decode())[1]
    assert opened != ""
    later = ReportForm(
        {"what": WHAT, "email": "", "website": "", "opened": unescape(opened)},
        about=str(article.pk),
        now=timezone.now() + timedelta(seconds=10),
    )
    assert later.is_valid()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"what": "  "}, "Write what is wrong."),
        ({"what": "x" * 4_001}, "longer than 4000 characters"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"what": "a\x00b"}, "Null characters"),
    ],
)
def test_bad_input_is_named(visitor, article, fields, sentence):
    answer = send(visitor, article, **fields)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not ErrorReport.objects.exists()


def test_past_the_limit_the_text_is_kept_and_the_time_is_named(visitor, article):
    for number in range(5):
        assert send(visitor, article, what=f"{number} is wrong.").status_code == 302
    answer = send(visitor, article)
    assert answer.status_code == 429
    assert "5 reports in the last hour" in text_of(answer)
    assert WHAT in text_of(answer)
    assert ErrorReport.objects.count() == 5


def test_a_forged_request_from_elsewhere_is_refused(article):
    from django.conf import settings
    from django.test import Client

    client = Client(enforce_csrf_checks=True, HTTP_HOST=settings.SITE_URL.split("//")[1])
    answer = client.post(report_url(article), {"what": WHAT, "opened": stamp(article)})
    assert answer.status_code == 403
    assert not ErrorReport.objects.exists()


def test_script_in_a_report_is_only_text(visitor, article):
    answer = send(visitor, article, what="<script>alert(1)</script>", opened="")
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.WITHDRAWN])
def test_only_a_published_article_can_be_reported(personas, article, state):
    Article.objects.update(state=state, withdrawn_reason="A wrong street.")
    for name, persona in personas.items():
        assert persona.get(report_url(article)).status_code == 404, name
        assert send(persona, article).status_code == 404, name
    assert not ErrorReport.objects.exists()


def test_another_slug_leads_to_the_right_form(visitor, article):
    answer = visitor.get(f"/articles/{article.pk}/old/report/?sentence=7")
    assert answer.headers["Location"] == f"{report_url(article)}?sentence=7"


def test_the_form_is_never_kept_for_others(visitor, article):
    assert visitor.get(report_url(article)).headers["Cache-Control"] == "private, no-store"


def request_from(address, forwarded=""):
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, **extra)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_proxies_of_ours_are_believed(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request_from("10.0.0.1", forwarded)) == address


def test_one_household_counts_as_one():
    one = reporter_hash(request_from("2001:db8:1:2::1"))
    assert one == reporter_hash(request_from("2001:db8:1:2:ffff::9"))
    assert one != reporter_hash(request_from("2001:db8:1:3::1"))


def test_households_whose_address_is_written_as_ipv6_are_not_all_one():
    one = reporter_hash(request_from("::ffff:1.2.3.4"))
    assert one == reporter_hash(request_from("1.2.3.4"))
    assert one != reporter_hash(request_from("::ffff:1.2.3.5"))


@given(st.ip_addresses())
def test_the_hash_names_nobody(address):
    kept = reporter_hash(request_from(str(address)))
    assert re.fullmatch("[0-9a-f]{64}", kept)
    assert str(address) not in kept
