"""Staff see how much alerts find and tell, and turn sending off. Nobody sees whose they are."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from meetings.alerts import quieting, telling
from meetings.alerts.matching import match
from meetings.alerts.models import Cadence, Channel, ChannelKind, Quiet, Run
from meetings.alerts.volumes import volumes
from meetings.transcripts.utterances import Utterance
from portal.post import services
from portal.post.models import Mail
from portal.post.models import State as MailState
from tests.meetings.alerts.factories import alert
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import StaffFactory, UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db

FIGURES = "/admin/meetings/run/"
SWITCH = "/admin/meetings/quiet/"
LISTS = [FIGURES, SWITCH, "/admin/meetings/channel/", "/admin/meetings/digest/"]


@pytest.fixture(autouse=True)
def _nobody_is_nudged(monkeypatch):
    monkeypatch.setattr(services, "_nudge", lambda: None)


@pytest.fixture
def told():
    """An alert that found something, and was told of it by mail that did not arrive yet."""
    one = alert("water main", cadence=Cadence.AT_ONCE)
    now = timezone.now()
    meeting = MeetingFactory(held_on=now.date())
    transcribe([Utterance(0, 900, "the water main broke")], meeting=meeting)
    match(meeting=meeting.pk, changed_at=now, now=now)
    telling.tell_what_is_due(now=now)
    return one


def test_screens_are_for_staff_alone(personas, told):
    quieting.be_quiet(by=StaffFactory(), reason="An archive", now=timezone.now())
    page = f"{SWITCH}{Quiet.objects.get().pk}/on/"
    for address in [*LISTS, page]:
        found = [one.get(address).status_code for one in personas.values()]
        assert found == [302, 404, 404, 200], address
        assert "water main" not in personas["member"].get(address).content.decode()


def test_staff_see_how_much_there_is_and_what_waits(staff, told):
    Mail.objects.update(queued_at=timezone.now() - timedelta(hours=2))
    Channel.objects.update_or_create(
        owner=UserFactory(),
        kind=ChannelKind.EMAIL,
        defaults={"paused_at": timezone.now(), "paused_reason": "550 No such user"},
    )
    answer = staff.get(FIGURES)
    found = answer.context["volumes"]
    assert (found.alerts, found.searches, found.members, found.paused) == (1, 1, 1, 0)
    assert (found.waiting, found.failed, found.channels_closed) == (1, 0, 1)
    (day,) = found.days
    assert (day.meetings, day.matches, day.messages) == (1, 1, 1)
    assert [one.search for one in found.slowest] == ["water main"]
    assert "the oldest for 2\xa0hours" in answer.text
    assert told.owner.email not in answer.text


def test_what_failed_is_counted(staff, told):
    Mail.objects.update(state=MailState.REFUSED, error="550 no", ended_at=timezone.now())
    found = staff.get(FIGURES).context["volumes"]
    assert (found.waiting, found.waiting_since, found.failed) == (0, None, 1)


def test_figures_cost_the_same_for_many_rows(
    staff, told, django_assert_max_num_queries, django_assert_num_queries
):
    for number in range(20):
        Run.objects.create(
            meeting=MeetingFactory(),
            done_at=timezone.now() - timedelta(hours=number),
            candidates=1,
            matched=1,
            matches=1,
            took_ms=1,
            slowest=[[f"search {number}", number]],
        )
    with django_assert_max_num_queries(22):
        staff.get(FIGURES)
    with django_assert_num_queries(10):
        volumes(now=timezone.now())


def test_no_screen_says_whose_an_alert_is(staff, told):
    for address in LISTS:
        assert told.owner.email not in staff.get(address).text


def test_what_turning_off_does_is_said_before_and_what_turning_on_does_too(staff, told):
    form = staff.get(f"{SWITCH}add/").text
    assert "no webhook is called" in form
    assert "nobody is ever told of them" in form
    assert "is told when sending is on again" in form
    staff.post(f"{SWITCH}add/", {"reason": "The archive of 1998"})
    quiet = Quiet.objects.get()
    assert (quiet.started_by, quiet.is_kept, quiet.ended_at) == (staff.user, False, None)
    assert "The archive of 1998" in staff.get("/admin/").text
    question = staff.get(f"{SWITCH}{quiet.pk}/on/")
    assert "nobody is told, now or later" in question.text
    assert "1 mail that is held back goes out" in question.text
    assert quieting.running_now() == quiet, "looking changes nothing"
    staff.post(f"{SWITCH}{quiet.pk}/on/")
    assert quieting.running_now() is None
    assert "Alerts are not sent" not in staff.get("/admin/").text
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")][-1] == (
        "Turned sending on again."
    )


def test_it_is_turned_off_once_and_with_a_reason(staff):
    assert staff.post(f"{SWITCH}add/", {"reason": "  "}).status_code == 200
    assert not Quiet.objects.exists()
    staff.post(f"{SWITCH}add/", {"reason": "One", "is_kept": "on"})
    assert Quiet.objects.get().is_kept
    again = staff.post(f"{SWITCH}add/", {"reason": "Two"}, follow=True)
    assert "Sending is off already." in again.text
    (quiet,) = Quiet.objects.all()
    staff.post(f"{SWITCH}{quiet.pk}/on/")
    again = staff.post(f"{SWITCH}{quiet.pk}/on/", follow=True)
    assert "Sending is on." in again.text
    assert Quiet.objects.get().ended_at is not None


def test_it_takes_the_permission_for_it(told):
    looks = UserFactory(is_staff=True)
    looks.user_permissions.set(Permission.objects.filter(codename="view_quiet"))
    persona = Persona(looks)
    quiet = quieting.be_quiet(by=StaffFactory(), reason="An archive", now=timezone.now())
    assert persona.get(SWITCH).status_code == 200
    assert persona.post(f"{SWITCH}{quiet.pk}/on/").status_code == 403
    assert quieting.running_now() == quiet
    quieting.speak(now=timezone.now())
    assert persona.post(f"{SWITCH}add/", {"reason": "Mine"}).status_code == 403
    assert quieting.running_now() is None
