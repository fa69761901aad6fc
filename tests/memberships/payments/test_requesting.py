"""Asking for money back: who may, until when, and what it changes at once.

Numbers in names are rows of the matrix.
"""

import re
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from memberships.models import Dispute, Membership, Purchase, Refund
from memberships.payments import notices, requesting
from memberships.payments.requesting import (
    BankDecides,
    GuaranteeOver,
    NothingLeft,
    RefundUnderWay,
    left_for_buyer,
    request_refund,
)
from memberships.refunds import link
from memberships.refunds.models import CHARGEBACK, CLOSED, INQUIRY
from portal.post.models import Mail
from tests.memberships.factories import (
    DisputeFactory,
    MembershipFactory,
    OpenPurchaseFactory,
    PaidPurchaseFactory,
    PurchaseFactory,
    RefundedPurchaseFactory,
    RefundFactory,
    StaffFactory,
    SucceededRefundFactory,
)
from tests.memberships.payments.buying import bought, sent, settled, status

pytestmark = pytest.mark.django_db

SELF = Refund.Origin.SELF_SERVICE
STAFF = Refund.Origin.STAFF
PRICE = 19_900


def having(**purchase):
    """A paid purchase and its membership."""
    paid = PaidPurchaseFactory(**purchase)
    MembershipFactory(user=paid.user, purchase=paid, source="purchase")
    return paid


def ask(purchase, **how):
    return request_refund(
        purchase_id=purchase.pk,
        **{"origin": SELF, "by": purchase.user, "now": timezone.now(), **how},
    )


def staff_sends(purchase, **how):
    return ask(purchase, **{"origin": STAFF, "by": StaffFactory(), "reason": "By phone.", **how})


def everything():
    """All that a request could have changed."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Purchase, Membership, Refund, Mail)
    ]


@pytest.fixture
def refused(django_capture_on_commit_callbacks):
    """Ask, be refused, and find that nothing has changed and nobody was told or woken."""

    def run(purchase, kind, **how):
        before = everything()
        with (
            django_capture_on_commit_callbacks() as nudges,
            pytest.raises(kind) as refusal,
        ):
            ask(purchase, **how)
        assert (everything(), nudges) == (before, [])
        if not how:
            with pytest.raises(kind):
                left_for_buyer(Purchase.objects.get(pk=purchase.pk))
        return refusal.value

    return run


def test_request_writes_all_at_once():
    purchase = having()
    before = timezone.now()
    refund = ask(purchase)
    purchase.refresh_from_db()
    assert (refund.state, refund.amount, refund.origin) == ("requested", PRICE, "self_service")
    assert refund.idempotency_key == f"refund-{refund.pk}"
    assert refund.requested_by == purchase.user
    assert abs(refund.requested_at - before) < timedelta(minutes=1)
    assert (purchase.state, purchase.version) == ("refund_pending", 1)
    assert status(purchase) == ("suspended", None)
    assert Refund.objects.to_send().get() == refund


@pytest.mark.parametrize("amount", [None, 500, PRICE])
def test_request_writes_what_settling_would_write(sandbox, amount):
    purchase = bought(sandbox)
    staff_sends(purchase, amount=amount)
    written = Purchase.objects.values().get()
    held = Membership.objects.values().get()
    settled(purchase)
    after = Purchase.objects.values().get()
    assert {**after, "version": written["version"]} == written
    assert Membership.objects.values().get() == held
    assert written["state"] == ("paid" if amount == 500 else "refund_pending")


def test_row_12_second_request_sees_the_first(refused):
    purchase = having()
    first = ask(purchase)
    assert refused(purchase, RefundUnderWay).refund == first
    assert refused(purchase, RefundUnderWay, origin=STAFF, amount=1).refund == first


@pytest.mark.parametrize("state", ["requested", "sending", "pending", "requires_action"])
def test_row_21_whatever_is_not_settled_is_under_way(refused, state):
    purchase = having()
    refund = RefundFactory(
        purchase=purchase,
        amount=1,
        origin=STAFF,
        state=state,
        stripe_refund_id="re_1",
        leased_until=timezone.now() if state == "sending" else None,
    )
    assert refused(purchase, RefundUnderWay).refund == refund


def test_row_13_dashboard_refund_of_all_is_under_way(refused):
    purchase = having()
    theirs = RefundFactory(purchase=purchase, origin="dashboard", idempotency_key=None)
    assert refused(purchase, RefundUnderWay).refund == theirs


def test_row_24_only_the_remainder_is_left():
    purchase = having(amount_refunded=4_000)
    SucceededRefundFactory(purchase=purchase, origin="dashboard", amount=4_000)
    RefundFactory(purchase=purchase, origin="dashboard", amount=900, idempotency_key=None)
    assert left_for_buyer(purchase) == 15_000
    assert ask(purchase).amount == 15_000
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refund_pending", ("suspended", None))


def test_refund_that_failed_or_was_canceled_leaves_the_money_to_be_asked_for():
    purchase = having()
    for state in ("failed", "canceled"):
        RefundFactory(
            purchase=purchase, state=state, settled_at=timezone.now(), failure_reason="declined"
        )
    assert ask(purchase).amount == PRICE


@pytest.mark.parametrize(
    "make",
    [PurchaseFactory, OpenPurchaseFactory, RefundedPurchaseFactory],
    ids=lambda one: str(one),
)
@pytest.mark.parametrize("origin", [SELF, STAFF])
def test_nothing_paid_or_nothing_left(refused, make, origin):
    assert refused(make(), NothingLeft, origin=origin).left == 0


def test_row_20_refund_that_failed_after_it_arrived_gives_back_the_access_and_the_button(sandbox):
    purchase = bought(sandbox)
    refund = ask(purchase)
    sent()
    refund.refresh_from_db()
    assert (refund.state, status(purchase)) == ("succeeded", ("ended", "refunded"))
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    settled(purchase)
    refund.refresh_from_db()
    assert (refund.state, status(purchase)) == ("failed", ("active", None))
    assert Mail.objects.filter(key=f"refund-{refund.pk}-failed").exists()
    again = ask(purchase)
    sent()
    again.refresh_from_db()
    assert (again.state, status(purchase)) == ("succeeded", ("ended", "refunded"))


def test_row_20_where_only_anothers_refund_failed_the_rest_is_with_staff(sandbox, refused):
    """The buyer's own arrived; a part from the dashboard came back. One success each, no more."""
    purchase = bought(sandbox)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id, amount=500)
    settled(purchase)
    ask(purchase)
    sent()
    theirs = Refund.objects.get(origin="dashboard")
    sandbox.control("settle_refund", refund=theirs.stripe_refund_id, succeeds=False)
    settled(purchase)
    refusal = refused(purchase, NothingLeft)
    assert (refusal.left, "Our staff send it another way" in str(refusal)) == (500, True)
    assert staff_sends(purchase).amount == 500
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))


# Until when


def clock_at(monkeypatch, instant):
    monkeypatch.setattr(requesting, "_clock", lambda purchases, pk: instant)


def test_row_22_last_instant_of_the_guarantee_is_in(monkeypatch):
    purchase = having()
    clock_at(monkeypatch, purchase.refundable_until)
    assert left_for_buyer(purchase) == PRICE
    assert ask(purchase).requested_at == purchase.refundable_until


def test_row_22_the_instant_after_is_out(monkeypatch, refused):
    purchase = having()
    clock_at(monkeypatch, purchase.refundable_until + timedelta(microseconds=1))
    over = refused(purchase, GuaranteeOver)
    assert over.last_day == (purchase.refundable_until - timedelta(hours=13)).date()
    assert str(over.last_day.year) in str(over)


def test_rows_22_and_54_clock_of_the_database_decides_and_not_ours(refused):
    """Ours may be wrong by years; theirs says that it was over a second ago, or is not yet."""
    just_over = having(
        paid_at=timezone.now() - timedelta(days=31),
        refundable_until=timezone.now() - timedelta(seconds=1),
    )
    refused(just_over, GuaranteeOver, now=timezone.now() - timedelta(days=900))
    not_yet = having(refundable_until=timezone.now() + timedelta(minutes=5))
    ask(not_yet, now=timezone.now() + timedelta(days=900))


def test_staff_are_not_bound_by_the_guarantee():
    purchase = having(
        paid_at=timezone.now() - timedelta(days=400),
        refundable_until=timezone.now() - timedelta(days=369),
    )
    refund = staff_sends(purchase, amount=500)
    assert (refund.amount, refund.reason) == (500, "By phone.")


def test_rows_18_and_23_what_was_asked_for_in_time_is_sent_however_late(sandbox):
    """Stripe does not answer until the guarantee is over: the time of the request counts."""
    purchase = bought(sandbox)
    sandbox.control("fault", kind="503", call="POST /v1/refunds", times=3)
    refund = ask(purchase)
    sent()
    refund.refresh_from_db()
    assert (refund.state, refund.tries) == ("requested", 1)
    sandbox.control("faults_end")
    long_ago = timezone.now() - timedelta(days=40)
    Purchase.objects.update(paid_at=long_ago, refundable_until=long_ago + timedelta(days=31))
    sent()
    refund.refresh_from_db()
    assert (refund.state, status(purchase)) == ("succeeded", ("ended", "refunded"))


# The bank


@pytest.mark.parametrize("origin", [SELF, STAFF])
@pytest.mark.parametrize("word", [*CHARGEBACK, "lost"])
def test_rows_27_and_29_bank_decides_and_nothing_is_sent_on_top(refused, word, origin):
    purchase = having(state="charged_back" if word == "lost" else "disputed")
    DisputeFactory(
        purchase=purchase, status=word, closed_at=timezone.now() if word == "lost" else None
    )
    refused(purchase, BankDecides, origin=origin)


@pytest.mark.parametrize("word", [*INQUIRY, *sorted(set(CLOSED) - {"lost"})])
def test_rows_26_and_28_inquiry_or_a_dispute_that_came_to_nothing_stops_nobody(word):
    for request in (ask, staff_sends):
        purchase = having()
        Dispute.objects.all().delete()
        closed_at = timezone.now() if word in CLOSED else None
        DisputeFactory(purchase=purchase, status=word, closed_at=closed_at)
        assert request(purchase).amount == PRICE


def test_row_30_what_has_gone_back_before_the_dispute_is_not_sent_again(refused):
    purchase = RefundedPurchaseFactory()
    DisputeFactory(purchase=purchase)
    refused(purchase, NothingLeft)


def test_row_26_refund_under_an_inquiry_arrives(sandbox):
    purchase = bought(sandbox)
    charge = purchase.charge_id
    sandbox.control("dispute", charge=charge, status="warning_needs_response")
    settled(purchase)
    ask(purchase)
    sent()
    assert status(purchase) == ("ended", "refunded")


def test_row_28_bank_that_decided_for_us_gives_the_button_back(sandbox, refused):
    purchase = bought(sandbox)
    dispute = sandbox.control("dispute", charge=purchase.charge_id)
    settled(purchase)
    refused(purchase, BankDecides)
    sandbox.control("move_dispute", dispute=dispute["id"], status="won")
    settled(purchase)
    assert status(purchase) == ("active", None)
    assert ask(purchase).amount == PRICE


# Parts


def test_part_from_staff_leaves_the_membership_and_the_rest():
    purchase = having()
    refund = staff_sends(purchase, amount=500)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.version, status(purchase)) == ("paid", 1, ("active", None))
    refund.state, refund.stripe_refund_id, refund.settled_at = "succeeded", "re_1", timezone.now()
    refund.save()
    Purchase.objects.update(amount_refunded=500)
    assert staff_sends(purchase, amount=PRICE - 500).amount == PRICE - 500
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refund_pending", ("suspended", None))


def test_more_than_is_left_is_refused_and_says_how_much_is(refused):
    purchase = having(amount_refunded=4_000)
    refusal = refused(purchase, NothingLeft, origin=STAFF, amount=15_901)
    assert (refusal.left, "$159.00" in str(refusal)) == (15_900, True)


@pytest.mark.parametrize(("origin", "amount"), [(STAFF, 0), (STAFF, -1), (SELF, 500)])
def test_amount_that_makes_no_sense_is_a_mistake_of_ours(refused, origin, amount):
    refused(having(), ValueError, origin=origin, amount=amount)


def test_money_that_came_with_a_doubt_is_sent_back_by_staff_who_say_how_much(refused):
    purchase = OpenPurchaseFactory(state="processing", payment_intent_id="pi_other")
    refused(purchase, NothingLeft)
    refused(purchase, NothingLeft, origin=STAFF)
    dispute = DisputeFactory(purchase=purchase)
    refused(purchase, BankDecides, origin=STAFF, amount=50_000)
    dispute.delete()
    assert staff_sends(purchase, amount=50_000).amount == 50_000
    purchase.refresh_from_db()
    assert (purchase.state, purchase.version) == ("processing", 1)
    refused(purchase, RefundUnderWay, origin=STAFF, amount=50_000)


# Who holds what


def test_membership_that_staff_ended_stays_so():
    purchase = having()
    Membership.objects.update(status="ended", ended_at=timezone.now(), end_reason="staff")
    ask(purchase)
    assert status(purchase) == ("ended", "staff")


def test_other_membership_of_the_same_person_is_not_touched():
    """The second of two payments goes back; what the first one bought stays."""
    purchase = having()
    second = PaidPurchaseFactory(user=purchase.user)
    ask(second)
    assert Membership.objects.get().status == "active"
    second.refresh_from_db()
    assert second.state == "refund_pending"


def test_closed_account_gets_its_money_back_and_no_mail():
    purchase = having()
    purchase.user.delete()
    purchase.refresh_from_db()
    assert ask(purchase).amount == PRICE
    assert not Mail.objects.exists()


# What is told


def test_row_53_acknowledgement_says_what_when_and_what_next_once():
    purchase = having(receipt_number=7, legal_entity="main")
    refund = ask(purchase)
    mail = Mail.objects.get()
    assert (mail.key, mail.address) == (f"refund-{refund.pk}-received", purchase.user.email)
    assert mail.subject == "We received your request for a refund"
    at = f"{refund.requested_at:%B} {refund.requested_at.day}, {refund.requested_at:%Y, %H:%M} UTC"
    token = re.search(r"/membership/refund/by-link/([^/\s]+)/", mail.text)[1]
    assert link.purchase_id(token) == purchase.pk
    for text in (mail.text, mail.html):
        for said in (at, "$199.00", "Founder Membership", "R-000007", "paused from now on", token):
            assert said in text
    notices.refund_received(refund, purchase, now=timezone.now())
    assert Mail.objects.count() == 1


def test_refund_by_staff_is_told_as_theirs():
    staff_sends(having(), amount=500)
    mail = Mail.objects.get()
    assert mail.subject == "We are sending money back to you"
    assert "your membership stays as it is" in mail.text
    assert "By phone" not in mail.text


def test_each_step_is_told_once_with_the_way_to_the_timeline(sandbox):
    purchase = bought(sandbox)
    refund = ask(purchase)
    sent()
    settled(purchase)
    keys = list(Mail.objects.filter(key__startswith="refund-").values_list("key", flat=True))
    assert sorted(keys) == [f"refund-{refund.pk}-received", f"refund-{refund.pk}-succeeded"]
    for mail in Mail.objects.filter(key__in=keys):
        assert f"/membership/refund/by-link/{link.token(purchase.pk)}/" in mail.html


def test_nothing_is_written_where_the_acknowledgement_cannot_be(monkeypatch):
    purchase = having()
    before = everything()

    def fail(*args, **kwargs):
        raise RuntimeError("no template")

    monkeypatch.setattr(notices, "refund_received", fail)
    with pytest.raises(RuntimeError):
        ask(purchase)
    assert everything() == before


def test_worker_is_nudged_on_commit(monkeypatch, django_capture_on_commit_callbacks):
    nudges = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **how: nudges.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        ask(having())
        assert nudges == []
    [nudge] = nudges
    current_app.loader.import_default_modules()
    assert nudge in current_app.tasks


def test_row_41_broker_that_is_down_costs_a_minute_and_no_error(
    monkeypatch, django_capture_on_commit_callbacks
):
    def down(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        ask(having())
    assert Refund.objects.to_send().exists()
