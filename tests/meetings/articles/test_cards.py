"""The share image: 1200 by 630 pixels of what is public, drawn once."""

import io
import struct
import threading

import av
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from meetings.articles import cards
from meetings.articles.models import Article, Check, State
from meetings.records.models import State as MeetingState
from memberships.gate import pages
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory, sound_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return ArticleFactory(headline="Council raises water rates")


def share(article):
    return reverse("article-share", args=[article.pk])


def size_of(picture):
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", picture[16:24])


def card(headline="", **others):
    facts = {"site": "Portal", "quotation": "", "source": "March 3, 2026", "language": "en"}
    return cards.Card(headline=headline, **facts | others)


def test_everybody_is_given_the_picture(personas, article):
    for name, persona in personas.items():
        answer = persona.get(share(article))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png"), name
        assert size_of(answer.content) == (1200, 630), name
        assert len(answer.content) < 300_000, name


def test_the_page_names_it_with_its_words(visitor, article):
    page = visitor.get(article.get_absolute_url()).content.decode()
    assert f'<meta property="og:image" content="{settings.SITE_URL}{share(article)}">' in page
    assert '<meta property="og:image:alt" content="Council raises water rates · March 3,' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page


def test_it_is_kept_and_who_has_it_is_not_sent_it_again(visitor, article, monkeypatch):
    first = visitor.get(share(article))
    assert first.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    etag = first.headers["ETag"]
    again = visitor.get(share(article), headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    pages.shelf.drop_all()
    monkeypatch.setattr(cards, "_set", lambda card: pytest.fail("It was drawn again."))
    assert visitor.get(share(article)).content == first.content
    pages.shelf.drop_all()
    anew = visitor.get(share(article), headers={"If-None-Match": etag})
    assert (anew.status_code, anew.headers["Cache-Control"]) == (
        304,
        first.headers["Cache-Control"],
    )


def test_another_headline_is_another_picture(visitor, article):
    first = visitor.get(share(article))
    Article.objects.update(headline="Council keeps water rates")
    pages.shelf.drop_all()
    second = visitor.get(share(article), headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.content != first.content


def test_what_is_withdrawn_has_none(personas, article):
    Article.objects.update(state=State.WITHDRAWN, withdrawn_reason="It named the wrong street.")
    for name, persona in personas.items():
        answer = persona.get(share(article))
        assert (answer.status_code, answer.content) == (410, b""), name
        if name == "staff":
            assert "og:image" not in persona.get(article.get_absolute_url()).content.decode()


def test_it_goes_with_the_meeting(visitor, article):
    type(article.meeting).objects.update(state=MeetingState.WITHDRAWN, withdrawn_reason="Twice.")
    assert visitor.get(share(article)).status_code == 410


def test_a_draft_has_one_for_staff_alone(personas, article):
    Article.objects.update(state=State.IN_REVIEW)
    for name, persona in personas.items():
        answer = persona.get(share(article))
        assert answer.status_code == (200 if name == "staff" else 404), name
        assert answer.headers["Cache-Control"] == "private, no-store", name


def test_a_quotation_is_shown_once_it_was_compared_with_what_was_said(visitor):
    article = sound_article(headline="Council meets", standfirst="“The matter is decided.”")
    lead = article.sentences.get()
    article.sentences.update(paragraph=0, checked_at=timezone.now())
    page = visitor.get(article.get_absolute_url()).content.decode()
    assert 'og:image:alt" content="Council meets · March 3' in page
    plain = visitor.get(share(article)).content
    Check.objects.create(
        sentence=lead,
        position=1,
        kind="quotation",
        verdict="verbatim",
        is_failed=False,
        start=0,
        end=24,
    )
    pages.shelf.drop_all()
    page = visitor.get(article.get_absolute_url()).content.decode()
    assert 'og:image:alt" content="Council meets · “The matter is decided.” · ' in page
    assert visitor.get(share(article)).content != plain


@pytest.mark.parametrize(
    "headline",
    [
        "W" * 160,
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung " * 2,
        "word " * 32,
        "مجلس المدينة يوافق على زيادة أسعار المياه",
        "市议会批准水费上涨百分之八",
        "Rates \u202e rise \x00\x1b and {fall} #eval(1) \\u{41} $x$ *bold* \ue000 \ud7ff",
        "🎉" * 100,
        " ",
    ],
)
def test_nothing_runs_over_and_nothing_breaks_it(headline):
    """At the edges of the picture there is nothing but paper."""
    picture = cards._set(card(headline, quotation="“Word for word.”"))
    assert size_of(picture) == (1200, 630)
    rows = pixels(picture)
    paper = rows[40][0]
    for row in rows[30:]:
        assert set(row[:80]) == {paper}
        assert set(row[-80:]) == {paper}
    assert {pixel for row in rows[-40:] for pixel in row} == {paper}


def test_letters_that_no_font_has_are_left_out(monkeypatch):
    monkeypatch.setattr(cards, "_can_show", lambda text: text.isascii())
    without = cards._set(card("市议会批准水费上涨"))
    assert without == cards._set(card(""))
    assert without != cards._set(card("Council"))


def test_of_two_at_once_one_is_drawn(monkeypatch):
    drawn, started, go = [], threading.Event(), threading.Event()

    def slowly(card):
        drawn.append(card)
        started.set()
        assert go.wait(10)
        return b"a picture"

    monkeypatch.setattr(cards, "_set", slowly)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(cards.drawn(card("Twice")))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert started.wait(10)
    go.set()
    for thread in threads:
        thread.join()
    assert found == [b"a picture"] * 2
    assert len(drawn) == 1


def test_it_is_kept_before_the_next_one_has_its_turn(monkeypatch):
    """Who comes next may want the same picture."""
    kept_in_turn = []
    monkeypatch.setattr(cards, "_set", lambda card: b"a picture")
    monkeypatch.setattr(
        cards.store, "set", lambda *_args, **_facts: kept_in_turn.append(cards._turn.locked())
    )
    cards.drawn(card("Kept"))
    assert kept_in_turn == [True]


def test_who_would_wait_too_long_is_told_to_come_again(visitor, article, monkeypatch):
    monkeypatch.setattr(cards, "WAITS_S", 0.01)
    with cards._turn:
        answer = visitor.get(share(article))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert visitor.get(share(article)).status_code == 200


def test_no_word_of_the_transcript_is_in_it(article):
    """Neither in the picture nor in its words: it is made of what the article says itself."""
    SentenceFactory(article=article, paragraph=0, text="Told in other words.")
    made = cards.card_of(article, None)
    assert made.alt == "Council raises water rates · March 3, 2026 · " + article.meeting.body.name


def pixels(picture):
    """The pixels of a PNG, row by row, as numbers. Only what is drawn here is read."""
    with av.open(io.BytesIO(picture), format="png_pipe") as file:
        frame = next(file.decode(video=0)).to_ndarray(format="gray")
    return frame.tolist()
