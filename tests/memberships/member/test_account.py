"""The account: what one holds, what one bought, and the ways from there."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from memberships.models import Membership, Purchase, Refund
from memberships.purchases import services
from tests.memberships.factories import (
    CreditNoteFactory,
    DisputeFactory,
    MembershipFactory,
    PaidPurchaseFactory,
    RefundedPurchaseFactory,
    RefundFactory,
    SucceededRefundFactory,
    UserFactory,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db
ACCOUNT = "/membership/account/"
SINCE = datetime(2026, 2, 3, 12, tzinfo=UTC)
PAID_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOTHING_PAID = {"paid_at": None, "refundable_until": None, "payment_intent_id": None}


def test_account_shows_what_one_holds_since_when_and_how(member):
    member.user.memberships.update(started_at=SINCE)
    page = member.get("/membership/account/").text
    assert "You are a member for life." in page
    assert "February 3, 2026" in page
    assert "granted by staff" in page
    assert member.user.email in page


def test_account_names_the_end_of_a_membership_with_an_end():
    held = MembershipFactory(lasts_until=datetime(2030, 1, 2, 10, 30, tzinfo=UTC))
    assert "until January 2, 2030, 10:30 UTC" in Persona(held.user).get("/membership/account/").text


def test_account_says_why_it_ended(refunded_member):
    refunded_member.user.memberships.update(started_at=SINCE, ended_at=SINCE)
    page = refunded_member.get("/membership/account/").text
    assert "from February 3, 2026 to February 3, 2026 (refunded)" in page


def test_account_says_that_it_is_paused(member):
    member.user.memberships.update(status=Membership.Status.SUSPENDED)
    assert "Your membership is paused." in member.get("/membership/account/").text


def test_account_of_one_who_came_back_shows_the_live_one(refunded_member):
    services.grant(user=refunded_member.user, by=None, now=SINCE)
    assert "You are a member for life." in refunded_member.get("/membership/account/").text


def test_account_without_membership_offers_one(staff):
    page = Persona(UserFactory()).get("/membership/account/").text
    assert "You have no membership" in page
    assert "because you are staff" in staff.get("/membership/account/").text


def test_staff_note_is_not_shown_to_the_member(member):
    member.user.memberships.update(note="Difficult person.")
    assert "Difficult" not in member.get("/membership/account/").text


def test_names_are_escaped(member):
    member.user.email = '"<script>x"@example.org'
    member.user.save()
    assert "<script>x" not in member.get("/membership/account/").text


def test_visitor_is_led_to_sign_in(visitor):
    assert visitor.get("/membership/account/").url == ("/accounts/login/?next=/membership/account/")


def test_account_is_read_only(member):
    assert member.post("/membership/account/").status_code == 405


def test_account_costs_few_queries_however_much_was_bought(member, django_assert_num_queries):
    # session, user, membership, purchases, ways to sign in, announcement, is a member
    with django_assert_num_queries(7):
        member.get(ACCOUNT)
    for _purchase in range(3):
        bought = RefundedPurchaseFactory(user=member.user)
        SucceededRefundFactory(purchase=bought)
    with django_assert_num_queries(8):  # and the refunds of all
        member.get(ACCOUNT)


# What was bought, the guarantee, and money on its way back.


def buyer(**fields):
    """Somebody who bought, in front of a browser; `.purchase` is what was bought."""
    purchase = PaidPurchaseFactory(
        **{"receipt_number": 123, "legal_entity": "main", "paid_at": PAID_AT, **fields}
    )
    status = {"paid": "active", "refunded": "ended", "charged_back": "ended"}
    held = status.get(purchase.state, "suspended")
    ended = {"ended_at": PAID_AT, "end_reason": "refunded"} if held == "ended" else {}
    MembershipFactory(
        user=purchase.user, source="purchase", purchase=purchase, status=held, **ended
    )
    person = Persona(purchase.user)
    person.purchase = purchase
    return person


def words(person):
    """What the page says, without its frame."""
    main = person.get(ACCOUNT).text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def in_time():
    return timezone.now() + timedelta(days=3)


def over():
    return timezone.now() - timedelta(seconds=1)


def test_guarantee_is_a_date_with_its_button():
    person = buyer(refundable_until=datetime(2126, 12, 24, 12, tzinfo=UTC))
    said = words(person)
    assert "30-day money-back guarantee" in said
    assert "Until December 23, 2126, any time zone , you can have your $199.00 back." in said
    assert "You paid $199.00 on November 1, 2026 with Visa ending in 4242." in said
    page = person.get(ACCOUNT).text
    assert f'href="{reverse("refund")}"' in page
    assert f'href="{reverse("receipt", args=[person.purchase.pk])}"' in page
    assert f'href="{reverse("receipt_pdf", args=[person.purchase.pk])}"' in page
    assert "Receipt R-000123" in said


def test_guarantee_that_is_over_has_no_button():
    said = words(buyer(refundable_until=over()))
    assert "guarantee" not in said
    assert "Receipt R-000123" in said


def test_what_is_left_can_be_asked_back_after_a_part_was_refunded():
    person = buyer(refundable_until=in_time(), amount_refunded=5_000)
    CreditNoteFactory(purchase=person.purchase, amount=5_000, origin="dashboard")
    said = words(person)
    assert "you can have your $149.00 back" in said
    assert "$50.00 of it was sent back." in said
    assert "Credit note C-000001, $50.00" in said


def test_refund_under_way_leads_to_its_timeline_and_takes_the_button_away():
    person = buyer(refundable_until=in_time(), state=Purchase.State.REFUND_PENDING)
    refund = RefundFactory(purchase=person.purchase)
    said = words(person)
    assert "Your membership is paused." in said
    assert "Your refund is on its way." in said
    assert "you can have" not in said
    assert reverse("refund_status", args=[refund.pk]) in person.get(ACCOUNT).text


def test_part_on_its_way_takes_the_button_away_too():
    person = buyer(refundable_until=in_time())
    RefundFactory(purchase=person.purchase, amount=100, origin="staff")
    assert "you can have" not in words(person)


def test_row_27_bank_that_decides_takes_the_button_away():
    person = buyer(refundable_until=in_time(), state=Purchase.State.DISPUTED)
    DisputeFactory(purchase=person.purchase)
    said = words(person)
    assert "Your membership is paused." in said
    assert "Until then we cannot refund it ourselves." in said
    assert "you can have" not in said


def test_row_20_refund_that_came_back_is_told_and_its_credit_note_is_void():
    person = buyer(refundable_until=in_time())
    CreditNoteFactory(
        purchase=person.purchase, state=Refund.State.FAILED, failure_reason="lost_card"
    )
    said = words(person)
    assert "A refund of it did not go through, and we are looking into it." in said
    assert "Credit note C-000001, $199.00 (void)" in said
    assert "You are a member for life." in said


STATES = {
    "refunded": ({"amount_refunded": 19_900}, "and all of it was sent back."),
    "charged_back": ({}, "Your bank took it back."),
    "processing": (NOTHING_PAID, "Your payment of $199.00 is on its way."),
    "open": (NOTHING_PAID, "Begun on"),
    "expired": (NOTHING_PAID, "not paid in time. Nothing was taken."),
    "payment_failed": (NOTHING_PAID, "The payment failed, and nothing was taken."),
}


@pytest.mark.parametrize(("state", "fields", "says"), [(k, *v) for k, v in STATES.items()])
def test_each_purchase_says_in_a_sentence_what_became_of_it(state, fields, says):
    purchase = PaidPurchaseFactory(**{"state": state, "paid_at": PAID_AT, **fields})
    said = words(Persona(purchase.user))
    assert "What you bought Founder Membership" in said
    assert says in said
    assert "you can have" not in said
    assert ("Go on with it" in said) is (state == "open")
    assert "%(" not in said


def test_payment_in_doubt_says_that_nothing_is_lost():
    purchase = PaidPurchaseFactory(
        **{**NOTHING_PAID, "state": "processing", "attention": "Secret of the staff."}
    )
    said = words(Persona(purchase.user))
    assert "Nothing is lost." in said
    assert "Secret" not in said


def test_purchases_of_others_are_not_shown(member):
    PaidPurchaseFactory(receipt_number=123, legal_entity="main")
    assert "What you bought" not in words(member)


def test_account_leads_to_ways_of_signing_in_to_data_and_to_the_exit(member):
    page = member.get(ACCOUNT).text
    for name in (
        "account_set_password",
        "mfa_add_webauthn",
        "mfa_activate_totp",
        "own_data",
        "close_account",
        "experience",
    ):
        assert f'"{reverse(name)}"' in page
    member.user.set_password("read-every-word-2026")
    member.user.save()
    member.force_login(member.user)
    Authenticator.objects.create(user=member.user, type="totp", data={})
    Authenticator.objects.create(user=member.user, type="webauthn", data={})
    Authenticator.objects.create(user=member.user, type="recovery_codes", data={})
    page = member.get(ACCOUNT).text
    for name in ("account_change_password", "mfa_list_webauthn", "mfa_deactivate_totp"):
        assert f'"{reverse(name)}"' in page
