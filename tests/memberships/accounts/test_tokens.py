"""Tokens: what they look like, what is kept of them, when they open nothing."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from memberships.accounts import services, tokens
from memberships.gate.entitlement import reader_of_token
from memberships.models import Token
from tests.concurrency import at_once
from tests.memberships.factories import MembershipFactory, UserFactory, token_of

PAGE = "/membership/tokens/"
FORM = {"name": "Newsroom notebook", "scopes": ["read", "search"], "days": "90"}


def test_a_token_is_found_by_its_prefix_and_sure_by_its_checksum():
    one = tokens.fresh()
    assert re.fullmatch(r"cp_live_[0-9A-Za-z]{36}", one)
    assert tokens.is_one(one)
    assert tokens.fresh() != one


@given(st.integers(0, 35), st.sampled_from("0aZ"))
def test_a_slip_of_the_keyboard_is_no_token(place, sign):
    one = tokens.fresh()
    at = len(tokens.PREFIX) + place
    changed = one[:at] + sign + one[at + 1 :]
    assert tokens.is_one(changed) is (changed == one)


@given(st.text(max_size=60))
def test_no_other_text_is_a_token(text):
    assert not tokens.is_one(text)


@pytest.mark.django_db
class TestKept:
    def test_the_token_itself_is_nowhere_in_the_database(self):
        made = token_of(MembershipFactory().user)
        row = Token.objects.values().get()
        assert made.written not in str(row)
        assert row["hint"] == made.written[:12]

    def test_it_opens_as_its_owner_with_its_scopes(self, django_assert_num_queries):
        owner = MembershipFactory().user
        made = token_of(owner, scopes=["read"])
        now = timezone.now()
        with django_assert_num_queries(3):  # the third notes that it was used
            reader = reader_of_token(made.written, now)
        assert (reader.user, reader.scopes, reader.is_member) == (owner, {"read"}, True)
        with django_assert_num_queries(2):
            reader_of_token(made.written, now + timedelta(seconds=30))

    def test_use_is_noted_once_a_minute(self):
        made = token_of(MembershipFactory().user)
        begin = timezone.now()
        for seconds in (0, 20, 59, 61, 100):
            reader_of_token(made.written, begin + timedelta(seconds=seconds))
            made.token.refresh_from_db()
            noted = 0 if seconds < 60 else 61
            assert made.token.last_used_at == begin + timedelta(seconds=noted)

    @pytest.mark.parametrize("wrong", ["", "cp_live_", "cp_live_" + "a" * 36, "Bearer x", "\0"])
    def test_what_is_no_token_asks_nobody(self, wrong, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert reader_of_token(wrong, timezone.now()) is None

    def test_one_that_nobody_made_opens_nothing(self):
        assert reader_of_token(tokens.fresh(), timezone.now()) is None

    def test_it_stops_when_it_is_revoked_runs_out_or_its_owner_may_not_sign_in(self):
        now = timezone.now()
        revoked, over, closed = (
            token_of(MembershipFactory().user, lasts=timedelta(days=1), now=now) for _ in range(3)
        )
        services.revoke_token(token=revoked.token, now=now)
        closed.token.owner.is_active = False
        closed.token.owner.save()
        later = now + timedelta(days=1)
        assert reader_of_token(over.written, later - timedelta(seconds=1)) is not None
        assert reader_of_token(over.written, later) is None
        assert reader_of_token(revoked.written, now) is None
        assert reader_of_token(closed.written, now) is None

    def test_it_knows_at_once_that_the_membership_has_ended(self):
        membership = MembershipFactory()
        made = token_of(membership.user)
        membership.status, membership.ended_at = "ended", timezone.now()
        membership.end_reason = "refunded"
        membership.save()
        assert reader_of_token(made.written, timezone.now()).is_member is False

    @pytest.mark.parametrize(
        ("name", "scopes"),
        [("", ["read"]), (" \n", ["read"]), ("x" * 81, ["read"]), ("x", []), ("x", ["admin"])],
    )
    def test_what_cannot_be_made_stores_nothing(self, name, scopes):
        with pytest.raises(services.CannotMake):
            services.make_token(
                owner=UserFactory(), name=name, scopes=scopes, lasts=None, now=timezone.now()
            )
        assert not Token.objects.exists()

    def test_the_database_refuses_an_unknown_scope(self):
        made = token_of(UserFactory())
        with pytest.raises(IntegrityError), transaction.atomic():
            Token.objects.filter(pk=made.token.pk).update(scopes=["everything"])


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_the_limit(monkeypatch):
    monkeypatch.setattr(services, "MOST", 3)
    owner = UserFactory()

    def one():
        try:
            token_of(owner)
        except services.CannotMake:
            return False
        return True

    assert sorted(at_once(*[one] * 6)) == [False] * 3 + [True] * 3
    assert Token.objects.count() == 3


@pytest.mark.django_db
class TestPage:
    def test_it_shows_the_token_once(self, member):
        made = member.post(reverse("token_new"), FORM)
        assert made.status_code == 201
        written = re.search(tokens.PATTERN, made.text)[0]
        assert reader_of_token(written, timezone.now()).user == member.user
        assert "no-store" in made.headers["Cache-Control"]
        again = member.get(PAGE).text
        assert written not in again
        assert FORM["name"] in again

    def test_who_is_not_a_member_makes_none(self, visitor, refunded_member):
        assert visitor.post(reverse("token_new"), FORM).status_code == 402
        assert refunded_member.post(reverse("token_new"), FORM).status_code == 402
        assert not Token.objects.exists()

    def test_who_was_a_member_sees_and_revokes_what_is_left(self, refunded_member):
        made = token_of(refunded_member.user)
        assert "Revoke" in refunded_member.get(PAGE).text
        answer = refunded_member.post(reverse("token_revoke", args=[made.token.pk]))
        assert (answer.status_code, answer.url) == (302, PAGE)
        made.token.refresh_from_db()
        assert made.token.is_revoked

    def test_another_ones_token_is_nobody_s_to_see_or_revoke(self, member, staff):
        made = token_of(UserFactory())
        for persona in (member, staff):
            assert made.token.hint not in persona.get(PAGE).text
            address = reverse("token_revoke", args=[made.token.pk])
            assert persona.post(address).status_code == 404
        made.token.refresh_from_db()
        assert not made.token.is_revoked

    @pytest.mark.parametrize(
        "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["admin"]}, {"days": "1e9"}]
    )
    def test_wrong_input_is_said_and_stores_nothing(self, member, wrong):
        answer = member.post(reverse("token_new"), FORM | wrong)
        assert answer.status_code == 422
        assert not Token.objects.exists()

    def test_a_name_is_shown_as_text(self, member):
        token_of(member.user)
        Token.objects.update(name="<script>alert(1)</script>")
        assert "<script>alert" not in member.get(PAGE).text

    def test_own_data_names_tokens_and_holds_none(self, member):
        made = token_of(member.user)
        data = member.get("/membership/account/data.json")
        assert data.json()["tokens"][0]["begins_with"] == made.written[:12]
        assert made.written not in data.text
