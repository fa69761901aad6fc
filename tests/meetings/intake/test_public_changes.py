"""What staff change in a public article from its screen: the log, reasons, and who was first."""

import re

import pytest
from django.urls import reverse

from meetings.articles import services
from meetings.articles.models import Article, Correction, Sentence
from tests.meetings.articles.factories import ErrorReportFactory
from tests.meetings.articles.test_checking import reword
from tests.meetings.intake.test_article_desk import NOW, SAID, article, at, page, plain, url, wish

__all__ = ["article"]  # the fixture
pytestmark = pytest.mark.django_db


@pytest.fixture
def public(article, staff):
    services.publish(article=article, by=staff.user, now=NOW)
    article.refresh_from_db()
    return article


def offers(answer):
    return re.findall(r'name="text" value="(\w{16})"', page(answer))


def test_a_headline_with_a_reason_is_not_written_over_somebody_elses(staff, public):
    seen = public.headline
    services.retitle(article=public, headline="Hers", by=staff.user, now=NOW)
    answer = staff.post(
        url(public), {"do": "retitle", "seen": seen, "text": "His", "why": "It was too long."}
    )
    assert answer.status_code == 409
    assert Article.objects.get().headline == "Hers"
    assert not Correction.objects.exists()


def test_a_headline_with_a_reason_is_a_correction_with_it(staff, public):
    data = {"do": "retitle", "seen": public.headline, "text": "His", "why": "It was too long."}
    assert staff.post(url(public), data).status_code == 302
    assert Correction.objects.get().reason == "It was too long."


def test_no_words_and_a_reason_strike_nothing(staff, public):
    answer = wish(staff, at(public, 2), "edit", text=" ", why="It was wrong.")
    assert answer.status_code == 422
    assert "To take it out, strike it." in plain(answer)
    assert Sentence.objects.filter(article=public).count() == 3
    assert not Correction.objects.exists()


@pytest.mark.parametrize("why", ["", "It told of another month."])
def test_a_sentence_that_was_offered_stands_in_the_log_with_its_reason(staff, public, why):
    sentence = at(public, 2)
    answer = staff.get(f"{url(public)}?another={sentence.pk}")
    section = page(answer).split('class="offers"')[1].split("</section>")[0]
    assert section.count('name="why"') == len(offers(answer))
    assert wish(staff, sentence, "replace", text=offers(answer)[0], why=why).status_code == 302
    correction = Correction.objects.get()
    assert correction.reason == (why or "Our staff changed these words on their own account.")
    assert correction.before.number < correction.version.number


def test_an_offer_that_needs_a_reason_is_asked_for_it_where_it_stands(staff, public):
    reword(public, 0, SAID[0][1].replace("water", "gas"), by=staff.user)
    services.check_article(article=public, now=NOW)
    sentence = at(public, 2)
    [name, *_others] = offers(staff.get(f"{url(public)}?another={sentence.pk}"))
    refused = wish(staff, sentence, "replace", text=name, why="It told of another month.")
    assert refused.status_code == 422
    assert name in offers(refused)
    assert page(refused).count('value="It told of another month."') == 1
    reason = "The quotation is being looked at."
    assert wish(staff, sentence, "replace", text=name, reason=reason).status_code == 302
    assert public.versions.public().last().reason == reason


def test_a_reason_that_was_refused_stands_in_no_other_form(staff, public):
    answer = wish(staff, at(public, 1), "edit", text="“We will,” Eve said.", why="She said so.")
    assert answer.status_code == 422
    assert page(answer).count('value="She said so."') == 1


def test_no_reason_for_readers_is_longer_than_the_form_takes(staff, public):
    longest = int(re.search(r'name="why" maxlength="(\d+)"', page(staff.get(url(public))))[1])
    text = "The library opens on Sundays."
    assert wish(staff, at(public, 2), "edit", text=text, why="x" * longest).status_code == 302
    assert Correction.objects.get().reason == "x" * longest


def test_a_reason_longer_than_can_be_kept_is_told_at_its_field(staff, public):
    report = ErrorReportFactory(article=public)
    address = reverse("admin:meetings_errorreport_decide", args=[report.pk])
    sent = {"outcome": "no_change", "reason": "It is right.", "despite": "x" * 1_001}
    answer = staff.post(address, sent)
    assert answer.status_code == 422
    assert "at most 1000 characters" in plain(answer)
    assert not Correction.objects.exists()
