"""Staff see the outbox, send again what was given up, and change and delete nothing."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from portal.post.models import Mail, State
from tests.memberships.factories import StaffFactory
from tests.personas import Persona
from tests.portal.post.conftest import NOW

pytestmark = pytest.mark.django_db
LIST = "/admin/post/mail/"


@pytest.fixture
def dead(queue):
    mail = queue()
    Mail.objects.update(state=State.DEAD, tries=25, ended_at=NOW, error="451 later")
    mail.refresh_from_db()
    return mail


def act(persona, action, mail):
    return persona.post(LIST, {"action": action, "_selected_action": [mail.pk]}, follow=True)


def test_staff_read_what_was_told_and_what_went_wrong(staff, dead):
    page = staff.get(f"{LIST}{dead.pk}/change/").content.decode()
    assert "451 later" in page
    assert "Good day Ana O&#x27;Neill &amp; &lt;b&gt;Sons&lt;/b&gt;" in page
    assert dead.message_id.strip("<>") in page


def test_the_desk_counts_what_was_given_up_and_leads_there(staff, dead, queue):
    queue(key="waiting")
    thing = staff.get("/admin/").context["waiting"][-1]
    assert (thing.title, thing.count) == ("mails given up", 1)
    assert staff.get(thing.url).context["cl"].result_count == 1


def test_staff_send_again_what_was_given_up(staff, dead):
    answer = act(staff, "send_again", dead)
    assert "1 mail goes out again." in answer.content.decode()
    dead.refresh_from_db()
    assert (dead.state, dead.tries) == (State.WAITING, 0)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (staff.user, str(dead.pk))
    assert entry.object_repr == "receipt-1"  # what is said there is never dropped
    assert entry.change_message == "Sent again by hand."


def test_what_is_on_its_way_is_not_sent_again(staff, queue):
    mail = queue()
    answer = act(staff, "send_again", mail)
    assert "1 mail stays as it is" in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_staff_take_off_the_desk_what_nobody_can_send(staff, dead):
    act(staff, "set_aside", dead)
    dead.refresh_from_db()
    assert dead.state == State.SET_ASIDE
    assert staff.get("/admin/").context["waiting"][-1].count == 0


@pytest.mark.parametrize("action", ["send_again", "set_aside", "delete_selected"])
def test_who_may_only_look_changes_nothing(dead, action):
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.add(Permission.objects.get(codename="view_mail"))
    persona = Persona(looker)
    assert persona.get(LIST).status_code == 200
    act(persona, action, dead)
    dead.refresh_from_db()
    assert dead.state == State.DEAD


def test_nothing_is_added_changed_or_deleted_by_hand(staff, dead):
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{dead.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff.post(f"{LIST}{dead.pk}/change/", {"address": "x@example.org"}).status_code == 403
    act(staff, "delete_selected", dead)
    dead.refresh_from_db()
    assert (dead.address, dead.state) == ("ana@example.org", State.DEAD)
