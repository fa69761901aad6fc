"""The form of an alert: what it begins with, what it says before saving, and what it refuses."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from meetings.alerts.models import Alert, Cadence, Channel, ChannelKind, Schedule, StoredTree
from meetings.alerts.services import understood
from meetings.records.models import Level
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from meetings.transcripts.utterances import Utterance
from tests.meetings.alerts.factories import alert
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.records.factories import (
    AgendaItemFactory,
    BodyFactory,
    MeetingFactory,
    PlaceFactory,
)
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db

NEW = "/alerts/new/"
LATER = {"HX-Request": "true"}
WHEN = {"hour": "6", "weekday": "4", "time_zone": "America/Los_Angeles"}


@pytest.fixture
def council():
    place = PlaceFactory(name="Osier Ferry", slug="osier-ferry", level=Level.CITY)
    return BodyFactory(name="City Council", slug="city-council", place=place)


@pytest.fixture
def spoken(settings, tmp_path, council):
    """Builds the index of meetings of the council: words, and how many days ago."""
    settings.INDEX_ROOT = tmp_path / "index"

    def build(*said):
        for words, days in said:
            meeting = MeetingFactory(
                body=council, held_on=timezone.now().date() - timedelta(days=days)
            )
            transcribe([Utterance(0, 900, words, "Chair")], meeting=meeting)
        rebuild(Folder(settings.INDEX_ROOT))

    build()
    return build


def sent(search, muted="", **given):
    quiet = [word for word in muted.split(",") if word]
    values = {
        "do": "save",
        "search": search,
        "muted": muted,
        "name": "",
        "cadence": "daily",
        "by_email": "on",
        **WHEN,
    }
    if "seen" not in given:
        values["seen"] = understood(search, quiet).mark
    return values | given


def text(answer):
    return unescape(answer.content.decode())


def test_four_come_to_the_form(personas, spoken):
    spoken(("the ferry sails", 3))
    statuses = {who: one.get(f"{NEW}?q=ferry").status_code for who, one in personas.items()}
    assert statuses == {"visitor": 402, "member": 200, "refunded": 402, "staff": 200}
    for who in ("visitor", "refunded"):
        for answer in (
            personas[who].get(f"{NEW}?q=ferry"),
            personas[who].post(NEW, sent("ferry")),
            personas[who].post(NEW, sent("ferry"), headers=LATER),
        ):
            assert answer.status_code == 402
            assert "sails" not in text(answer)
            assert "would have" not in text(answer)
    assert not Alert.objects.exists()


def test_a_search_with_all_that_narrows_it_begins_the_form(member, council, spoken):
    page = member.get(
        f"{NEW}?q=water+main&body=city-council&kind=transcripts&speaker=Ruiz&year=2020&sort=newest"
    )
    form = page.context["form"]
    assert form["search"].value() == "water main in:transcripts body:/city-council speaker:ruiz"
    assert form["name"].value() == "water main · Transcripts · City Council · Ruiz"
    assert "the year is left out" in text(page)


def test_a_body_and_a_place_are_followed(member, council, spoken):
    page = member.get(f"{NEW}?body=city-council")
    assert "Follow City Council" in text(page)
    assert page.context["form"]["search"].value() == "body:/city-council"
    page = member.get(f"{NEW}?place=osier-ferry")
    assert "Follow Osier Ferry" in text(page)
    assert page.context["form"]["name"].value() == "Osier Ferry"


def test_before_saving_it_says_how_often_and_shows_the_last_three(member, spoken):
    spoken(*((f"the <ferry> {days}", days) for days in (5, 10, 20, 40, 91)))
    page = member.get(f"{NEW}?q=ferry")
    assert "would have found 4 moments" in text(page)
    assert "in 4 meetings" in text(page)
    assert "about a meeting every 22 days" in text(page)
    html = page.content.decode()
    assert html.count("<mark>ferry</mark>") == 3
    assert "&lt;<mark>ferry</mark>&gt; 5" in html
    assert "<mark>ferry</mark>&gt; 40" not in html


def test_while_somebody_types_only_the_estimate_is_sent(member, spoken):
    spoken(("the ferry sails", 3), ("the ferry stays", 4))
    part = member.post(NEW, {"search": "ferry", "muted": "stays"}, headers=LATER)
    assert part.status_code == 200
    assert "would have found 1 moment" in text(part)
    assert "<form" not in text(part)
    assert f'value="{understood("ferry", ["stays"]).mark}"' in text(part)
    assert not Alert.objects.exists()
    amiss = member.post(NEW, {"search": "()"}, headers=LATER)
    assert "There is no word in this search" in text(amiss)


def test_what_is_followed_is_counted_by_its_texts(member, council, spoken, settings):
    settings.ALERT_MOST_MOMENTS = 3
    meeting = MeetingFactory(body=council, held_on=timezone.now().date())
    said = [Utterance(n * 60_000, n * 60_000 + 59_000, "word " * 150) for n in range(8)]
    transcribe(said, meeting=meeting)
    AgendaItemFactory(meeting=meeting, title="The ferry")
    SentenceFactory(article=ArticleFactory(meeting=meeting))
    spoken()
    page = member.get(f"{NEW}?body=city-council")
    assert "would have told you of 1 meeting." in text(page)
    assert not page.context["estimate"].is_too_broad
    assert page.context["estimate"].moments == 3
    assert member.post(NEW, sent("body:/city-council")).status_code == 302


def test_saving_keeps_what_was_chosen(member, spoken):
    answer = member.post(
        NEW,
        sent("(Ferry)", "Storm,  High water", name="The ferry", cadence="weekly", by_feed="on"),
    )
    one = Alert.objects.get()
    assert answer.url == f"/alerts/#alert-{one.pk}"
    assert (one.owner, one.query, one.muted) == (member.user, "ferry", ["storm", "high water"])
    assert (one.name, one.cadence) == ("The ferry", Cadence.WEEKLY)
    assert (one.by_email, one.by_feed, one.by_webhook) == (True, True, False)
    when = Schedule.objects.get(owner=member.user)
    assert (when.hour, when.weekday, when.time_zone) == (6, 4, "America/Los_Angeles")
    feed = Channel.objects.get(owner=member.user)
    assert feed.kind == ChannelKind.FEED
    assert len(feed.secret) >= 40


def test_a_feed_that_is_there_keeps_its_address(member, spoken):
    feed = Channel.objects.create(owner=member.user, kind="feed", secret="kept")
    member.post(NEW, sent("ferry", by_feed="on"))
    assert Channel.objects.get() == feed
    assert Channel.objects.get().secret == "kept"


def test_nothing_is_saved_whose_estimate_was_not_read(member, spoken):
    for seen in ("", understood("zoning").mark):
        answer = member.post(NEW, sent("ferry", seen=seen))
        assert answer.status_code == 422
        assert "Not saved yet" in text(answer)
        assert understood("ferry").mark in text(answer)
    assert not Alert.objects.exists()
    assert not Schedule.objects.exists()


def test_what_is_too_broad_is_refused_with_its_number_and_one_press_narrows_it(
    member, spoken, settings, council
):
    settings.ALERT_MOST_MOMENTS = 2
    spoken(*((f"the ferry {days}", days) for days in range(2)))
    elsewhere = MeetingFactory(held_on=timezone.now().date())
    transcribe([Utterance(0, 900, "the ferry")], meeting=elsewhere)
    spoken()
    answer = member.post(NEW, sent("ferry"))
    assert answer.status_code == 422
    assert "would have found 3 moments in the last 90 days, and 2 is the most" in text(answer)
    assert not Alert.objects.exists()
    assert not StoredTree.objects.exists()
    assert 'name="do" value="in:city-council"' in text(answer)
    narrowed = member.post(NEW, sent("ferry", do="in:city-council"))
    assert narrowed.context["form"]["search"].value() == "ferry body:/city-council"
    assert "would have found 2 moments" in text(narrowed)
    assert member.post(NEW, sent("ferry body:/city-council")).status_code == 302


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"search": "", "seen": ""}, "There is no word in this search"),
        ({"search": "-", "seen": ""}, "There is no word in this search"),
        ({"search": "x" * 2_001, "seen": ""}, "longer than 2000 characters"),
        ({"cadence": "hourly"}, "not one of the available choices"),
        ({"time_zone": "Mars/Olympus"}, "We do not know this time zone"),
        ({"time_zone": "../../etc/passwd"}, "We do not know this time zone"),
        ({"hour": "24"}, "not one of the available choices"),
        ({"weekday": "Monday"}, "not one of the available choices"),
        ({"name": "n" * 121}, "longer than 120 characters"),
        ({"muted": ",".join(f"w{n}" for n in range(21)), "seen": ""}, "Mute 20 words at most"),
    ],
)
def test_what_cannot_be_is_refused_whole(member, spoken, given, said):
    answer = member.post(NEW, sent(**({"search": "ferry"} | given)))
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Alert.objects.exists()
    assert not Schedule.objects.exists()


def test_what_is_to_be_of_days_that_are_gone_is_refused(member, spoken):
    answer = member.post(NEW, sent("ferry before:2020-05-01"))
    assert "Only meetings before May 1, 2020 are looked for" in text(answer)
    assert not Alert.objects.exists()


@pytest.mark.parametrize("nul", ["ferry\0", "\ud800"])
def test_signs_that_no_database_takes_are_answered(member, spoken, nul):
    answer = member.get(NEW, {"q": nul.encode("utf-8", "surrogatepass").decode("latin-1")})
    assert answer.status_code in {200, 404}
    assert member.post(NEW, sent("ferry", muted="a\0b", seen="")).status_code == 422


def test_the_same_twice_leads_to_the_first(member, spoken):
    one = alert("ferry", owner=member.user)
    answer = member.post(NEW, sent("ferry"))
    assert answer.status_code == 422
    assert f"/alerts/{one.pk}/edit/" in text(answer)
    assert Alert.objects.count() == 1


def test_who_has_the_most_is_told_so(member, spoken, settings):
    settings.ALERTS_A_MEMBER = 1
    alert("zoning", owner=member.user)
    answer = member.post(NEW, sent("ferry"))
    assert "You have 1 alerts, which is the most" in text(answer)
    assert Alert.objects.count() == 1


def test_without_an_index_it_says_so_and_saves(member, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "none"
    assert "Search is being set up" in text(member.get(f"{NEW}?q=ferry"))
    assert member.post(NEW, sent("ferry")).status_code == 302


def test_editing_changes_it_and_keeps_what_it_found(member, spoken):
    one = alert("ferry", "storm", owner=member.user, name="Mine", cadence=Cadence.WEEKLY)
    page = member.get(f"/alerts/{one.pk}/edit/")
    form = page.context["form"]
    assert [form[name].value() for name in ("search", "muted", "name", "cadence")] == [
        "ferry", "storm", "Mine", "weekly",
    ]  # fmt: skip
    answer = member.post(f"/alerts/{one.pk}/edit/", sent("zoning", cadence="at_once"))
    assert answer.url == f"/alerts/#alert-{one.pk}"
    one.refresh_from_db()
    assert (one.query, one.muted, one.cadence) == ("zoning", [], Cadence.AT_ONCE)
    assert Alert.objects.count() == 1


def test_what_became_too_broad_can_still_be_told_less_often(member, spoken, settings):
    spoken(("the ferry", 3), ("the ferry again", 4))
    one = alert("ferry", owner=member.user)
    settings.ALERT_MOST_MOMENTS = 1
    assert member.post(f"/alerts/{one.pk}/edit/", sent("ferry", cadence="weekly")).url
    one.refresh_from_db()
    assert one.cadence == Cadence.WEEKLY
    assert member.post(f"/alerts/{one.pk}/edit/", sent("the ferry")).status_code == 422


def test_duplicating_begins_with_the_same_and_somebody_elses_is_404(member, spoken):
    one = alert("ferry", "storm", owner=member.user, by_feed=True)
    form = member.get(f"{NEW}?from={one.pk}").context["form"]
    assert (form["search"].value(), form["muted"].value()) == ("ferry", "storm")
    assert form["by_feed"].value() is True
    theirs = alert("zoning", owner=MembershipFactory().user)
    assert member.get(f"{NEW}?from={theirs.pk}").status_code == 404
    assert member.get(f"/alerts/{theirs.pk}/edit/").status_code == 404
    assert member.post(f"/alerts/{theirs.pk}/edit/", sent("ferry")).status_code == 404
    assert Alert.objects.get(pk=theirs.pk).query == "zoning"


def test_the_form_takes_few_queries(member, spoken, django_assert_max_num_queries):
    spoken(*((f"the ferry {days}", days) for days in (5, 10, 20)))
    member.get(f"{NEW}?q=ferry")
    with django_assert_max_num_queries(8):  # session, user, membership, three moments, the ways
        member.get(f"{NEW}?q=ferry")


def test_what_leads_to_the_form_is_on_the_pages(member, visitor, spoken, council):
    spoken(("the ferry sails", 3))
    meeting = council.meetings.get()
    for who in (member, visitor):
        assert "/alerts/new/?body=city-council" in text(who.get(council.get_absolute_url()))
        assert "/alerts/new/?place=osier-ferry" in text(who.get(council.place.get_absolute_url()))
        found = text(who.get("/search/?q=ferry&body=city-council&sort=newest"))
        assert 'href="/alerts/new/?q=ferry&body=city-council"' in found
        answer = who.get(meeting.get_absolute_url())
        assert "/alerts/new/?body=city-council" in answer.getvalue().decode()
