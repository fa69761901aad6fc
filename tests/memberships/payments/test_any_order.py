"""Whatever is heard of a sale, in whatever order and however often, it ends the same (rows 6, 7).

The rules of reduction alone are in test_reduction.py; here events go through inbox, settling and
the database, while the sale goes on at Stripe.
"""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from memberships.models import Membership, StripeEvent
from memberships.payments import reconciliation
from portal.post.models import Mail
from tests.memberships.factories import PlanFactory
from tests.memberships.payments.buying import (
    at_checkout,
    at_stripe,
    put_in,
    settled,
    status,
    take_up,
    told,
)
from tests.memberships.sandboxed import KEY

pytestmark = pytest.mark.django_db

PRICE = 1_000
BEGINNINGS = [
    ["card"],
    ["declined", "card"],
    ["later", "arrives"],
    ["later", "bounces"],
    ["later"],
    ["declined"],
    [],
]
LATER_ON = ["part back", "all back", "refund fails", "asks", "disputes", "won", "lost", "warns"]
HISTORIES = st.builds(
    lambda beginning, more: [*beginning, *more],
    st.sampled_from(BEGINNINGS[:3] * 3 + BEGINNINGS[3:]),
    st.lists(st.sampled_from(LATER_ON), max_size=4),
)


class AtStripe:
    """One sale, and what happens to it at Stripe; what cannot happen does not."""

    def __init__(self, sandbox, plan):
        self.sandbox = sandbox
        self.purchase = at_checkout(plan=plan)
        self.session = self.purchase.checkout_session_id
        self.last = {}

    def happens(self, move):
        verb, given = {
            "card": ("pay", {"session": self.session}),
            "declined": ("pay", {"session": self.session, "way": "declined"}),
            "later": ("pay", {"session": self.session, "way": "later"}),
            "arrives": ("settle_payment", {"session": self.session, "succeeds": True}),
            "bounces": ("settle_payment", {"session": self.session, "succeeds": False}),
            "part back": ("dashboard_refund", {"payment_intent": self._intent(), "amount": 300}),
            "all back": ("dashboard_refund", {"payment_intent": self._intent()}),
            "refund fails": (
                "settle_refund",
                {"refund": self.last.get("refund"), "succeeds": False},
            ),
            "asks": ("dispute", {"charge": self._charge(), "status": "warning_needs_response"}),
            "disputes": ("dispute", {"charge": self._charge()}),
            "won": ("move_dispute", {"dispute": self.last.get("dispute"), "status": "won"}),
            "lost": ("move_dispute", {"dispute": self.last.get("dispute"), "status": "lost"}),
            "warns": ("fraud_warning", {"charge": self._charge()}),
        }[move]
        code, body = self.sandbox.ask(f"/control/{verb}", json.dumps(given), key=KEY)
        if code == 200:
            made = json.loads(body)
            self.last[made["object"]] = made["id"]

    def _doc(self, kind, id_):
        return json.loads((self.sandbox.data / kind / f"{id_}.json").read_text())["doc"]

    def _intent(self):
        return self._doc("sessions", self.session)["payment_intent"] or "pi_none"

    def _charge(self):
        intent = self._intent()
        return intent if intent == "pi_none" else self._doc("intents", intent)["latest_charge"]

    def events(self):
        """What Stripe has told of this sale so far."""
        about = {self.session, self._intent()}
        return [
            one for one in told(self.purchase) if {one.object_id, one.payment_intent_id} & about
        ]

    def came_to(self):
        """All that must not depend on who heard what when."""
        self.purchase.refresh_from_db()
        one = self.purchase
        known = at_stripe(one) if one.payment_intent_id else []
        return {
            "state": one.state,
            "refunded": one.amount_refunded,
            "membership": status(one) or ("none", None),
            "attention": one.attention,
            "refunds": sorted(one.refunds.values_list("amount", "state", "origin")),
            "at stripe": sorted((refund.amount, refund.status) for refund in known),
            "disputes": sorted(one.disputes.values_list("status", flat=True)),
            "receipt": one.receipt_number is not None,
        }


def reconciled():
    """One reconciliation, and whoever takes up what it found."""
    now = timezone.now()
    reconciliation.reconcile(since=now - timedelta(days=2), now=now)
    StripeEvent.objects.update(next_try_at=now - timedelta(minutes=1))
    take_up()


def examples(count):
    """Settings for tests whose every example asks a real process for everything."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.mark.slow
@examples(8)
@given(history=HISTORIES, data=st.data())
def test_rows_6_and_7_any_events_in_any_order_and_a_reconciliation_end_the_same(
    sandbox, history, data
):
    heard_by_chance(sandbox, history, data)


@pytest.mark.slow
@examples(25)
@given(history=HISTORIES, data=st.data())
def test_rows_6_and_7_and_so_do_many_more(sandbox, history, data):
    heard_by_chance(sandbox, history, data)


def heard_by_chance(sandbox, history, data):
    """Beside a sale of which everything is heard by chance runs one of which nothing is heard."""
    plan = PlanFactory(amount=PRICE)
    heard, unheard = AtStripe(sandbox, plan), AtStripe(sandbox, plan)
    for move in history:
        heard.happens(move)
        unheard.happens(move)
        known = heard.events()
        if known and data.draw(st.booleans(), label="is heard of before it goes on"):
            put_in(data.draw(st.sampled_from(known)))
            take_up()
    known = heard.events()
    told_later = st.lists(st.sampled_from(known), max_size=2 * len(known)) if known else st.just([])
    for one in data.draw(told_later, label="is heard of afterwards"):
        put_in(one)
        if data.draw(st.booleans(), label="and taken up at once"):
            take_up()
    reconciled()
    assert _without_trace_of_time(heard) == _without_trace_of_time(unheard)
    event(heard.came_to()["state"])
    assert Mail.objects.filter(key=f"purchase-{heard.purchase.pk}-active").count() <= 1


def _without_trace_of_time(sale):
    """A membership that was given before the money was taken away is a row that has ended; where
    nothing was heard until then, there never was one. Nobody reads either way.
    """
    came_to = sale.came_to()
    if came_to["membership"][0] == "ended":
        came_to["membership"] = ("none", None)
    return came_to


def test_rows_6_and_7_every_event_again_after_the_end_changes_nothing(sandbox):
    sale = AtStripe(sandbox, PlanFactory(amount=PRICE))
    for move in ("card", "part back", "disputes", "won", "all back"):
        sale.happens(move)
    known = sale.events()
    for one in known:
        put_in(one)
    take_up()
    before, mails = sale.came_to(), Mail.objects.count()
    assert before["state"] == "refunded"
    for one in reversed(known):
        assert not put_in(one)
    StripeEvent.objects.update(state="received", processed_at=None)  # and if they were new
    take_up()
    settled(sale.purchase)
    assert sale.came_to() == before
    assert Mail.objects.count() == mails
    assert Membership.objects.count() <= 1
