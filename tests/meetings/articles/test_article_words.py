"""The words behind an article: everybody can check a claim, and nobody the transcript."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from meetings.articles.models import Article, Check, Evidence, Sentence, State
from meetings.transcripts.models import Segment
from meetings.transcripts.utterances import Utterance
from memberships.gate import pages
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db

SPOKEN = re.compile(r"\bq\d+q\b")
"""The words of these meetings are like no others, and none is said twice."""


def spoken(first, count):
    return " ".join(f"q{number}q" for number in range(first, first + count))


def meeting_of(segments, *, words=30):
    """A meeting of so many segments of twenty seconds. The first six are the free two minutes."""
    meeting = MeetingFactory()
    said = [
        Utterance(n * 20_000, n * 20_000 + 19_000, spoken(n * words, words), ["Ann", "Bob"][n % 2])
        for n in range(segments)
    ]
    transcribe(said, meeting=meeting)
    return meeting


def rests(article, text, *spans, **facts):
    """A sentence that rests on segments, each span by its first and last position."""
    keys = dict(
        Segment.objects.filter(transcript__meeting=article.meeting).values_list("position", "key")
    )
    first = min(keys)
    sentence = SentenceFactory(article=article, text=text, evidence=None, **facts)
    for begin, end in spans:
        Evidence.objects.create(
            sentence=sentence,
            kind=Evidence.Kind.SUPPORT,
            first_key=keys[first + begin],
            last_key=keys[first + end],
            start_ms=begin * 20_000,
            end_ms=end * 20_000 + 19_000,
        )
    return sentence


def read(persona, path):
    answer = persona.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def test_everybody_reads_the_words_behind_a_sentence(personas):
    article = ArticleFactory(meeting=meeting_of(60))
    sentence = rests(article, "Rates rise.", (20, 20))
    for name, persona in personas.items():
        page = read(persona, article.get_absolute_url())
        assert f'popovertarget="w{sentence.pk}"' in page, name
        assert spoken(600, 30) in page, name
        assert "q599q" not in page, name
        assert "q630q" not in page, name
        assert ">Ann</span>" in page, name
        assert f'href="{article.meeting.get_absolute_url()}?t=400#moment"' in page, name


def test_a_long_moment_is_cut_to_the_words_that_a_mark_may_show(visitor):
    article = ArticleFactory(meeting=meeting_of(200))
    rests(article, f"“{spoken(615, 5)}.”", (20, 29))
    page = read(visitor, article.get_absolute_url())
    assert "… q" in page
    words = SPOKEN.findall(page[page.index('class="behind') :])
    assert len(set(words)) <= settings.EVIDENCE_WORDS_PER_MARK
    assert {f"q{number}q" for number in range(615, 620)} <= set(words)


def revealed(visitor, meeting):
    """Every word of the meeting that a visitor can come by, but for its free two minutes."""
    free = set(SPOKEN.findall(spoken(0, 6 * 30)))
    articles = Article.objects.filter(meeting=meeting)
    paths = [meeting.get_absolute_url(), reverse("home"), meeting.body.get_absolute_url()]
    paths += [meeting.get_absolute_url() + "?t=900", f"{reverse('search')}?q=q700q"]
    for article in articles:
        url = article.get_absolute_url()
        paths += [url, f"{url}report/", f"{url}report/received/", f"{url}history/"]
        paths += [f"{url}report/?sentence={one.pk}" for one in article.sentences.all()[:2]]
        paths += [f"{url}history/?version={number}" for number in (1, 2)]
        paths += [f"/articles/{article.pk}/share.png", f"/articles/{article.pk}/wrong/"]
    paths += ["/corrections/", "/feeds/corrections.atom", "/sitemap.xml", "/llms.txt"]
    for ending in ("transcript.txt", "transcript.json", "insights.json", "captions.vtt"):
        paths.append(f"/meetings/{meeting.pk}/{ending}")
    found = set()
    for path in paths:
        answer = visitor.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        found |= set(SPOKEN.findall(body.decode(errors="replace") + str(answer.headers)))
    return found - free


spans = st.tuples(st.integers(0, 79), st.integers(0, 4)).map(lambda one: (one[0], sum(one)))
spans = spans.map(lambda one: (one[0], min(one[1], 79)))
books = st.lists(
    st.lists(st.lists(spans, min_size=1, max_size=3), min_size=1, max_size=8),
    min_size=1,
    max_size=3,
)


@pytest.mark.slow
@hypothesis_settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    book=books,
    limits=st.tuples(st.integers(0, 60), st.integers(0, 300), st.integers(0, 25)),
)
def test_a_visitor_cannot_put_the_transcript_together(visitor, settings, book, limits):
    """Everything that all marks of all articles of a meeting reveal, added up."""
    per_mark, per_article, percent = limits
    settings.EVIDENCE_WORDS_PER_MARK = per_mark
    settings.EVIDENCE_WORDS_PER_ARTICLE = per_article
    settings.EVIDENCE_PERCENT_OF_MEETING = percent
    meeting = meeting_of(80)
    for sentences in book:
        article = ArticleFactory(meeting=meeting)
        for number, cited in enumerate(sentences):
            rests(article, f"Sentence {number}.", *cited, paragraph=1 + number // 4)
    everything = set()
    for article in Article.objects.filter(meeting=meeting):
        page = read(visitor, article.get_absolute_url())
        for behind in page.split('class="behind')[1:]:
            assert len(SPOKEN.findall(behind)) <= per_mark
        found = set(SPOKEN.findall(page)) - set(SPOKEN.findall(spoken(0, 6 * 30)))
        assert len(found) <= per_article
        everything |= found
    assert len(everything) <= 80 * 30 * percent // 100


@pytest.mark.slow
def test_the_whole_of_a_meeting_stays_closed_however_much_articles_cite(visitor):
    """Three articles that cite every minute of an hour show no more than the share that is set."""
    meeting = meeting_of(180)
    for _ in range(3):
        article = ArticleFactory(meeting=meeting)
        for number in range(45):
            rests(article, f"Sentence {number}.", (number * 4, number * 4 + 3))
    found = revealed(visitor, meeting)
    assert len(found) <= 180 * 30 * settings.EVIDENCE_PERCENT_OF_MEETING / 100
    assert len(found) > 180 * 30 * settings.EVIDENCE_PERCENT_OF_MEETING / 200  # it can be checked


def test_where_the_share_is_used_up_the_mark_says_so_and_leads_on(visitor, settings):
    settings.EVIDENCE_PERCENT_OF_MEETING = 0
    article = ArticleFactory(meeting=meeting_of(60))
    rests(article, "Rates rise.", (20, 20))
    page = read(visitor, article.get_absolute_url())
    assert not SPOKEN.search(page)
    assert "This article shows as many words as it may." in page
    assert f'href="{article.meeting.get_absolute_url()}?t=400#moment"' in page


def test_what_is_not_public_uses_nothing_up_and_what_is_taken_back_shows_nothing(visitor):
    meeting = meeting_of(60, words=5)
    first = ArticleFactory(meeting=meeting)
    for number in range(8):
        rests(first, f"Sentence {number}.", (10 + number * 2, 11 + number * 2))
    second = ArticleFactory(meeting=meeting)
    rests(second, "Rates rise.", (50, 50))
    assert spoken(250, 5) not in read(visitor, second.get_absolute_url())
    Article.objects.filter(pk=first.pk).update(state=State.WITHDRAWN, withdrawn_reason="Wrong.")
    pages.shelf.drop_all()
    assert spoken(250, 5) in read(visitor, second.get_absolute_url())
    answer = visitor.get(first.get_absolute_url())
    assert answer.status_code == 410
    assert not SPOKEN.search(answer.content.decode())


def test_words_that_were_taken_out_of_the_transcript_are_shown_no_more(visitor):
    """The words that evidence was written from are kept for staff: a name may be among them."""
    meeting = meeting_of(60)
    article = ArticleFactory(meeting=meeting)
    sentence = rests(article, "Rates rise.", (20, 20))
    Evidence.objects.update(words=spoken(600, 30))
    Segment.objects.filter(transcript__meeting=meeting, text=spoken(600, 30)).update(
        text="The name was taken out.", key="00000000000000ff"
    )
    Sentence.objects.filter(pk=sentence.pk).update(stale_since=timezone.now())
    page = read(visitor, article.get_absolute_url())
    assert not SPOKEN.search(page)
    assert "being checked again" in page
    assert "The transcript was changed at this moment after the sentence was written." in page


@pytest.mark.parametrize(
    ("verdict", "is_failed", "told"),
    [
        ("verbatim", False, "Quotation checked: these words were said, in this order."),
        ("trimmed", False, "Where it leaves words out or adds some, it shows that."),
        ("altered", True, "close to what was said, and not the same word for word"),
        ("not_found", True, "The quoted words were not found in the transcript."),
        ("other_speaker", True, "gives the quoted words to somebody else"),
        ("other_language", True, "it is a translation"),
    ],
)
def test_a_mark_says_what_became_of_the_quotation(visitor, verdict, is_failed, told):
    article = ArticleFactory(meeting=meeting_of(60))
    sentence = rests(article, "“Rates rise.”", (20, 20), checked_at=timezone.now())
    Check.objects.create(
        sentence=sentence,
        position=1,
        kind="quotation",
        verdict=verdict,
        is_failed=is_failed,
        start=0,
        end=13,
        detail={"words": "q1400q", "speaker": "q1401q"},
    )
    page = read(visitor, article.get_absolute_url())
    assert told in page
    assert ("for a reason that is kept" in page) == is_failed
    assert f'class="mark {"doubt" if is_failed else "sure"}"' in page
    assert "q1400q" not in page
    assert "q1401q" not in page


def test_context_and_what_no_check_has_seen_say_so(visitor):
    article = ArticleFactory(meeting=meeting_of(60))
    rests(article, "The council has nine members.", is_context=True, checked_at=timezone.now())
    rests(article, "Rates rise.", (20, 20))
    page = read(visitor, article.get_absolute_url())
    assert "Our staff added this as context." in page
    assert "No check has looked at this sentence yet." in page


def test_only_who_may_play_a_moment_is_told_how(personas):
    article = ArticleFactory(meeting=meeting_of(60))
    RecordingFactory(meeting=article.meeting, ready=True)
    rests(article, "Rates rise.", (20, 20))
    for name, persona in personas.items():
        page = read(persona, article.get_absolute_url())
        may_play = name in {"member", "staff"}
        assert ("playlist.m3u8" in page) == may_play, name
        assert ("play.js" in page) == may_play, name
        assert ('data-start-ms="400000" data-end-ms="419000"' in page) == may_play, name


def test_the_page_takes_few_queries_however_much_it_rests_on(
    visitor, django_assert_max_num_queries
):
    meeting = meeting_of(60)
    for _ in range(3):
        article = ArticleFactory(meeting=meeting)
        for number in range(12):
            rests(article, f"Sentence {number}.", (number, number + 3), (number + 20, number + 22))
    with django_assert_max_num_queries(8):
        read(visitor, article.get_absolute_url())
