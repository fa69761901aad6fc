"""What the screen is asked for: 200 % zoom, stillness, paper."""

import pytest

from tests.browser.test_every_page import FOR_EVERYBODY

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOVING = """[...document.querySelectorAll("html, body *")].filter((one) => {
  const style = getComputedStyle(one);
  const times = `${style.transitionDuration}, ${style.animationDuration}`.split(", ");
  return style.scrollBehavior === "smooth" || times.some((time) => parseFloat(time) > 0.001);
}).map((one) => one.outerHTML.slice(0, 80))"""


def test_nothing_juts_out_at_twice_the_size(comes):
    """1280 pixels at 200 % are 640 of the page's own."""
    reader = comes(width=640, height=450, device_scale_factor=2)
    for address in FOR_EVERYBODY.values():
        reader.goes(address())


@pytest.mark.parametrize("page", ["home", "article", "meeting", "sign-in"])
def test_nothing_moves_for_those_who_asked_for_stillness(comes, page):
    reader = comes(reduced_motion="reduce")
    reader.page.goto(FOR_EVERYBODY[page]())
    assert reader.page.evaluate(MOVING) == []


def test_paper_shows_the_article_and_nothing_to_press(visitor):
    page = visitor.goes(FOR_EVERYBODY["article"]())
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator(".made-by").is_visible()
    assert page.locator(".article-text .mark").first.is_visible()
    for hidden in [".masthead nav", ".announcement", ".full-meeting", "body > footer"]:
        assert page.locator(hidden).count() == 1
        assert not page.locator(hidden).is_visible(), hidden
    assert page.locator(".article-text .flag").first.is_hidden()
