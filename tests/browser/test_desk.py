"""Staff at the desk: from a caption file to an article that everybody can read."""

import pytest

from meetings.intake import tasks
from meetings.intake.models import Import
from meetings.records.models import Meeting
from meetings.transcripts.models import Transcript
from portal.site import demonstration
from tests.browser.watching import NOTHING

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAID = [
    "Good evening, and welcome to the harbor committee of Osier Ferry.",
    "The first matter tonight is the repair of the north pier, which was closed in March.",
    "The engineer found that eleven of the forty timber piles have to be replaced.",
    "The repair of the north pier costs $480,000, and the state pays half of it.",
    "Work on the north pier begins on May 3 and takes fourteen weeks.",
    "I move that the committee approve the contract for the north pier repair.",
    "The motion to approve the pier contract passes five to nothing.",
    "The second matter is the price of a mooring, which has not changed since 2011.",
    "Staff proposes to raise the price of a mooring from $900 to $1,050 a year.",
    "Eighty moorings bring $72,000 a year, and the dredging fund needs $84,000.",
    "A fisherman asked that working boats keep the old price of a mooring for two years.",
    "I move to amend the ordinance so that working boats pay $900 through 2028.",
    "The amended ordinance on mooring prices passes four to one.",
    "The third matter is the ferry to the island, which ran late on nineteen days in June.",
    "The operator says that the ferry waits for the freight truck from the mainland.",
    "The operator will add a second crew to the ferry on Fridays and Sundays from July 1.",
    "The committee will review the ferry timetable again at its meeting in September.",
    "There is nothing else on the agenda, so this meeting is adjourned at nine o'clock.",
]


def clock(second):
    return f"00:{second // 60:02}:{second % 60:02}.000"


def captions(said=SAID):
    """One cue each ten seconds. The fourth ends before it starts, which can be mended."""
    cues = []
    for number, words in enumerate(said):
        start, end = 10 * number + 1, 10 * number + 9
        if number == 3:
            start, end = end, start
        cues.append(f"{clock(start)} --> {clock(end)}\n<v Chair Ines Calloway>{words}\n")
    return "\n".join(["WEBVTT\n", *cues])


def hand_in(staff, text):
    """Through the form, from the list of meetings."""
    page = staff.goes("/admin/meetings/meeting/", impacts=NOTHING)
    staff.presses(page.get_by_role("link", name="Bring meetings in"), impacts=NOTHING)
    file = {"name": "harbor.vtt", "mimeType": "text/vtt", "buffer": text.encode()}
    page.get_by_label("Files", exact=True).set_input_files(file)
    page.get_by_label("Body").select_option(label="Osier Ferry City Council")
    page.get_by_label("Held on").fill("2026-11-02")
    page.get_by_label("Title").fill("Harbor committee")
    staff.presses(page.get_by_role("button", name="Bring in"), impacts=NOTHING)
    return page


def count_on_the_desk(staff, title):
    staff.goes("/admin/", impacts=NOTHING)
    return int(staff.page.get_by_role("link", name=title).inner_text().split()[0])


def test_caption_file_becomes_an_article_on_the_front_page(comes):
    visitor = comes()
    visitor.goes("/")
    before = visitor.page.locator(".entries > li").count()
    staff = comes(account=demonstration.STAFF)
    waiting = count_on_the_desk(staff, "articles to review")

    page = hand_in(staff, captions())
    assert page.get_by_text("harbor.vtt was taken: ").is_visible()
    assert page.get_by_text("1 cue ends before it starts").is_visible()

    staff.presses(page.get_by_role("link", name="Harbor committee"), impacts=NOTHING)
    meeting = Meeting.objects.get(title="Harbor committee")
    staff.goes(meeting.get_absolute_url())
    assert page.get_by_text("Only staff see this page").is_visible()
    visitor.goes(meeting.get_absolute_url(), status=404)

    tasks.take_up_waiting()
    assert count_on_the_desk(staff, "articles to review") == waiting + 1
    staff.presses(page.get_by_role("link", name="articles to review"), impacts=NOTHING)
    article = meeting.articles.get()
    staff.presses(page.get_by_role("link", name=article.headline).first, impacts=NOTHING)
    staff.goes(article.get_absolute_url())
    assert page.get_by_text("Only staff see this page").is_visible()

    staff.goes(f"/admin/meetings/article/{article.pk}/change/", impacts=NOTHING)
    staff.presses(page.get_by_role("link", name="Publish", exact=True), impacts=NOTHING)
    staff.presses(page.get_by_role("button", name="Yes"), impacts=NOTHING)
    assert page.get_by_text("The article is published.").is_visible()

    visitor.goes("/")
    assert visitor.page.locator(".entries > li").count() == before + 1
    visitor.presses(visitor.page.get_by_role("link", name=article.headline))
    assert "Reviewed by Ines Calloway." in visitor.page.locator(".made-by").inner_text()


def test_damaged_file_is_refused_with_its_line_and_leaves_no_row(comes):
    rows = [model.objects.count() for model in (Meeting, Transcript, Import)]
    staff = comes(account=demonstration.STAFF)
    staff.expects(422)
    damaged = captions().replace(f"{clock(51)} --> {clock(59)}", "then --> and then")
    line = damaged.splitlines().index("then --> and then") + 1

    page = hand_in(staff, damaged)

    error = page.get_by_role("alert").filter(has_text="harbor.vtt").inner_text()
    assert f"ine {line}" in error
    assert page.get_by_label("Title").input_value() == "Harbor committee"
    assert [model.objects.count() for model in (Meeting, Transcript, Import)] == rows
