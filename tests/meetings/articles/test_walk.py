"""The whole way of one article, from a model's draft over checks and reports to a correction.

What each step does is told in tests of its own; this one holds them together.
"""

import json
import re
from html import unescape

import feedparser
import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.articles import versions
from meetings.articles.models import Article, Check, Correction, ErrorReport, State
from meetings.articles.services import NeedsReason
from meetings.intake import deciding, reviewing, tasks
from meetings.intake import services as intake
from meetings.intake.deciding import Do, Wish
from portal.post.models import Mail
from tests.meetings.articles.modelserver import id_of, written
from tests.meetings.articles.test_llm_drafts import is_article
from tests.meetings.articles.test_llm_writer import ADOPTED, RATES, good, sentence
from tests.meetings.articles.test_report import send
from tests.meetings.articles.test_services import spoken_meeting

INVENTED, TRUE = "Rates rise by 9 percent on January 1.", "Rates rise by 8 percent on January 1."
UNCLEAR, CLEAR = "A bill of $46 becomes $50.", "A bill of $46 a month becomes $50."
REASON = "It did not say that the bill is of one month."


def writes(asked):
    """A model that invents a figure, and says one thing so that it can be misread."""
    if not is_article(asked):
        return written({"insights": []})
    told = [
        sentence("The council adopted the ordinance, four to two.", id_of(asked, ADOPTED)),
        sentence(INVENTED, id_of(asked, RATES)),
    ]
    return good(asked, paragraphs=[told])


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.mark.django_db
def test_from_a_draft_to_the_public_log(
    model, visitor, staff, settings, django_capture_on_commit_callbacks
):
    staff.user.display_name = "Rosa Lind"
    staff.user.save()
    # Drafted by the model, and checked by the workers.
    model.play(writes)
    intake.ask_for_draft(meeting=spoken_meeting())
    tasks.take_up_long()
    tasks.take_up_waiting()
    article = Article.objects.get()
    assert (article.writer, article.state) == ("llm", State.IN_REVIEW)
    invented = article.sentences.get(text=INVENTED)
    assert set(Check.objects.of_article(article).failed().values_list("sentence", flat=True)) == {
        invented.pk
    }
    assert visitor.get(article.get_absolute_url()).status_code == 404

    # It is not published as it is; edited, it is checked at once, and then it is.
    with pytest.raises(NeedsReason):
        reviewing.approve_article(article=article, by=staff.user, now=timezone.now())
    wish = Wish(Do.EDIT, row=invented.pk, seen=versions.token(invented), text=TRUE)
    deciding.decide(article=article, wish=wish, by=staff.user, now=timezone.now())
    assert not Check.objects.of_article(article).failed().exists()
    approve = reverse("admin:meetings_article_approve", args=[article.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.post(approve, {"reason": ""}).status_code == 302
    page = text_of(visitor.get(article.get_absolute_url()))
    assert TRUE in page
    assert INVENTED not in page

    # A reader reports a sentence.
    unclear = article.sentences.get(text=UNCLEAR)
    answer = send(
        visitor, article, sentence=unclear.pk, what="A bill for what?", email="reader@example.org"
    )
    assert answer.status_code == 302
    report = ErrorReport.objects.get()

    # Staff clarify it, with a reason for everybody.
    screen = reverse("admin:meetings_errorreport_decide", args=[report.pk])
    shown = staff.get(screen).content.decode()
    assert UNCLEAR in unescape(shown)
    fields = {
        f"{prefix}words-{number}": text
        for number, text in [(0, article.headline), *article.sentences.values_list("pk", "text")]
        for prefix in ("initial-", "")
    }
    fields |= {f"words-{unclear.pk}": CLEAR, "outcome": "clarified", "reason": REASON}
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(screen, fields)
    assert answer.status_code == 302, text_of(answer)

    # Everybody reads it: in the log, the feed, the article, its history; and the reader is told.
    correction = Correction.objects.get()
    log = text_of(visitor.get("/corrections/"))
    assert REASON in log
    assert "A bill of $46 [added: a month ] becomes $50." in log
    feed = feedparser.parse(visitor.get("/feeds/corrections.atom").content)
    assert not feed.bozo
    assert "<ins>a month</ins>" in feed.entries[0].summary
    page = visitor.get(article.get_absolute_url())
    assert CLEAR in text_of(page)
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', page.content.decode(), re.DOTALL)[1])
    assert data["correction"][0]["text"] == REASON
    history = visitor.get(reverse("article-history", args=[article.pk, article.slug]))
    assert "Clarified. It did not say" in text_of(history)
    assert INVENTED not in text_of(history)  # nobody but staff ever saw it
    mail = Mail.objects.get(key=f"report-{report.pk}-decided")
    assert f"{settings.SITE_URL}{correction.get_absolute_url()}" in mail.text
