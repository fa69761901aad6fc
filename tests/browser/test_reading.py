"""Reading: from home to an article, from a sentence to its moment, with and without membership."""

import re

import pytest

from portal.site import demonstration

pytestmark = [pytest.mark.slow, pytest.mark.browser]

IN_VIEW = """(element) => {
  const box = element.getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.bottom <= window.innerHeight;
}"""


def words(text):
    return re.findall(r"\w+", text.lower())


def open_first_article(reader):
    reader.goes("/")
    headline = reader.page.locator(".entries h2 a").first
    title = headline.inner_text()
    reader.presses(headline)
    assert reader.page.get_by_role("heading", level=1).inner_text() == title
    return reader.page


def opens_words(sentence):
    """The mark of a sentence opens the words that it rests on, and these lead to the moment."""
    sentence.locator(".mark").click()
    return sentence.page.locator(".behind:popover-open").get_by_role(
        "link", name="Open in the meeting"
    )


def sign_in_by_password(reader, account):
    page = reader.goes("/accounts/login/password/")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password").fill(account.password)
    reader.presses(page.get_by_role("button", name="Sign in", exact=True))
    assert page.get_by_role("link", name="Account").is_visible()


def test_visitor_comes_from_a_sentence_to_what_membership_opens(visitor):
    page = open_first_article(visitor)
    assert "Created by AI" in page.locator(".made-by").inner_text()

    visitor.follows(opens_words(page.locator(".article-text .sentence").first))

    moment = page.locator("#moment")
    assert "lies beyond the free two minutes" in moment.inner_text()
    assert moment.evaluate(IN_VIEW)
    visitor.looks()
    visitor.presses(page.locator(".offer").get_by_role("button", name="Become a member"))
    assert page.url.startswith(f"{visitor.site}/membership/")
    assert "30 days" in page.locator("main").inner_text()


def test_moment_within_the_free_part_is_marked_for_a_visitor(visitor):
    page = open_first_article(visitor)
    visitor.presses(page.get_by_role("button", name="Access full meeting"))
    page.goto(f"{page.url}?t=31")
    moment = page.locator("mark#moment")
    assert moment.inner_text()
    assert moment.evaluate(IN_VIEW)


@pytest.mark.parametrize(
    "which", [0, *(pytest.param(other, marks=pytest.mark.slow) for other in (5, -1))]
)
def test_time_mark_brings_a_member_to_the_words_that_the_sentence_quotes(comes, which):
    member = comes()
    sign_in_by_password(member, demonstration.MEMBER)
    page = open_first_article(member)
    sentence = page.locator(".article-text .sentence").nth(which)
    quoted = words(sentence.inner_text().split("“", 1)[-1].split("”", 1)[0])

    member.follows(opens_words(sentence))

    moment = page.locator("mark#moment")
    assert moment.evaluate(IN_VIEW)
    member.looks()
    marked = words(moment.inner_text())
    assert marked == quoted[: len(marked)]
    assert page.locator(".offer").count() == 0


def test_address_of_a_moment_is_enough(comes):
    """Shared without the fragment, `?t=` alone brings the moment into view."""
    member = comes(account=demonstration.MEMBER)
    page = open_first_article(member)
    address = opens_words(page.locator(".article-text .sentence").last).get_attribute("href")
    page.goto(address.split("#")[0])
    page.wait_for_function(IN_VIEW, arg=page.locator("mark#moment").element_handle())


def test_everything_can_be_read_without_javascript(comes):
    member = comes(account=demonstration.MEMBER, java_script_enabled=False)
    page = member.goes("/")
    page.locator(".narrow summary").click()
    page.get_by_label("Body").select_option(label="Osier Ferry City Council")
    member.presses(page.get_by_role("button", name="Show"))
    assert "?body=osier-ferry-city-council" in page.url
    assert page.locator(".entries > li").count() == 1

    member.presses(page.locator(".entries h2 a"))
    assert page.locator(".article-text .sentence").count() > 5
    member.follows(opens_words(page.locator(".article-text .sentence").last))
    assert page.locator("mark#moment").evaluate(IN_VIEW)
    assert page.locator(".turn").count() > 50


RING = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    what: one.matches(".entries h2 a") ? "article" : one.matches(".mark") ? "mark"
      : one.matches(".behind .ways a:first-child") ? "open" : one.className,
    inMain: document.querySelector("main").contains(one),
    ring: style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) : 0,
    seen: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
  };
}"""


def tab(page):
    """One stop further. Each has a ring that can be seen."""
    page.keyboard.press("Tab")
    stop = page.evaluate(RING)
    assert stop["ring"] >= 2, stop
    assert stop["seen"], stop
    return stop


def tab_until(page, what):
    for _stop in range(40):
        if tab(page)["what"] == what:
            return
    pytest.fail(f"no {what} within 40 stops")


def test_keyboard_alone_leads_from_home_to_a_moment(visitor):
    page = visitor.goes("/")
    assert tab(page)["what"] == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    stop = tab(page)
    assert stop["inMain"]
    tab_until(page, "article")
    with page.expect_navigation(url="**/articles/**"):
        page.keyboard.press("Enter")
    tab_until(page, "mark")
    page.keyboard.press("Enter")
    tab_until(page, "open")
    with page.expect_navigation(url="**/meetings/**"):
        page.keyboard.press("Enter")
    assert page.locator("#moment").evaluate(IN_VIEW)
