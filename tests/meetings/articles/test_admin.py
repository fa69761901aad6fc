"""Articles and reports on the desk."""

import pytest
from django.contrib import admin
from django.urls import reverse

from meetings.articles.models import Article, ErrorReport, Sentence, State
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import (
    ArticleFactory,
    ErrorReportFactory,
    EvidenceFactory,
    SentenceFactory,
)
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    """An article in review, of a standfirst and one sentence, over a transcript."""
    article = ArticleFactory(state=State.IN_REVIEW, standfirst="“Rates rise.”")
    transcript = transcribe(
        [Utterance(0, 4_000, "Rates rise."), Utterance(4_000, 8_000, "<b>By 8 percent.</b>")],
        meeting=article.meeting,
    )
    first, last = transcript.segments.order_by("position").values_list("key", flat=True)
    for paragraph, text in [(0, "“Rates rise.”"), (1, "“By 8 percent.”")]:
        sentence = SentenceFactory(
            article=article, paragraph=paragraph, position=1, text=text, evidence=None
        )
        EvidenceFactory(sentence=sentence, first_key=first, last_key=last, start_ms=0)
    return article


def change_url(article):
    return reverse("admin:meetings_article_change", args=[article.pk])


def test_the_list_shows_state_body_and_open_reports(staff, draft):
    ErrorReportFactory(article=draft)
    answer = staff.get(reverse("admin:meetings_article_changelist"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert draft.headline in page
    assert draft.meeting.body.name in page


def test_filters_by_state_body_and_date_answer(staff, draft):
    url = reverse("admin:meetings_article_changelist")
    body = draft.meeting.body_id
    assert draft.headline in staff.get(f"{url}?state__exact=in_review").content.decode()
    assert draft.headline not in staff.get(f"{url}?state__exact=published").content.decode()
    assert staff.get(f"{url}?meeting__body__id__exact={body}").status_code == 200
    assert staff.get(f"{url}?meeting__held_on__gte=2026-01-01").status_code == 200


def test_the_plain_form_changes_no_word(staff, draft):
    """Words are changed on the screen of `intake.admin.articles`, against what was seen there."""
    before = list(Article.objects.values()), list(Sentence.objects.values())
    page = staff.get(change_url(draft)).content.decode()
    assert "<textarea" not in page
    staff.post(change_url(draft), {"headline": "Other", "slug": "other", "standfirst": "Other."})
    assert (list(Article.objects.values()), list(Sentence.objects.values())) == before


def test_what_was_published_is_not_deleted(staff):
    article = ArticleFactory()
    url = reverse("admin:meetings_article_delete", args=[article.pk])
    assert staff.post(url, {"post": "yes"}).status_code == 403
    assert Article.objects.filter(pk=article.pk).exists()


def test_reports_are_listed_by_state(staff):
    ErrorReportFactory(what="An open matter.")
    ErrorReportFactory(what="A closed matter.", state="closed", note="It was right.")
    url = reverse("admin:meetings_errorreport_changelist")
    page = staff.get(f"{url}?state__exact=open").content.decode()
    assert "An open matter." in page
    assert "A closed matter." not in page


def test_a_report_leads_to_its_sentence(staff):
    sentence = SentenceFactory()
    stood = {"id": sentence.pk, "text": "“It read so then.”", "start_ms": 754_000}
    report = ErrorReportFactory(
        article=sentence.article, sentence=sentence, sentences=[stood], version=3
    )
    url = reverse("admin:meetings_errorreport_change", args=[report.pk])
    page = staff.get(url).content.decode()
    article = sentence.article
    assert "It read so then." in page
    assert f"{article.get_absolute_url()}#s{sentence.pk}" in page
    assert f"{article.get_absolute_url()}history/?version=3#s{sentence.pk}" in page
    assert f"{article.meeting.get_absolute_url()}?t=754#moment" in page


def test_closing_a_report_writes_nothing_else(staff, rf):
    """Its address may have been dropped since the form was opened."""
    report = ErrorReportFactory(email="reader@example.org")
    ErrorReport.objects.update(email="")
    report.state, report.note = "closed", "The sum is right."
    admin.site._registry[ErrorReport].save_model(rf.post("/"), report, None, change=True)
    kept = ErrorReport.objects.get()
    assert (kept.state, kept.note, kept.email) == ("closed", "The sum is right.", "")
    assert kept.closed_at is not None


def test_a_report_is_closed_with_a_note(staff):
    report = ErrorReportFactory()
    url = reverse("admin:meetings_errorreport_change", args=[report.pk])
    answer = staff.post(url, {"state": "closed", "note": " "})
    assert "Write what was found" in answer.content.decode()
    assert ErrorReport.objects.get().state == "open"
    assert staff.post(url, {"state": "closed", "note": "The sum is right."}).status_code == 302
    assert ErrorReport.objects.get().state == "closed"
