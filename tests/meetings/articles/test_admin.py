"""Articles and reports on the desk."""

import pytest
from django.urls import reverse

from meetings.articles.models import Article, Check, ErrorReport, Sentence, State
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


def form_data(article, **changes):
    sentences = list(article.sentences.order_by("paragraph", "position"))
    data = {
        "headline": article.headline,
        "slug": article.slug,
        "sentences-TOTAL_FORMS": len(sentences),
        "sentences-INITIAL_FORMS": len(sentences),
    }
    for number, sentence in enumerate(sentences):
        for name in ("id", "article_id", "paragraph", "position", "text"):
            data[f"sentences-{number}-{name.removesuffix('_id')}"] = getattr(sentence, name)
    return data | changes


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


def test_each_sentence_stands_beside_what_was_said(staff, draft):
    page = staff.get(change_url(draft)).content.decode()
    assert "Rates rise. &lt;b&gt;By 8 percent.&lt;/b&gt;" in page
    assert "<b>By 8 percent.</b>" not in page
    assert f"{draft.meeting.get_absolute_url()}?t=0#moment" in page


def test_words_that_are_gone_are_said_to_be_gone(staff, draft):
    transcribe([Utterance(0, 4_000, "Other words.")], meeting=draft.meeting, version=2)
    page = staff.get(change_url(draft)).content.decode()
    assert "The current transcript has these words no longer." in page


def test_a_sentence_can_be_edited_before_publication(staff, draft):
    changed = form_data(draft, **{"sentences-1-text": "“By eight percent.”"})
    assert staff.post(change_url(draft), changed).status_code == 302
    assert Sentence.objects.get(article=draft, paragraph=1).text == "“By eight percent.”"


def test_the_standfirst_follows_its_sentence(staff, draft):
    staff.post(change_url(draft), form_data(draft, **{"sentences-0-text": "“Rates go up.”"}))
    draft.refresh_from_db()
    assert draft.standfirst == "“Rates go up.”"


def test_what_is_edited_here_is_checked_at_once_and_the_words_before_are_kept(staff, draft):
    staff.post(change_url(draft), form_data(draft, **{"sentences-0-text": "“Rates go down.”"}))
    checks = Check.objects.of_article(draft).filter(kind="quotation")
    assert checks.in_order().first().is_failed
    drafted, edited = draft.versions.in_order()
    assert (drafted.standfirst, edited.standfirst) == ("“Rates rise.”", "“Rates go down.”")
    assert edited.made_by == staff.user


def test_a_sentence_can_be_struck(staff, draft):
    staff.post(change_url(draft), form_data(draft, **{"sentences-1-DELETE": "on"}))
    assert list(draft.sentences.values_list("paragraph", flat=True)) == [0]


def test_after_publication_no_word_changes(staff, draft):
    Article.objects.update(state=State.PUBLISHED, published_at="2026-03-05T09:00Z")
    before = list(Sentence.objects.values())
    changed = form_data(draft, **{"headline": "Other", "sentences-1-text": "“Other.”"})
    staff.post(change_url(draft), changed)
    assert list(Sentence.objects.values()) == before
    draft.refresh_from_db()
    assert draft.headline != "Other"


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
    report = ErrorReportFactory(article=sentence.article, sentence=sentence)
    url = reverse("admin:meetings_errorreport_change", args=[report.pk])
    page = staff.get(url).content.decode()
    assert f"{sentence.article.get_absolute_url()}#s{sentence.pk}" in page


def test_a_report_is_closed_with_a_note(staff):
    report = ErrorReportFactory()
    url = reverse("admin:meetings_errorreport_change", args=[report.pk])
    answer = staff.post(url, {"state": "closed", "note": " "})
    assert "Write what was found" in answer.content.decode()
    assert ErrorReport.objects.get().state == "open"
    assert staff.post(url, {"state": "closed", "note": "The sum is right."}).status_code == 302
    assert ErrorReport.objects.get().state == "closed"
