"""Money in the administration: what staff see and do. Numbers in names are rows of the matrix."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from memberships.gateway.refusals import TryAgainLater
from memberships.models import Membership, Purchase, Refund, StripeEvent
from memberships.payments import deciding, snapshot
from portal.post.models import Mail
from tests.memberships.factories import (
    DisputeFactory,
    MembershipFactory,
    PaidPurchaseFactory,
    PlanFactory,
    PurchaseFactory,
    RefundedPurchaseFactory,
    RefundFactory,
    StripeEventFactory,
    SucceededRefundFactory,
    UserFactory,
)
from tests.memberships.payments.buying import (
    access,
    at_checkout,
    pay,
    put_in,
    sent,
    settled,
    status,
    take_up,
    told,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db
MODELS = (Purchase, Refund, Membership, StripeEvent, Mail, LogEntry)


def page_of(row, verb="change"):
    name = f"admin:memberships_{row._meta.model_name}_change"
    address = reverse(name, args=[quote(row.pk)])
    return address if verb == "change" else address.replace("/change/", f"/{verb}/")


def list_of(row):
    return reverse(f"admin:memberships_{row._meta.model_name}_changelist")


def with_permissions(*names):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return Persona(user)


def everything():
    return [list(model.objects.order_by("pk").values()) for model in MODELS]


def bought(**purchase):
    """A paid purchase and its membership."""
    one = PaidPurchaseFactory(**purchase)
    MembershipFactory(user=one.user, purchase=one, source="purchase")
    return one


def why(said="They wrote to us.", **more):
    return {"reason": said, **more}


def logged(row):
    """Who and why, as the log has it of a row."""
    entry = LogEntry.objects.get(object_id=str(row.pk))
    return entry.user, entry.change_message


# Refunding -------------------------------------------------------------------------------------


def test_staff_refund_the_whole_amount_and_the_log_says_who_and_why(staff):
    purchase = bought()
    page = staff.get(page_of(purchase, "refund"))
    assert "$199.00" in page.text
    answer = staff.post(page_of(purchase, "refund"), why(), follow=True)
    assert "$199.00 goes back" in answer.text
    refund = Refund.objects.get()
    assert (refund.amount, refund.origin, refund.state) == (19_900, "staff", "requested")
    assert (refund.requested_by, refund.reason) == (staff.user, "They wrote to us.")
    assert status(purchase) == ("suspended", None)
    assert logged(purchase) == (staff.user, "Refund of $199.00: They wrote to us.")


def test_staff_refund_a_part_at_any_time_and_the_membership_stays(staff):
    long_ago = timezone.now() - timedelta(days=300)
    purchase = bought(paid_at=long_ago)
    staff.post(page_of(purchase, "refund"), why(amount="49.50"))
    assert Refund.objects.get().amount == 4_950
    assert status(purchase) == ("active", None)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"amount": "10"}, "This field is required"),
        ({"reason": "x", "amount": "0"}, "greater than or equal to 0.01"),
        ({"reason": "x", "amount": "-5"}, "greater than or equal to 0.01"),
        ({"reason": "x", "amount": "1.005"}, "no more than 2 decimal places"),
        ({"reason": "x", "amount": "NaN"}, "Enter a number"),
        ({"reason": "x", "amount": "1e3"}, "Only $199.00 is left to refund"),
    ],
)
def test_refund_that_cannot_be_is_refused_in_a_sentence(staff, given, complaint):
    purchase = bought()
    before = everything()
    answer = staff.post(page_of(purchase, "refund"), given)
    assert answer.status_code in {409, 422}
    assert complaint in answer.text
    assert everything() == before


def test_amounts_of_currencies_without_hundredths_are_read_as_they_are_written(staff):
    plan = PlanFactory(amount=20_000, currency="jpy")
    purchase = bought(plan=plan)
    assert "¥20,000" in staff.get(page_of(purchase, "refund")).text
    assert staff.post(page_of(purchase, "refund"), why(amount="0.5")).status_code == 422
    staff.post(page_of(purchase, "refund"), why(amount="500"))
    assert Refund.objects.get().amount == 500


def test_what_stands_in_the_way_of_a_refund_is_told(staff):
    under_way = RefundFactory().purchase
    over = RefundedPurchaseFactory()
    disputed = DisputeFactory().purchase
    for purchase, sentence in (
        (under_way, "already on its way"),
        (over, "nothing left to refund"),
        (disputed, "The bank decides"),
    ):
        before = everything()
        answer = staff.post(page_of(purchase, "refund"), why())
        assert (answer.status_code, sentence in answer.text) == (409, True)
        assert everything() == before


# Deciding --------------------------------------------------------------------------------------


def doubted(sandbox):
    purchase = at_checkout(price=100)
    pay(sandbox, purchase)
    return settled(purchase)


def test_row_32_doubt_is_shown_with_what_was_paid_and_accepted(sandbox, staff):
    purchase = doubted(sandbox)
    page = staff.get(page_of(purchase))
    for verb in ("accept", "send-back"):
        assert page_of(purchase, verb) in page.text
    assert page_of(purchase, "refund") not in page.text
    asked = staff.get(page_of(purchase, "accept")).text
    assert "Founder Membership, $199.00" in asked
    assert "$1.00" in asked
    answer = staff.post(page_of(purchase, "accept"), why(), follow=True)
    assert "The membership has begun" in answer.text
    assert access(purchase)
    assert logged(purchase) == (staff.user, "Payment accepted: They wrote to us.")
    again = staff.post(page_of(purchase, "accept"), why())
    assert (again.status_code, "waits to be decided any more" in again.text) == (409, True)


def test_row_32_doubt_is_sent_back(sandbox, staff):
    purchase = doubted(sandbox)
    answer = staff.post(page_of(purchase, "send-back"), why(), follow=True)
    assert "$1.00 goes back" in answer.text
    sent()
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("payment_failed", None)
    assert logged(purchase) == (staff.user, "Payment sent back: They wrote to us.")


def test_silence_of_stripe_is_told_on_the_page_and_in_the_answer(staff, monkeypatch):
    purchase = PurchaseFactory(
        state="processing",
        checkout_session_id="cs_1",
        payment_intent_id="pi_1",
        expires_at=timezone.now(),
        attention="Another amount was paid than the plan asks for.",
    )

    def silent(*args, **kwargs):
        raise TryAgainLater("no answer")

    monkeypatch.setattr(snapshot, "of", silent)
    assert "Stripe could not be asked (no answer)" in staff.get(page_of(purchase, "accept")).text
    before = everything()
    answer = staff.post(page_of(purchase, "accept"), why())
    assert (answer.status_code, "Try again in a minute" in answer.text) == (409, True)
    assert everything() == before


def test_sentences_are_noted_and_what_came_up_meanwhile_is_not(staff):
    purchase = bought(attention="One.\nTwo.")
    asked = staff.get(page_of(purchase, "take-note"))
    assert "One." in asked.text
    Purchase.objects.update(attention="One.\nTwo.\nThree.")
    staff.post(page_of(purchase, "take-note"), why("Wrote to her.", seen="One.\r\nTwo."))
    purchase.refresh_from_db()
    assert (purchase.attention, purchase.noted) == ("Three.", "One.\nTwo.")
    assert logged(purchase) == (staff.user, "Took note of “One. Two.”: Wrote to her.")


def test_list_shows_what_waits_and_what_is_paid_without_membership(staff):
    sound, waits = bought(), bought(attention="Look here.")
    unserved = PaidPurchaseFactory()
    text = staff.get(list_of(sound), {"waits": "attention"}).text
    assert (str(waits.pk) in text, str(sound.pk) in text) == (True, False)
    text = staff.get(list_of(sound), {"waits": "unserved"}).text
    assert (str(unserved.pk) in text, str(waits.pk) in text) == (True, False)


# Events ----------------------------------------------------------------------------------------


@pytest.fixture
def orphan(sandbox):
    """A payment whose purchase is gone: (the purchase as it was, the event that waits)."""
    purchase = at_checkout()
    pay(sandbox, purchase)
    [event] = told(purchase)
    Purchase.objects.filter(pk=purchase.pk).delete()
    put_in(event)
    take_up()
    return purchase, StripeEvent.objects.get()


def test_row_10_orphan_is_given_to_a_person(orphan, staff):
    gone, event = orphan
    asked = staff.get(page_of(event, "adopt")).text
    assert "$199.00" in asked
    assert "buyer@example.org" in asked
    given = why(user=gone.user_id, plan=gone.plan_id)
    answer = staff.post(page_of(event, "adopt"), given, follow=True)
    assert "the membership has begun" in answer.text
    purchase = Purchase.objects.get()
    assert (purchase.user, access(purchase)) == (gone.user, True)
    entries = LogEntry.objects.filter(user=staff.user, change_message__contains="They wrote to us.")
    assert set(entries.values_list("object_id", flat=True)) == {event.pk, str(purchase.pk)}
    again = staff.post(page_of(event, "adopt"), given)
    assert (again.status_code, Purchase.objects.count()) == (409, 1)


def test_row_10_orphan_is_refunded(orphan, staff):
    _gone, event = orphan
    answer = staff.post(page_of(event, "refund"), why(), follow=True)
    assert "$199.00 goes back" in answer.text
    assert Refund.objects.get().origin == "orphan_payment"
    assert not Membership.objects.exists()


def test_row_10_other_terms_are_refused_in_a_sentence(orphan, staff):
    gone, event = orphan
    dear = PlanFactory(amount=99_900)
    before = everything()
    answer = staff.post(page_of(event, "adopt"), why(user=gone.user_id, plan=dear.pk))
    assert (answer.status_code, "Another amount" in answer.text) == (409, True)
    assert everything() == before
    assert staff.post(page_of(event, "adopt"), why()).status_code == 422


def test_row_43_dead_events_are_processed_again_one_by_one_or_together(staff):
    dead = [StripeEventFactory(state="dead", error="x", tries=10) for _ in range(3)]
    other = StripeEventFactory(state="ignored")
    staff.post(page_of(dead[0], "again"), why())
    assert logged(dead[0]) == (staff.user, "Processed again: They wrote to us.")
    chosen = {"action": "process_again_all", "_selected_action": [one.pk for one in dead[1:]]}
    chosen["_selected_action"].append(other.pk)
    asked = staff.post(list_of(other), {**chosen, "index": 0, "select_across": 0})
    assert "3 events are looked into once more" in asked.text
    assert staff.post(list_of(other), {**chosen, "reason": ""}).status_code == 422
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {
        "received",
        "dead",
        "ignored",
    }
    answer = staff.post(list_of(other), {**chosen, **why("Stripe was down.")}, follow=True)
    assert "2 events are taken up within a minute" in answer.text
    assert "1 event is in work, or none of ours" in answer.text
    assert StripeEvent.objects.filter(state="received", tries=0).count() == 3
    assert LogEntry.objects.filter(change_message="Processed again: Stripe was down.").count() == 2


def test_event_is_set_aside_with_a_reason(staff):
    event = StripeEventFactory(state="dead", error="x", payload={})
    staff.post(page_of(event, "set-aside"), why("Nothing in it."))
    event.refresh_from_db()
    assert event.state == "ignored"
    assert logged(event) == (staff.user, "Set aside: Nothing in it.")


def test_event_shows_what_came_and_an_emptied_one_says_so(staff):
    event = StripeEventFactory(payload={"object": "event", "data": {"name": "<Ægir>"}})
    text = staff.get(page_of(event)).text
    assert "&quot;name&quot;: &quot;&lt;Ægir&gt;&quot;" in text
    StripeEvent.objects.update(payload=None)
    assert "Dropped" in staff.get(page_of(event)).text


def test_filter_shows_the_events_that_wait(staff):
    waits = StripeEventFactory(state="parked", error="x")
    done = StripeEventFactory(state="ignored")
    text = staff.get(list_of(waits), {"waits": "yes"}).text
    assert (waits.pk in text, done.pk in text) == (True, False)


# Refunds and disputes --------------------------------------------------------------------------


def test_refunds_in_trouble_are_found_and_say_what_to_do(staff):
    old = timezone.now() - timedelta(minutes=20)
    failed = RefundFactory(
        state="failed",
        failure_reason="expired_or_canceled_card",
        settled_at=old,
        purchase__attention="A refund failed.",
    )
    noted = RefundFactory(state="failed", failure_reason="x", settled_at=old)
    waits = RefundFactory(state="requires_action", stripe_refund_id="re_1")
    stuck = RefundFactory(requested_at=old)
    young, arrived = RefundFactory(), SucceededRefundFactory()
    for chosen, found in (
        ("waits", {failed, waits, stuck}),
        ("failed", {failed, noted}),
        ("requires_action", {waits}),
        ("stuck", {stuck}),
    ):
        text = staff.get(list_of(failed), {"trouble": chosen}).text
        everyone = {failed, noted, waits, stuck, young, arrived}
        assert {one for one in everyone if page_of(one) in text} == found
    assert "Send it another way" in staff.get(page_of(failed)).text
    assert "has to act" in staff.get(page_of(waits)).text
    assert "has not taken it yet" in staff.get(page_of(stuck)).text


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("warning_needs_response", "Answer the bank in Stripe until December 1, 2026"),
        ("needs_response", "Send the bank your evidence"),
        ("under_review", "Wait for the bank"),
        ("lost", "The money is gone"),
        ("won", "The membership goes on"),
    ],
)
def test_disputes_say_what_to_do(staff, state, sentence):
    closed_at = timezone.now() if state in {"lost", "won"} else None
    due = timezone.now().replace(year=2026, month=12, day=1)
    dispute = DisputeFactory(status=state, closed_at=closed_at, evidence_due_by=due)
    assert sentence in staff.get(page_of(dispute)).text
    text = staff.get(list_of(dispute), {"answer": "ours"}).text
    assert (dispute.pk in text) is state.endswith("needs_response")


# Seeing ----------------------------------------------------------------------------------------


def full(**purchase):
    """A purchase with everything under it."""
    one = bought(**purchase)
    for _ in range(4):
        refund = SucceededRefundFactory(purchase=one, amount=100, origin="staff")
        DisputeFactory(purchase=one)
        StripeEventFactory(purchase=one, payload={"object": "event"})
        Mail.objects.create(
            key=f"refund-{refund.pk}-succeeded",
            subject="Your refund was sent to your bank",
            text="x",
            address=one.user.email,
            template="payments/refund_succeeded",
            message_id="<x@y>",
            queued_at=timezone.now(),
            due_at=timezone.now(),
            keep_until=timezone.now(),
        )
    return one


def test_purchase_shows_all_that_hangs_on_it_with_a_bounded_number_of_queries(
    staff, django_assert_max_num_queries
):
    purchase = full(attention="Look here.", card_country="FR")
    with django_assert_max_num_queries(26):
        text = staff.get(page_of(purchase)).text
    for said in ("Look here.", "visa 4242", "Your refund was sent", "$1.00", "pi_", "du_"):
        assert said in text
    assert "evt" in text


def test_mails_are_shown_to_whoever_may_read_mail(staff):
    purchase = full()
    assert "Your refund was sent" in staff.get(page_of(purchase)).text
    viewer = with_permissions("view_purchase")
    text = viewer.get(page_of(purchase)).text
    assert "Your refund was sent" not in text
    assert purchase.refunds.first().get_state_display() not in text


@pytest.mark.parametrize(
    ("base", "live", "address"),
    [
        ("", True, "https://dashboard.stripe.com/payments/pi_x"),
        ("", False, "https://dashboard.stripe.com/test/payments/pi_x"),
        ("http://127.0.0.1:8001", False, None),
    ],
)
def test_stripe_s_ids_lead_to_its_dashboard_unless_a_stand_in_plays_it(
    staff, settings, base, live, address
):
    settings.STRIPE_API_BASE = base
    purchase = bought(payment_intent_id="pi_x", livemode=live)
    text = staff.get(page_of(purchase)).text
    assert "pi_x" in text
    assert ("dashboard.stripe.com" in text) is (address is not None)
    if address:
        assert address in text


def verbs(row):
    names = {
        Purchase: ["refund", "accept", "send-back", "take-note"],
        StripeEvent: ["adopt", "refund", "again", "set-aside"],
    }
    return [page_of(row, name) for name in names[type(row)]]


def test_looking_changes_nothing(staff, monkeypatch):
    purchase, event = bought(attention="One."), StripeEventFactory(state="dead", error="x")
    before = everything()
    monkeypatch.setattr(deciding, "look", lambda purchase: snapshot.Snapshot())
    for address in [*verbs(purchase), *verbs(event)]:
        assert staff.get(address).status_code == 200
    assert everything() == before


def test_nobody_does_anything_without_the_permission(visitor, member):
    purchase, event = bought(attention="One."), StripeEventFactory(state="dead", error="x")
    viewer = with_permissions("view_purchase", "view_stripeevent")
    before = everything()
    for address in [*verbs(purchase), *verbs(event)]:
        for ask in (viewer.get, viewer.post):
            assert ask(address, why(seen="One.")).status_code == 403
        assert member.post(address, why()).status_code == 404
        assert visitor.post(address, why()).status_code == 302
    chosen = {"action": "process_again_all", "_selected_action": event.pk, **why()}
    viewer.post(list_of(event), chosen)
    assert everything() == before
    assert "refund/" not in viewer.get(page_of(purchase)).text


def test_doing_needs_seeing():
    purchase, event = bought(attention="One."), StripeEventFactory(state="dead", error="x")
    blind = with_permissions("add_refund", "add_purchase", "add_membership")
    for address in (page_of(purchase, "refund"), page_of(event, "adopt"), page_of(event, "refund")):
        assert blind.post(address, why()).status_code == 403


@pytest.mark.parametrize(
    ("permission", "verb"),
    [
        ("add_refund", "refund"),
        ("change_purchase", "accept"),
        ("change_purchase", "take-note"),
    ],
)
def test_each_verb_has_its_permission(permission, verb):
    purchase = bought(attention="One.")
    clerk = with_permissions("view_purchase", permission)
    allowed = clerk.post(page_of(purchase, verb), {}).status_code
    assert allowed == 422
    for other in {"refund", "send-back", "take-note"} - {verb}:
        status = clerk.post(page_of(purchase, other), {}).status_code
        assert status == (422 if permission == "change_purchase" and other == "take-note" else 403)


def test_row_34_giving_a_membership_for_nothing_needs_the_permission_to_give():
    purchase = PurchaseFactory(attention="The checkout was completed with nothing to pay.")
    clerk = with_permissions("change_purchase")
    assert clerk.post(page_of(purchase, "accept"), why()).status_code == 403


def test_page_that_is_not_there_is_not_found(staff):
    gone = "00000000-0000-4000-8000-000000000000"
    for verb in ("refund", "accept"):
        assert staff.get(f"/admin/memberships/purchase/{gone}/{verb}/").status_code == 404
    assert staff.get("/admin/memberships/stripeevent/evt_5Fx/again/").status_code == 404
