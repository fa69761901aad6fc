"""What stands behind the sentences of an article: read by everybody, heard by members."""

import re

import pytest
from django.core.cache import cache

from meetings.articles.models import Article, Check, Evidence, Sentence
from meetings.media import storage
from portal.site import demonstration
from tests.browser.film import Wire, filmed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 390, "height": 844, "is_mobile": True, "has_touch": True}
MEDIA = "document.querySelector('.behind:popover-open :is(video, audio)')"
WORDS = "Sentence 3 of the film."

# Sentences whose mark stands on another line than their last letter.
APART = """() => [...document.querySelectorAll('.sentence')].filter((sentence) => {
  const time = sentence.querySelector('.mark .figures');
  if (!time) return false;
  const range = document.createRange();
  const text = sentence.firstChild;
  range.setStart(text, text.length - 1);
  range.setEnd(text, text.length);
  const letter = range.getBoundingClientRect();
  const mark = time.getBoundingClientRect();
  return mark.top > letter.bottom || mark.bottom < letter.top;
}).length"""


@pytest.fixture
def article(site, settings, tmp_path):
    """The demonstration's article about a film, with a sentence of each standing."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    assert storage.root() == settings.MEDIA_ROOT
    article = Article.objects.published().select_related("meeting").first()
    filmed(article.meeting, settings.MEDIA_ROOT)
    said = article.meeting.transcripts.current().get().segments.order_by("position")[3]
    sentences = list(article.sentences.order_by("paragraph", "position"))
    Evidence.objects.filter(sentence__article=article).update(
        first_key=said.key, last_key=said.key, start_ms=said.start_ms, end_ms=said.end_ms
    )
    Check.objects.filter(sentence__article=article).delete()
    Sentence.objects.filter(pk__in=[one.pk for one in sentences[1:]]).update(
        checked_at=article.created_at
    )
    for sentence, verdict in zip(sentences, ["verbatim", "altered"], strict=False):
        Check.objects.create(
            sentence=sentence,
            position=1,
            kind="quotation",
            verdict=verdict,
            is_failed=verdict == "altered",
            start=0,
            end=5,
        )
    stale = sentences[2]
    stale.stale_since = article.created_at
    stale.save()
    cache.clear()
    return article


def opened(page):
    return page.locator(".behind:popover-open")


def test_visitor_reads_on_a_phone_what_a_sentence_rests_on(comes, article):
    visitor = comes(**PHONE)
    page = visitor.goes(article.get_absolute_url())
    assert opened(page).count() == 0
    page.locator(".mark.sure").first.tap()
    behind = opened(page)
    behind.get_by_text(WORDS).wait_for()
    assert "Quotation checked" in behind.inner_text()
    assert "Ann" in behind.inner_text() or "ANN" in behind.inner_text()
    box = behind.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert box["y"] + box["height"] <= PHONE["height"]
    assert "playlist" not in page.content()
    visitor.looks()
    visitor.looks_everywhere()
    behind.get_by_role("button", name="Close").tap()
    assert opened(page).count() == 0
    page.locator(".mark.doubt").first.tap()
    assert "not the same word for word" in opened(page).inner_text()
    opened(page).get_by_role("button", name="Close").tap()
    assert "being checked again" in page.locator(".mark.stale").first.inner_text()


@pytest.mark.parametrize("experience", ["classic", "new"])
def test_everything_opens_without_a_script_in_both_experiences(comes, article, experience):
    reader = comes(java_script_enabled=False)
    page = reader.goes("/")
    if experience == "new":
        page.get_by_role("button", name=re.compile("new layout")).click()
    page = reader.goes(article.get_absolute_url())
    assert page.locator("html").get_attribute("data-experience") == experience
    page.locator(".mark.sure").first.click()
    behind = opened(page)
    assert WORDS in behind.inner_text()
    assert not behind.get_by_role("button", name="Copy link").is_visible()
    link = behind.get_by_role("link", name="Open in the meeting")
    box = behind.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    with page.expect_navigation():
        link.click()
    assert page.url.endswith("?t=9#moment")


def test_no_mark_begins_a_line(comes, article):
    page = comes().goes(article.get_absolute_url())
    assert page.locator(".sentence .mark").count() > 3
    for width in range(320, 820, 4):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(APART) == 0, width


def test_everything_is_done_by_keyboard(comes, article):
    reader = comes(color_scheme="dark")
    page = reader.goes(article.get_absolute_url())
    mark = page.locator(".mark").first
    mark.focus()
    page.keyboard.press("Enter")
    opened(page).get_by_text(WORDS).wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.behind') !== null")
    names = []
    for _ in range(6):
        names.append(page.evaluate("document.activeElement.textContent.trim()"))
        page.keyboard.press("Tab")
    assert {"Open in the meeting", "Report an error", "Copy link", "Close"} <= set(names)
    reader.looks()
    page.keyboard.press("Escape")
    assert opened(page).count() == 0
    mark.focus()
    page.keyboard.press("Space")
    assert opened(page).count() == 1
    name = page.get_by_role("note", name=re.compile("The words behind the sentence at 9 seconds"))
    assert name.first.is_visible()


def test_member_plays_the_moment_where_it_stands_and_it_ends_with_its_words(comes, article):
    member = comes(account=demonstration.MEMBER)
    wire = Wire(member, article.meeting.recordings.get())
    page = member.goes(article.get_absolute_url())
    assert wire.playlists == 0
    page.locator(".mark").first.click()
    opened(page).get_by_role("button", name=re.compile("^Play")).click()
    page.wait_for_function(f"() => {MEDIA}?.currentTime > 9.2")
    assert page.evaluate(f"document.activeElement === {MEDIA}")
    member.looks()
    page.wait_for_function(f"() => {MEDIA}.paused")
    assert page.evaluate(f"{MEDIA}.currentTime") == pytest.approx(11.8, abs=0.6)
    page.evaluate(f"window.kept = {MEDIA}; kept.currentTime = 9; kept.play()")
    page.wait_for_function("() => !kept.paused")
    page.keyboard.press("Escape")
    page.wait_for_function("() => kept.paused")


def test_on_paper_marks_are_numbered_notes_with_times_and_words(comes, article):
    reader = comes()
    page = reader.goes(article.get_absolute_url())
    page.emulate_media(media="print")
    notes = page.locator(".behind")
    assert notes.count() == article.sentences.count()
    assert all(notes.nth(number).is_visible() for number in range(notes.count()))
    assert WORDS in notes.first.inner_text()
    assert "0:09" in notes.first.inner_text()
    numbers = page.evaluate(
        "[...document.querySelectorAll('.behind')]"
        ".map((one) => getComputedStyle(one, '::before').content)"
    )
    marks = page.evaluate(
        "[...document.querySelectorAll('.mark')]"
        ".map((one) => getComputedStyle(one, '::after').content)"
    )
    assert [one.split(".")[0].strip('"') for one in numbers] == [one.strip('"') for one in marks]
    assert not page.locator(".behind .ways").first.is_visible()
