"""An article on the desk: reviewed by keyboard, and without scripts, and never over another."""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from meetings.articles import services
from meetings.articles.models import Article, State
from meetings.intake import editing
from meetings.transcripts.edits import Reword
from meetings.transcripts.models import Segment
from memberships.models import User
from portal.site import demonstration
from tests.browser.film import Wire, filmed
from tests.browser.watching import CRITICAL, NOTHING, PHONE_WIDTH

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("SHOTS")


def shots(reader, name):
    """Pictures for a person to look at, where somebody asks for them."""
    if not SHOTS:
        return
    for width in (1280, PHONE_WIDTH):
        for scheme in ("light", "dark"):
            reader.page.set_viewport_size({"width": width, "height": 900})
            reader.page.emulate_media(color_scheme=scheme)
            path = Path(SHOTS) / f"{name}-{width}-{scheme}.png"
            reader.page.screenshot(path=str(path), full_page=True)
    reader.page.set_viewport_size({"width": 1280, "height": 900})
    reader.page.emulate_media(color_scheme="light")


@pytest.fixture
def public(site):
    """The demonstration's article, all of whose checks hold."""
    article = Article.objects.published().get()
    services.check_article(article=article, now=timezone.now())
    return article


@pytest.fixture
def draft(public):
    """The same as a draft that nobody has seen."""
    Article.objects.filter(pk=public.pk).update(state=State.IN_REVIEW, published_at=None)
    return Article.objects.get(pk=public.pk)


def screen(article):
    return f"/admin/meetings/article/{article.pk}/review/"


def quoted(article):
    """A sentence that is a quotation, below the standfirst."""
    return article.sentences.filter(paragraph=1).order_by("position").first()


def other_word(text):
    """The same with one word of the quotation changed."""
    words = text.split()
    place = len(words) - 3
    return " ".join([*words[:place], "herring", *words[place + 1 :]])


def presses(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def is_at(page, sentence):
    """Wait until the keyboard is at this sentence."""
    place = "document.activeElement.closest('.sentence')?.id"
    page.wait_for_function(f"{place} === 's{sentence.pk}'")


def test_article_is_reviewed_and_published_by_keyboard(comes, draft):
    staff = comes(account=demonstration.STAFF)
    page = staff.goes("/admin/", impacts=NOTHING)
    staff.presses(page.get_by_role("link", name="articles to review"), impacts=CRITICAL)
    shots(staff, "queue")
    staff.presses(page.get_by_role("link", name=draft.headline), impacts=CRITICAL)
    shots(staff, "review")
    first = draft.sentences.order_by("paragraph", "position").first()
    presses(page, "n")
    is_at(page, first)
    presses(page, "a")
    page.locator(f"#s{first.pk}.is-sure").wait_for()
    is_at(page, first)

    # One word in a quotation is changed: the verdict turns at once.
    sentence = quoted(draft)
    page.locator(f"#s{sentence.pk}").focus()
    presses(page, "e")
    box = page.locator(f"#s{sentence.pk} textarea")
    box.fill(other_word(sentence.text))
    presses(page, "Escape")
    assert box.input_value() == sentence.text
    is_at(page, sentence)
    presses(page, "e")
    box.fill(other_word(sentence.text))
    presses(page, "Control+s")
    wrong = page.locator(f"#s{sentence.pk}.is-wrong")
    wrong.wait_for()
    assert wrong.locator("ins").inner_text() == "herring"
    is_at(page, sentence)
    presses(page, "p", "f")
    is_at(page, sentence)

    # What is typed and not sent is not lost by what is done elsewhere.
    presses(page, "e")
    box.fill("Half a tho")
    page.locator(f"#s{first.pk}").focus()
    presses(page, "a")
    page.locator(f"#s{first.pk}:not(.is-sure)").wait_for()
    assert box.input_value() == "Half a tho"
    box.focus()
    presses(page, "Escape")

    # Others are offered for it; the next one is kept, and another is struck.
    page.locator(f"#s{sentence.pk}").focus()
    presses(page, "o")
    page.locator(".offers").wait_for()
    shots(staff, "offers")
    page.locator(".offers").get_by_role("link", name="Keep it as it is").press("Enter")
    page.locator(".offers").wait_for(state="detached")
    last = draft.sentences.order_by("-paragraph", "-position").first()
    page.locator(f"#s{last.pk}").focus()
    presses(page, "s", "Enter")
    page.locator(f"#s{last.pk}").wait_for(state="detached")

    # Publishing asks for a reason.
    staff.expects(422)
    presses(page, "y")
    page.get_by_role("button", name="Publish under my name").press("Enter")
    page.locator(".refused", has_text="takes a reason").wait_for()
    shots(staff, "refused")
    assert not Article.objects.get(pk=draft.pk).is_published
    page.get_by_label("Reason, for our own record").fill("She corrected herself in writing.")
    page.get_by_role("button", name="Publish under my name").press("Enter")
    page.get_by_role("heading", name="This article is public").wait_for()
    version = draft.versions.public().in_order().last()
    assert (version.reason, version.made_by_name) == (
        "She corrected herself in writing.",
        "Ines Calloway",
    )
    presses(page, "?")
    assert page.get_by_text("The next one that needs a look").is_visible()
    staff.looks(CRITICAL)
    staff.looks_everywhere()


def test_public_article_is_changed_for_a_reason_and_what_went_stale_is_shown(comes, public):
    """Shows 3, without scripts, on a phone."""
    staff = comes(
        account=demonstration.STAFF, java_script_enabled=False, width=PHONE_WIDTH, height=844
    )
    page = staff.goes(screen(public), impacts=NOTHING)
    shots(staff, "plain")
    sentence = quoted(public)
    row = page.locator(f"#s{sentence.pk}")
    row.get_by_text("Edit", exact=True).click()
    wrong = other_word(sentence.text)
    row.locator("textarea").fill(wrong)
    staff.expects(422)
    staff.presses(row.get_by_role("button", name="Save"), impacts=NOTHING)
    assert row.get_by_role("alert").filter(has_text="takes a reason").is_visible()
    assert row.get_by_role("alert").locator("ins").inner_text() == "herring"
    assert row.locator("textarea").input_value() == wrong
    assert public.sentences.get(pk=sentence.pk).text == sentence.text
    editing_it = row.locator(".editing")
    editing_it.get_by_label("Reason, where a check fails").fill("She corrected herself in writing.")
    editing_it.get_by_label("What was wrong, for readers").fill("It had another fish.")
    staff.presses(row.get_by_role("button", name="Save"), impacts=NOTHING)
    assert page.locator(f"#s{sentence.pk}.is-wrong").is_visible()
    assert public.versions.public().last().reason == "She corrected herself in writing."

    # The transcript is changed under another sentence.
    other = public.sentences.exclude(pk=sentence.pk).filter(paragraph=2).first()
    base = public.meeting.transcripts.current().get()
    key = other.evidence.first().first_key
    said = Segment.objects.get(transcript=base, key=key).text
    clerk = User.objects.get(email=demonstration.STAFF.email)
    submission = editing.Submission([Reword(key, f"{said} Aye.")], "", draft=None)
    editing.save(base=base, submission=submission, by=clerk)
    staff.goes("/admin/meetings/article/queue/?of=again", impacts=NOTHING)
    assert page.get_by_text("stale").first.is_visible()
    staff.presses(page.get_by_role("link", name=public.headline), impacts=NOTHING)
    stale = page.locator(f"#s{other.pk}")
    assert stale.get_by_text("what it rests on was changed").is_visible()
    staff.presses(stale.get_by_role("button", name="Let it rest on the new words"), impacts=NOTHING)
    assert stale.get_by_text("what it rests on was changed").count() == 0

    # Somebody else is quicker.
    stale.get_by_text("Edit", exact=True).click()
    stale.locator("textarea").fill("Mine.")
    services.edit(
        sentence=public.sentences.get(pk=other.pk),
        text="Theirs is other.",
        by=clerk,
        now=timezone.now(),
        reason="It is so.",
    )
    staff.expects(409)
    staff.presses(stale.get_by_role("button", name="Save"), impacts=NOTHING)
    assert stale.get_by_role("alert").filter(has_text="changed this meanwhile").is_visible()
    assert stale.locator("textarea").input_value() == "Mine."
    assert public.sentences.get(pk=other.pk).text == "Theirs is other."


def test_moment_of_a_sentence_is_played_beside_it(comes, public, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    filmed(public.meeting, tmp_path)
    current = public.meeting.transcripts.current().get()
    segment = Segment.objects.get(transcript=current, position=4)
    sentence = quoted(public)
    sentence.evidence.update(
        first_key=segment.key,
        last_key=segment.key,
        start_ms=segment.start_ms,
        end_ms=segment.end_ms,
    )
    staff = comes(account=demonstration.STAFF)
    Wire(staff, public.meeting.recordings.get())
    page = staff.goes(screen(public), impacts=CRITICAL)
    shots(staff, "playing")
    page.locator(f"#s{sentence.pk} .plays-here").wait_for()
    page.locator(f"#s{sentence.pk}").focus()
    presses(page, "w")
    inside = f"""() => {{ const film = document.querySelector("video");
      return film.currentTime >= {segment.start_ms / 1000} && film.currentTime > 0; }}"""
    page.wait_for_function(inside)
    page.wait_for_function("document.querySelector('video').paused")
    stopped = page.evaluate("document.querySelector('video').currentTime")
    assert segment.end_ms / 1000 - 0.1 <= stopped < segment.end_ms / 1000 + 1
