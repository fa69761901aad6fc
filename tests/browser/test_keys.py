"""The keyboard: each shortcut, and where none may fire."""

import pytest

from tests.browser.test_player import (  # noqa: F401 - fixtures
    MEDIA,
    NOW,
    folder,
    meeting,
    opens,
    plays,
    watching,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

THEIRS = [
    {"key": "f", "ctrlKey": True},
    {"key": "n", "altKey": True},
    {"key": "k", "metaKey": True},
    {"key": "ArrowRight", "shiftKey": True},
    {"key": " "},
    {"key": "Tab"},
    {"key": "h"},
    {"key": "ArrowDown"},
    {"key": "Escape"},
]
PREVENTED = """(keys) => keys.map((options) => {
  const event = new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...options});
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
})"""


@pytest.fixture
def reading(watching):  # noqa: F811 - the fixture of that name
    member, _wire = watching()
    return member


def arrives(page, second):
    page.wait_for_function(
        f"(second) => !{MEDIA}.seeking && Math.abs({MEDIA}.currentTime - second) < 0.6", arg=second
    )


def test_keys_seek_by_seconds_segments_and_chapters_and_change_the_speed(reading):
    page = reading.page
    assert not any(page.evaluate(PREVENTED, THEIRS))  # the browser's and screen reader's own
    page.keyboard.press("l")
    arrives(page, 5)
    for key, second in [
        ("ArrowRight", 10),
        ("j", 5),
        ("ArrowLeft", 0),
        ("n", 3),
        ("n", 6),
        ("p", 3),
        ("N", 30),
        ("N", 75),
        ("P", 30),
        ("P", 0),
    ]:
        page.keyboard.press(key)
        arrives(page, second)
    assert page.evaluate(NOW) == ["Sentence 0 of the film."]
    for key, speed in [(">", 1.25), (">", 1.5), ("<", 1.25), ("<", 1), ("<", 0.75)]:
        page.keyboard.press(key)
        page.wait_for_function(f"(speed) => {MEDIA}.playbackRate === speed", arg=speed)
    page.keyboard.press("k")
    plays(page, 0.1)
    page.keyboard.press("k")
    assert page.evaluate(f"{MEDIA}.paused")
    # inside the player they are the same
    page.locator("[data-plyr=mute]").focus()
    page.keyboard.press("m")
    assert page.evaluate(f"{MEDIA}.muted")
    page.locator("[data-plyr=seek]").focus()
    page.keyboard.press("N")
    arrives(page, 30)
    page.keyboard.press("ArrowRight")
    arrives(page, 35)


def test_find_and_the_table_keep_the_keys_to_themselves_and_all_can_be_turned_off(
    reading,
    meeting,  # noqa: F811 - as above
):
    page = reading.page
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    assert box.evaluate("(one) => one === document.activeElement")
    page.keyboard.type("njk?lf/")
    assert box.input_value() == "njk?lf/"
    assert page.locator("dialog[open]").count() == 0

    page.locator(".turn .at").nth(2).focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.wait_for()
    reading.looks_everywhere()
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.locator(".turn .at").nth(2).evaluate("(one) => one === document.activeElement")
    assert page.evaluate(f"{MEDIA}.currentTime") == 0

    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_role("switch", name="Shortcuts are on").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    for _time in range(2):
        page.keyboard.press("l")
        page.keyboard.press("/")
        assert page.evaluate(f"{MEDIA}.currentTime") == 0
        assert page.evaluate("document.activeElement.type") != "search"
        opens(reading, meeting)
