"""Staff give and end memberships; nobody edits or deletes a row."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from memberships.gate.entitlement import is_member
from memberships.models import Membership
from memberships.purchases import services
from tests.memberships.factories import MembershipFactory, UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db
ADD = "/admin/memberships/membership/add/"
LIST = "/admin/memberships/membership/"


def with_permissions(*names):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return Persona(user)


def test_adding_a_row_gives_a_membership(staff):
    user = UserFactory()
    response = staff.post(ADD, {"user": user.pk, "note": "Won the essay prize."})
    assert response.status_code == 302
    held = Membership.objects.get()
    assert (held.user, held.source, held.granted_by) == (user, "grant", staff.user)
    assert (held.status, held.lasts_until, held.note) == ("active", None, "Won the essay prize.")
    assert is_member(user, timezone.now())
    assert LogEntry.objects.get().object_id == str(held.pk)


def test_membership_may_be_given_for_a_time(staff):
    end = timezone.now() + timedelta(days=30)
    data = {"lasts_until_0": end.date().isoformat(), "lasts_until_1": "12:00:00"}
    staff.post(ADD, {"user": UserFactory().pk, "note": "Trial.", **data})
    assert Membership.objects.get().lasts_until.date() == end.date()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"note": "x"}, "This field is required"),
        ({"user": "0", "note": "x"}, "not one of the available choices"),
        ({"user": "PK"}, "This field is required"),
        (
            {"user": "PK", "note": "x", "lasts_until_0": "2020-01-01", "lasts_until_1": "00:00"},
            "This is in the past",
        ),
    ],
)
def test_half_filled_form_stores_nothing(staff, given, complaint):
    user = UserFactory()
    data = {name: str(user.pk) if value == "PK" else value for name, value in given.items()}
    response = staff.post(ADD, data)
    assert response.status_code == 200
    assert complaint in response.text
    assert not Membership.objects.exists()


def test_second_membership_is_refused_in_a_sentence(staff, member):
    response = staff.post(ADD, {"user": member.user.pk, "note": "Again."})
    assert "This person has a membership already" in response.text
    assert Membership.objects.count() == 1


def test_grant_that_was_slower_than_another_is_told_so(staff, monkeypatch):
    user = UserFactory()
    taken = services.grant

    def faster(**grant):
        taken(**{**grant, "note": "The other one."})
        return taken(**grant)

    monkeypatch.setattr(services, "grant", faster)
    response = staff.post(ADD, {"user": user.pk, "note": "Mine."}, follow=True)
    assert "has a membership already" in response.text


def test_membership_is_ended_with_a_reason(staff, member):
    held = Membership.objects.get()
    page = staff.get(f"{LIST}{held.pk}/end/")
    assert "stops reading as a member at once" in page.text
    assert "errorlist" in staff.post(f"{LIST}{held.pk}/end/", {}).text
    assert is_member(member.user, timezone.now())
    staff.post(f"{LIST}{held.pk}/end/", {"note": "Asked for it."})
    held.refresh_from_db()
    assert (held.status, held.end_reason, held.note) == ("ended", "staff", "Asked for it.")
    assert not is_member(member.user, timezone.now())
    assert "Asked for it." in LogEntry.objects.get().change_message


def test_ended_membership_cannot_be_ended_again(staff, refunded_member):
    before = Membership.objects.values().get()
    response = staff.post(f"{LIST}{before['id']}/end/", {"note": "Again."})
    assert response.status_code == 403
    assert Membership.objects.values().get() == before


def test_rows_are_neither_edited_nor_deleted(staff, member):
    before = Membership.objects.values().get()
    address = f"{LIST}{before['id']}"
    page = staff.get(f"{address}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.text
    assert staff.post(f"{address}/change/", {"user": staff.user.pk}).status_code == 403
    assert staff.get(f"{address}/delete/").status_code == 403
    assert staff.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    staff.post(LIST, {"action": "delete_selected", "_selected_action": before["id"], "post": "yes"})
    assert Membership.objects.values().get() == before


def test_giving_and_ending_need_their_permissions(member):
    held = Membership.objects.get()
    viewer = with_permissions("view_membership")
    assert viewer.get(LIST).status_code == 200
    assert viewer.get(ADD).status_code == 403
    assert viewer.post(ADD, {"user": UserFactory().pk, "note": "x"}).status_code == 403
    assert viewer.post(f"{LIST}{held.pk}/end/", {"note": "x"}).status_code == 403
    assert with_permissions().get(LIST).status_code == 403
    held.refresh_from_db()
    assert held.status == "active"
    assert Membership.objects.count() == 1
    ender = with_permissions("change_membership")
    assert ender.post(f"{LIST}{held.pk}/end/", {"note": "x"}).status_code == 302


def test_list_costs_the_same_for_many_rows(staff, django_assert_max_num_queries):
    for _ in range(12):
        MembershipFactory()
    with django_assert_max_num_queries(12):
        assert staff.get(LIST).status_code == 200
