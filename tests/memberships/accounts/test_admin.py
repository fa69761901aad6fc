"""People in the administration: no password shown, no power taken, no address changed."""

import pytest
from django.contrib.auth.models import Group, Permission

from memberships.models import Token, User
from tests.memberships.factories import MembershipFactory, UserFactory, token_of
from tests.personas import Persona

pytestmark = pytest.mark.django_db
LIST = "/admin/memberships/user/"


def test_no_page_shows_a_password_hash(staff):
    user = UserFactory()
    user.set_password("correct horse battery")
    user.save()
    for address in (LIST, f"{LIST}{user.pk}/change/", f"{LIST}{user.pk}/history/", f"{LIST}add/"):
        page = staff.get(address)
        assert page.status_code == 200
        assert user.password not in page.text
        assert user.password.rpartition("$")[2] not in page.text


def test_staff_can_make_an_account_that_signs_in_by_code(staff):
    staff.post(f"{LIST}add/", {"email": "New@Example.org", "display_name": "New"})
    user = User.objects.get(email="new@example.org")
    assert not user.has_usable_password()
    assert not user.is_staff


def test_second_account_for_an_address_is_refused_in_a_sentence(staff):
    UserFactory(email="ada@example.org")
    response = staff.post(f"{LIST}add/", {"email": "ADA@example.org"})
    assert "There is an account with this e-mail address already" in response.text


def test_address_is_not_changed_here(staff):
    user = UserFactory()
    staff.post(f"{LIST}{user.pk}/change/", {"email": "evil@example.org", "is_active": "on"})
    assert User.objects.get(pk=user.pk).email == user.email


def test_staff_without_the_power_give_none(db):
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["change_user", "view_user", "add_user"])
    )
    group = Group.objects.create(name="All")
    browser = Persona(clerk)
    for user in (clerk, UserFactory()):
        powers = {"is_superuser": "on", "is_staff": "on", "is_active": "", "groups": group.pk}
        browser.post(f"{LIST}{user.pk}/change/", {"display_name": "Clerk", **powers})
        user.refresh_from_db()
        assert user.display_name == "Clerk"
        assert not user.is_superuser
        assert user.is_active
        assert not user.groups.exists()
    browser.post(f"{LIST}add/", {"email": "new@example.org", "is_superuser": "on"})
    assert not User.objects.get(email="new@example.org").is_superuser


def test_accounts_are_not_deleted_here(staff):
    user = UserFactory()
    assert staff.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_people_can_be_found_for_a_grant(staff):
    user = UserFactory(email="ada@example.org")
    found = staff.get(
        "/admin/autocomplete/",
        {
            "term": "ada",
            "app_label": "memberships",
            "model_name": "membership",
            "field_name": "user",
        },
    )
    assert [row["id"] for row in found.json()["results"]] == [str(user.pk)]


class TestTokens:
    LIST = "/admin/memberships/token/"

    def test_staff_see_whose_it_is_and_never_what_opens(self, staff):
        made = token_of(MembershipFactory().user)
        for address in (self.LIST, f"{self.LIST}{made.token.pk}/change/"):
            page = staff.get(address)
            assert page.status_code == 200
            assert made.token.hint in page.text
            assert str(made.token.owner_id) in page.text
            assert made.token.digest not in page.text
            assert made.written not in page.text
            assert made.token.owner.email not in page.text

    def test_a_revoked_token_opens_nothing(self, staff, client):
        made, other = (token_of(MembershipFactory().user) for _ in range(2))
        staff.post(self.LIST, {"action": "revoke", "_selected_action": [made.token.pk]})
        for one, status in ((made, 401), (other, 200)):
            sent = {"Authorization": f"Bearer {one.written}"}
            assert client.get("/api/v1/segments", headers=sent).status_code == status

    def test_nothing_is_added_changed_or_deleted(self, staff):
        token = token_of(MembershipFactory().user).token
        before = Token.objects.values().get()
        for address in ("add/", f"{token.pk}/change/", f"{token.pk}/delete/"):
            staff.post(self.LIST + address, {"name": "Mine", "post": "yes"})
        assert Token.objects.values().get() == before
