"""The shelf and the reading list: one's own, few queries, and silence once a membership ends."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from meetings.alerts import channels
from meetings.alerts.models import Alert, Cadence, Match, Source, Stage
from meetings.records.models import State
from tests.meetings.alerts.factories import alert
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db

LIST = "/alerts/matches/"
SAID = "quicksilver marmalade"


def matched(one, **given):
    values = {
        "alert": one,
        "meeting": given.pop("meeting", None) or MeetingFactory(),
        "stage": Stage.AFTER,
        "source": Source.TRANSCRIPT,
        "text_hash": f"{Match.objects.count():064x}",
        "start_ms": 61_000,
        "speaker": "Chair Ruiz",
        "lines": [{"parts": [["about the <", False], [SAID, True], [">", False]]}],
        "found_at": timezone.now(),
    }
    return Match.objects.create(**(values | given))


def text(answer):
    return unescape(answer.content.decode())


def theirs():
    return alert("zoning", owner=MembershipFactory().user, name="Not yours")


def test_the_shelf_has_ones_own_newest_first_with_what_they_found(member):
    first = alert("rent", "storm", owner=member.user, name="Rents <b>", cadence=Cadence.WEEKLY)
    alert("water", owner=member.user, created_at=timezone.now(), paused_at=timezone.now())
    for _ in range(3):
        matched(first)
    Match.objects.filter(pk=matched(first).pk).update(read_at=timezone.now())
    matched(first, meeting=MeetingFactory(state=State.WITHDRAWN))
    matched(theirs())
    html = member.get("/alerts/").content.decode()
    page = unescape(html)
    assert page.index("water</a>") < page.index("Rents <b></a>")
    assert "Rents &lt;b&gt;" in html
    assert "4 matches" in page
    assert "3 unread" in page
    assert "Once a week" in page
    assert "Without: storm" in " ".join(page.split())
    assert "Paused" in page
    assert "Not yours" not in page


def test_the_shelf_takes_few_queries_however_many_there_are(member, django_assert_num_queries):
    for number in range(5):
        matched(alert(f"word{number}", owner=member.user))
    channels.stop_mail(owner=member.user.pk, now=timezone.now())
    with django_assert_num_queries(8):  # session, user, membership, announcement; four of ours
        member.get("/alerts/")


def test_pausing_and_resuming(member, personas):
    one = alert("rent", owner=member.user)
    for who in ("visitor", "refunded", "staff"):
        personas[who].post(f"/alerts/{one.pk}/pause/")
        assert not Alert.objects.get().is_paused
    assert member.post(f"/alerts/{one.pk}/pause/").url == f"/alerts/#alert-{one.pk}"
    paused_at = Alert.objects.get().paused_at
    member.post(f"/alerts/{one.pk}/pause/")
    assert Alert.objects.get().paused_at == paused_at
    for who in ("visitor", "refunded", "staff"):
        personas[who].post(f"/alerts/{one.pk}/resume/")
        assert Alert.objects.get().is_paused
    member.post(f"/alerts/{one.pk}/resume/")
    assert not Alert.objects.get().is_paused


def test_deleting_asks_first_and_takes_what_was_found_along(member, personas):
    one = alert("rent", owner=member.user)
    matched(one)
    page = member.get(f"/alerts/{one.pk}/delete/")
    assert "The match that it found goes with it" in text(page)
    for who in ("visitor", "refunded", "staff"):
        personas[who].post(f"/alerts/{one.pk}/delete/")
    assert Alert.objects.exists()
    assert member.post(f"/alerts/{one.pk}/delete/").url == "/alerts/"
    assert not Alert.objects.exists()
    assert not Match.objects.exists()
    assert member.post(f"/alerts/{one.pk}/delete/").status_code == 404


def test_who_is_no_member_any_more_is_told_of_the_silence_and_can_delete(refunded_member):
    one = alert("rent", owner=refunded_member.user)
    matched(one)
    page = refunded_member.get("/alerts/")
    assert "Your alerts are silent while you are not a member" in text(page)
    assert "1 match" in text(page)
    assert SAID not in text(page)
    assert "/edit/" not in text(page)
    for address in (LIST, f"/alerts/{one.pk}/edit/", "/alerts/ways/"):
        answer = refunded_member.get(address)
        assert answer.status_code == 402
        assert SAID not in text(answer)
    assert refunded_member.post(f"/alerts/{one.pk}/pause/").status_code == 302
    assert refunded_member.post(f"/alerts/{one.pk}/resume/").status_code == 402
    assert Alert.objects.get().is_paused
    assert refunded_member.post(f"/alerts/{one.pk}/delete/").url == "/alerts/"
    assert not Alert.objects.exists()


def test_how_many_are_left_is_said_when_few_are(member, settings):
    settings.ALERTS_A_MEMBER = 3
    alert("rent", owner=member.user)
    assert "left" not in text(member.get("/alerts/")).partition("<main")[2].partition("</main")[0]
    settings.ALERTS_A_MEMBER = 1
    assert "You have 1 alerts, which is the most" in text(member.get("/alerts/"))


def test_mail_that_came_back_is_said_where_an_alert_wants_mail(member):
    one = alert("rent", owner=member.user)
    channels.stop_mail(owner=member.user.pk, now=timezone.now())
    page = text(member.get("/alerts/"))
    assert "You get no alert mail." in page
    assert "You stopped alert mail." in page
    assert "/alerts/ways/email/reopen/" in page
    Alert.objects.filter(pk=one.pk).update(by_email=False)
    assert "You get no alert mail." not in text(member.get("/alerts/"))


def test_the_reading_list_has_the_words_with_what_matched_marked(member):
    one = alert("rent", owner=member.user, name="Rents")
    row = matched(one)
    article = ArticleFactory(headline="The rents go up", meeting=row.meeting)
    matched(one, source=Source.ARTICLE, article=article, start_ms=None)
    matched(one, meeting=MeetingFactory(state=State.ANNOUNCED), stage="before", source="agendas")
    matched(theirs(), lines=[{"parts": [["not yours", True]]}])
    html = member.get(LIST).content.decode()
    assert html.count(f"about the &lt;<mark>{SAID}</mark>&gt;") == 3
    for shown in (row.url, article.get_absolute_url(), "The rents go up", "Chair Ruiz", "1:01"):
        assert shown in unescape(html)
    assert "Coming up on" in html
    assert "not yours" not in html


def test_what_is_not_in_public_any_more_is_not_in_the_list(member):
    one = alert("rent", owner=member.user)
    matched(one, meeting=MeetingFactory(state=State.WITHDRAWN))
    matched(one, meeting=MeetingFactory(state=State.DRAFT))
    assert SAID not in text(member.get(LIST))


def test_the_list_can_be_of_one_alert_and_of_what_is_unread(member):
    rent, water = (alert(word, owner=member.user) for word in ("rent", "water"))
    matched(rent, speaker="Of rent")
    matched(water, speaker="Of water")
    matched(rent, speaker="Was read", read_at=timezone.now())
    page = text(member.get(f"{LIST}?alert={rent.pk}"))
    assert "Of rent" in page
    assert "Was read" in page
    assert "Of water" not in page
    page = text(member.get(f"{LIST}?alert={rent.pk}&unread=1"))
    assert "Of rent" in page
    assert "Was read" not in page
    other = theirs()
    for number in (other.pk, 0, 10**17, "x", "1" * 400, "-1"):
        assert member.get(f"{LIST}?alert={number}").status_code == 404


def test_the_list_is_paged_in_few_queries(member, django_assert_num_queries):
    one = alert("rent", owner=member.user)
    for number in range(21):
        matched(
            one, found_at=timezone.now() - timedelta(minutes=number), speaker=f"Voice {number}!"
        )
    with django_assert_num_queries(8):  # those four; how many, the page, the unread, the alerts
        page = text(member.get(LIST))
    assert "Voice 19!" in page
    assert "Voice 20!" not in page
    assert "Voice 20!" in text(member.get(f"{LIST}?page=2"))
    for number in ("3", "0", "x", "-1"):
        assert member.get(f"{LIST}?page={number}").status_code == 404


def test_marks_are_ones_own(member, personas):
    row = matched(alert("rent", owner=member.user))
    for who in ("visitor", "refunded", "staff"):
        personas[who].post(f"{LIST}{row.pk}/read/")
        personas[who].post(f"{LIST}read/", {"until": row.pk})
        assert Match.objects.get().read_at is None
    member.get(row.url)
    assert Match.objects.get().read_at is None  # a GET changes nothing
    answer = member.post(f"{LIST}{row.pk}/read/", {"alert": row.alert_id, "page": "1"})
    assert answer.url == f"{LIST}?alert={row.alert_id}&page=1#match-{row.pk}"
    read_at = Match.objects.get().read_at
    member.post(f"{LIST}{row.pk}/read/")
    assert Match.objects.get().read_at == read_at
    part = member.post(f"{LIST}{row.pk}/read/", {"do": "unread"}, headers={"HX-Request": "true"})
    assert f'<li id="match-{row.pk}" class="match is-unread">' in text(part)
    assert Match.objects.get().read_at is None


def test_all_that_was_on_the_page_is_read_and_nothing_newer_or_of_another(member):
    rent, water = (alert(word, owner=member.user) for word in ("rent", "water"))
    one, other = matched(rent), matched(water)
    late = matched(rent)
    member.post(f"{LIST}read/", {"alert": rent.pk, "until": other.pk})
    unread = Match.objects.unread()
    assert {*unread} == {other, late}
    for until in ("", "x", "9" * 30):
        assert member.post(f"{LIST}read/", {"until": until}).status_code == 404
    assert one not in unread
