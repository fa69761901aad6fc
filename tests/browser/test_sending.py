"""Staff send a recording of a few megabytes over a line that breaks, and it arrives as it was."""

import re
import struct
from pathlib import Path

import pytest

from meetings.intake import arrivals
from meetings.media.models import Recording, Upload
from meetings.records.models import Meeting
from portal.site import demonstration
from tests.browser.watching import CRITICAL, SERIOUS
from tests.meetings.media.factories import video

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MB = 2**20
NAME = "Council “9/14” جلسة.mp4".replace("/", "\u2215")
# The part of the page that is ours: unfold's own colors are not for us to mend.
AXE_OF_OURS = """() => axe.run('.sending', {resultTypes: ['violations']})
  .then((found) => found.violations.map((one) => [one.impact, one.id, one.nodes[0].html]))"""


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """A video with four megabytes of nothing behind it, which players skip."""
    folder = tmp_path_factory.mktemp("film")
    whole = video(folder, seconds=2).read_bytes() + struct.pack(">I4s", 4 * MB, b"free")
    path = folder / NAME
    path.write_bytes(whole.ljust(len(whole) + 4 * MB - 8, b"\0"))
    return path


@pytest.fixture
def line(comes, settings, tmp_path):
    """Staff before the screen of a meeting, with a line that lets so many pieces through."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_PIECE_MB = 1
    settings.UPLOAD_MAX_GB = 0.005
    settings.UPLOAD_SPARE_GB = 0
    return Line(comes(account=demonstration.STAFF))


class Line:
    def __init__(self, staff):
        self.staff, self.page = staff, staff.page
        self.lets_through = 0
        self.is_cut = False
        staff.may_lose_the_line()
        self.page.route(re.compile(r"/uploads/[0-9a-f-]+/$"), self._carry)

    def _carry(self, route):
        if route.request.method == "PATCH":
            if self.lets_through == 0:
                self.is_cut = True
            self.lets_through -= 1
        if self.is_cut:
            route.abort("connectionreset")
        else:
            route.continue_()

    def mends(self, pieces=99):
        self.lets_through, self.is_cut = pieces, False

    def said(self, sentence):
        self.page.get_by_text(sentence).first.wait_for()


def choose(page, path):
    page.get_by_label("Choose a video or audio file, or drop it here").set_input_files(path)


def test_a_recording_arrives_over_a_line_that_breaks(line, film, tmp_path):
    staff, page = line.staff, line.page
    meeting = Meeting.objects.published().first()
    staff.goes(f"/admin/meetings/meeting/{meeting.pk}/change/", impacts=())
    staff.presses(page.locator("a[href$='/recordings/']"), impacts=CRITICAL)
    found = page.evaluate(AXE_OF_OURS)
    page.evaluate("document.documentElement.classList.add('dark')")
    found += page.evaluate(AXE_OF_OURS)
    assert [one for one in found if one[0] in SERIOUS] == []

    large, empty = tmp_path / "large.mp4", tmp_path / "empty.mp4"
    large.write_bytes(b"x" * 5_000_001)
    empty.touch()
    choose(page, large)
    line.said("The file is larger than 0.005 GB, the most that can be sent.")
    choose(page, empty)
    line.said("The file is empty.")

    line.mends(pieces=2)
    choose(page, film)
    line.said("The line is cut. It is tried again by itself.")
    assert page.evaluate("document.activeElement.textContent") == "Pause"
    page.get_by_text("It is tried again").wait_for()
    line.mends(pieces=1)
    page.get_by_text(re.compile(r"^7\d % of 4\.0 MB is there")).wait_for()  # three of four pieces
    page.keyboard.press("Enter")
    line.said("Paused. What was sent is kept for 72 hours.")
    assert page.evaluate("document.activeElement.textContent") == "Go on"
    assert Upload.objects.get().is_arriving

    line.mends()
    staff.goes(f"/admin/meetings/meeting/{meeting.pk}/recordings/", impacts=CRITICAL)
    assert page.get_by_text("% of 4.0 MB is there. Choose the same file to go on.").is_visible()
    choose(page, film)
    page.get_by_text("has arrived. A worker looks at it now").wait_for()
    arrivals.take_in()
    line.said("is the recording of this meeting now")

    recording = Recording.objects.get(original_name=NAME)
    assert recording.meeting == meeting
    assert Path(recording.original.path).read_bytes() == film.read_bytes()
    assert Upload.objects.count() == 1
    staff.goes(f"/admin/meetings/meeting/{meeting.pk}/recordings/", impacts=CRITICAL)
    assert page.get_by_text(NAME).is_visible()


def test_a_drop_can_be_canceled_and_a_form_waits_for_its_recording(line, film):
    staff, page = line.staff, line.page
    staff.goes("/admin/meetings/meeting/bring-in/", impacts=CRITICAL)
    staff.looks(CRITICAL)
    line.mends(pieces=1)
    moved = page.evaluate_handle(
        """() => {
          const moved = new DataTransfer();
          moved.items.add(new File([new Uint8Array(3e6)], "dropped.mp4"));
          return moved;
        }"""
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": moved})
    line.said("The line is cut.")
    page.get_by_role("button", name="Bring in").click()
    line.said("The recording has not arrived yet. Wait until it has, or cancel it.")
    line.mends()
    page.get_by_role("button", name="Cancel").click()
    line.said("Canceled. Nothing of dropped.mp4 is kept.")
    assert not Upload.objects.exists()

    choose(page, film)
    line.said(f"All of {NAME} has arrived.")
    key = str(Upload.objects.get().key)
    assert page.locator("input[name=recording]").input_value() == key

    staff.expects(403)
    page.context.clear_cookies()
    page.evaluate("document.querySelector('[name=recording]').value = ''")
    choose(page, film)
    line.said("You are signed out, or signed in anew.")
