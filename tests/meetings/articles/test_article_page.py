"""The article page: what it shows, to whom, and what it must not hold."""

import json
import re
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse

from meetings.articles.models import Article, State, Writing
from meetings.records.models import State as MeetingState
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.records.factories import AgendaItemFactory, MeetingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    """A published article of two paragraphs about a meeting with agenda and transcript."""
    meeting = MeetingFactory(title="Regular meeting", body__name="Osier Ferry City Council")
    AgendaItemFactory(meeting=meeting, title="Water rates", start_ms=0)
    AgendaItemFactory(meeting=meeting, title="Library hours", start_ms=800_000)
    transcribe(
        [Utterance(n * 60_000, n * 60_000 + 50_000, f"secretword{n} was said.") for n in range(60)],
        meeting=meeting,
    )
    article = ArticleFactory(
        meeting=meeting,
        headline="Council raises water rates",
        standfirst="“Rates rise by 8 percent.”",
        reviewed_by_name="Rosa Lind",
    )
    for paragraph, position, text, start_ms in [
        (0, 1, "“Rates rise by 8 percent.”", 600_000),
        (1, 1, "“The pipe costs $8.4 million.”", 754_600),
        (1, 2, "“It was laid in 1911.”", 790_000),
        (2, 1, "“The library opens on Sundays.”", 3_754_000),
        (3, 1, "“The trust pays for it.”", 3_800_000),
    ]:
        SentenceFactory(
            article=article,
            paragraph=paragraph,
            position=position,
            text=text,
            evidence__start_ms=start_ms,
        )
    return article


def linked_data(page):
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(block)


def test_everybody_reads_the_article_and_the_notice(personas, article):
    for name, persona in personas.items():
        answer = persona.get(article.get_absolute_url())
        assert answer.status_code == 200, name
        page = unescape(answer.content.decode())
        for text in [
            "Council raises water rates",
            "“Rates rise by 8 percent.”",
            "“The pipe costs $8.4 million.”",
            "March 3, 2026",
            "Osier Ferry City Council",
            "1 min read",
            "Created by AI from the recording of this meeting.",
            "AI makes mistakes; the full video is the source.",
            "Written on March 4, 2026 by an extractive writer",
            "Reviewed by Rosa Lind.",
            "Published on March 5, 2026.",
            "Report an error",
            "Don't miss a word: see the full meeting",
            "Access full meeting",
        ]:
            assert text in page, (name, text)


def test_the_offer_names_what_membership_gives_to_those_who_have_none(visitor, member, article):
    url = article.get_absolute_url()
    assert "30-day money-back guarantee" in visitor.get(url).content.decode()
    assert "30-day money-back guarantee" not in member.get(url).content.decode()


def test_each_sentence_opens_its_moment(visitor, article):
    page = visitor.get(article.get_absolute_url()).content.decode()
    meeting = article.meeting.get_absolute_url()
    assert f'href="{meeting}?t=600#moment"' in page
    assert f'href="{meeting}?t=754.6#moment"' in page
    assert f'href="{meeting}?t=3754#moment"' in page
    assert "12 minutes 34 seconds: open this moment of the meeting" in page
    assert "1 hour 2 minutes 34 seconds: open this moment of the meeting" in page
    assert "12 minutes 34 seconds: the words behind this sentence" in page
    assert ">12:34</span>" in page
    assert ">1:02:34</span>" in page


def test_each_sentence_can_be_reported(visitor, article):
    page = visitor.get(article.get_absolute_url()).content.decode()
    report = reverse("report", args=[article.pk, article.slug])
    for sentence in article.sentences.all():
        assert f'href="{report}?sentence={sentence.pk}"' in page


def test_the_agenda_item_is_named_where_the_article_comes_to_it(visitor, article):
    page = visitor.get(article.get_absolute_url()).content.decode()
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Water rates", "Library hours"]


def test_no_word_that_no_sentence_rests_on_is_on_the_page(personas, article):
    for name, persona in personas.items():
        answer = persona.get(article.get_absolute_url())
        assert "secretword" not in answer.content.decode(), name
        assert "secretword" not in str(answer.headers), name


def test_script_in_a_sentence_is_only_text(visitor, article):
    planted = "“<script>alert(1)</script> & </p>”"
    SentenceFactory(article=article, paragraph=9, text=planted)
    Article.objects.update(headline="</script><b>", standfirst="</script>\u2028<!--")
    page = visitor.get(article.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "</script><b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;/p&gt;" in page
    assert linked_data(page)["headline"] == "</script><b>"
    assert linked_data(page)["description"] == "</script>\u2028<!--"


def test_the_page_says_to_machines_which_part_is_free(visitor, article):
    page = visitor.get(article.get_absolute_url()).content.decode()
    data = linked_data(page)
    assert data["@type"] == "NewsArticle"
    assert data["isAccessibleForFree"] is True
    selector = data["hasPart"]["cssSelector"].removeprefix(".")
    assert f'class="{selector}"' in page
    assert data["isBasedOn"]["isAccessibleForFree"] is False
    assert data["url"] == settings.SITE_URL + article.get_absolute_url()


def test_open_graph_and_canonical_use_the_site_address(visitor, article):
    page = visitor.get(article.get_absolute_url() + "?utm=x").content.decode()
    url = settings.SITE_URL + article.get_absolute_url()
    assert f'<link rel="canonical" href="{url}">' in page
    assert f'<meta property="og:url" content="{url}">' in page
    assert '<meta property="og:type" content="article">' in page
    assert '<meta property="og:title" content="Council raises water rates">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page


def test_more_of_the_same_body_is_shown_and_nothing_unpublished(visitor, article):
    body = article.meeting.body
    other = ArticleFactory(meeting__body=body)
    hidden = ArticleFactory(meeting__body=body, state=State.IN_REVIEW)
    elsewhere = ArticleFactory()
    gone = ArticleFactory(meeting__body=body, meeting__state=MeetingState.WITHDRAWN)
    page = visitor.get(article.get_absolute_url()).content.decode()
    page = page[page.index('class="more"') :]
    assert other.headline in page
    assert article.headline not in page
    for one in (hidden, elsewhere, gone):
        assert f"/articles/{one.pk}/" not in page


def test_another_slug_leads_to_the_right_one(visitor, article):
    answer = visitor.get(f"/articles/{article.pk}/old-title/")
    assert (answer.status_code, answer.headers["Location"]) == (301, article.get_absolute_url())


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_what_is_not_published_is_there_for_staff_alone(personas, article, state):
    Article.objects.update(state=state)
    for name, persona in personas.items():
        answer = persona.get(article.get_absolute_url())
        if name == "staff":
            assert answer.status_code == 200
            assert "Only staff see this page" in answer.content.decode()
            assert answer.headers["Cache-Control"] == "private, no-store"
        else:
            assert answer.status_code == 404, name
            assert "8.4 million" not in answer.content.decode(), name


def test_a_withdrawn_article_says_so_and_why(personas, article):
    Article.objects.update(state=State.WITHDRAWN, withdrawn_reason="It named the wrong street.")
    for name, persona in personas.items():
        answer = persona.get(article.get_absolute_url())
        page = answer.content.decode()
        assert "It named the wrong street." in page, name
        if name != "staff":
            assert answer.status_code == 410, name
            assert "8.4 million" not in page, name


def test_an_article_goes_with_its_meeting(visitor, article):
    meeting = article.meeting
    type(meeting).objects.update(state=MeetingState.WITHDRAWN, withdrawn_reason="Recorded twice.")
    answer = visitor.get(article.get_absolute_url())
    assert answer.status_code == 410
    assert "Recorded twice." in answer.content.decode()
    type(meeting).objects.update(state=MeetingState.DRAFT)
    assert visitor.get(article.get_absolute_url()).status_code == 404


def test_the_page_takes_few_queries(visitor, article, django_assert_max_num_queries):
    for _ in range(5):
        SentenceFactory(article=article, paragraph=4)
        ArticleFactory(meeting__body=article.meeting.body)
    with django_assert_max_num_queries(8):
        assert visitor.get(article.get_absolute_url()).status_code == 200


def test_visitors_are_given_the_same_page_again(visitor, article, django_assert_num_queries):
    first = visitor.get(article.get_absolute_url())
    assert first.headers["Cache-Control"].startswith("public")
    with django_assert_num_queries(0):
        assert visitor.get(article.get_absolute_url()).content == first.content


def test_the_notice_names_the_model_that_wrote(visitor, article):
    article.writing = Writing.objects.create(
        meeting=article.meeting,
        purpose="article",
        model_name="small-and-exact",
        prompt="article-1",
        transcript_version=1,
        currency="USD",
        begun_at=article.created_at,
        finished_at=article.created_at,
    )
    article.writer = "llm"
    article.save()
    page = visitor.get(article.get_absolute_url()).content.decode()
    assert "Written on March 4, 2026 by the language model small-and-exact." in page


def test_the_notice_names_a_person_and_never_an_address(visitor, article):
    Article.objects.update(reviewed_by_name="rosa@example.org")
    page = visitor.get(article.get_absolute_url()).content.decode()
    assert "rosa@example.org" not in page
    assert "Reviewed by our staff." in page


def test_only_reading_is_allowed(visitor, article):
    assert visitor.post(article.get_absolute_url()).status_code == 405
