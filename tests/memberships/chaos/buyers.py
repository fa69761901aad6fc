"""Buyers: what each of them does, a step at a time, and what must have become of it in the end.

A buyer is a generator. Between two steps anything may happen to the site; what a buyer wants and
does not get, because a process died or Stripe was silent, is wanted again.
"""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from memberships.member import closing
from memberships.member.leaving import at_stake
from memberships.models import Membership, Purchase, Refund, User
from memberships.payments import selling
from memberships.payments.requesting import RefundUnderWay, request_refund
from memberships.purchases import stock

from .office import LATER

WHOLE = 19_900
PART = 4_300
# What the membership of a purchase may be in the end: its status and why it ended.
READS, OUT, GAVE_BACK = [("active", None)], [None], [("ended", "refunded")]
# Whichever was faster, the bank or the person who left.
LEFT = [("ended", "refunded"), ("ended", "account_deleted")]
# Where the bank had decided before the site heard of the sale, there never was one.
LOST = [("ended", "charged_back"), None]


@dataclass(frozen=True)
class Ending:
    """What a scenario must come to; `refunds` are (amount, status) as Stripe must list them."""

    state: str
    memberships: list
    refunds: list = field(default_factory=list)


@dataclass(eq=False)
class Buyer:
    """One person with one wish."""

    number: int
    user: object
    staff: object
    town: object  # the run: its chance, weather, office, books, sandbox and plan
    sessions: list = field(default_factory=list)
    user_is_gone: bool = False
    endings: list | None = None  # one for each session, known when the buyer is through

    def insist(self, work):
        """Try until it is done."""
        while True:
            try:
                return self.town.weather.outdoors(work)
            except LATER:
                yield

    def begin(self):
        """Press Buy, and stand at Stripe's page."""
        begun = yield from self.insist(
            lambda: selling.begin(
                user=self.user, plan_id=self.town.plan.pk, return_to="/search/", now=timezone.now()
            )
        )
        self.sessions.append(begun.purchase.checkout_session_id)
        yield

    def pay(self, way="card", session=-1):
        self.town.sandbox.control("pay", session=self.sessions[session], way=way)

    def perhaps_return(self):
        """Half of the buyers close the window before they are led back."""
        if self.town.chance.random() < 0.5:
            yield
            self.town.office.return_page(self.user, self.sessions[-1])
        yield

    def charge(self):
        return self.town.books.charge_of(self.sessions[-1])["id"]

    def purchase(self):
        return Purchase.objects.get(checkout_session_id=self.sessions[-1])

    def bought(self):
        """Go all the way, until it can be read."""
        yield from self.begin()
        self.pay()
        yield from self.perhaps_return()
        while not Membership.objects.running(at=timezone.now()).filter(user=self.user).exists():
            yield

    def ask_back(self, origin, amount=None):
        """Money back, once, however often it has to be asked for."""
        purchase_id = self.purchase().pk

        def ask():
            if Refund.objects.filter(purchase_id=purchase_id, origin=origin).exists():
                return  # the answer was lost, not the request
            request_refund(
                purchase_id=purchase_id,
                origin=origin,
                by=self.staff if origin == Refund.Origin.STAFF else self.user,
                now=timezone.now(),
                amount=amount,
                reason="asked by phone" if amount else "",
            )

        while True:
            try:
                yield from self.insist(ask)
            except RefundUnderWay:
                yield
            else:
                return

    def close(self):
        """Close the account, as the page has it that was read last."""
        user_id, self.user_is_gone = self.user.pk, True

        def close():
            found = User.objects.filter(pk=user_id).first()
            if found:
                closing.close(user=found, told=at_stake(found).told, now=timezone.now())

        while True:
            try:
                return (yield from self.insist(close))
            except (closing.PaymentOpen, closing.OtherwiseThanSaid):
                yield

    def refunds_at_stripe(self, *statuses):
        found = self.town.books.refunds_of(self.sessions[-1])
        return [one["id"] for one in found if one["status"] in statuses]


def card(buyer):
    yield from buyer.begin()
    buyer.pay()
    yield from buyer.perhaps_return()
    return [Ending("paid", READS)]


def declined_then_card(buyer):
    yield from buyer.begin()
    buyer.pay("declined")
    yield from buyer.perhaps_return()
    buyer.pay()
    yield from buyer.perhaps_return()
    return [Ending("paid", READS)]


def abandoned(buyer):
    yield from buyer.begin()
    yield from buyer.perhaps_return()
    return [Ending("expired", OUT)]


def late_and_arrived(buyer):
    yield from buyer.begin()
    buyer.pay("later")
    yield from buyer.perhaps_return()
    buyer.town.sandbox.control("settle_payment", session=buyer.sessions[-1], succeeds=True)
    return [Ending("paid", READS)]


def late_and_failed(buyer):
    yield from buyer.begin()
    buyer.pay("later")
    yield from buyer.perhaps_return()
    buyer.town.sandbox.control("settle_payment", session=buyer.sessions[-1], succeeds=False)
    return [Ending("payment_failed", OUT)]


def whole_refund(buyer):
    yield from buyer.bought()
    yield from buyer.ask_back(Refund.Origin.SELF_SERVICE)
    return [Ending("refunded", GAVE_BACK, [(WHOLE, "succeeded")])]


def part_by_staff(buyer):
    yield from buyer.bought()
    yield from buyer.ask_back(Refund.Origin.STAFF, PART)
    return [Ending("paid", READS, [(PART, "succeeded")])]


def part_by_staff_then_the_rest(buyer):
    yield from buyer.bought()
    yield from buyer.ask_back(Refund.Origin.STAFF, PART)
    yield from buyer.ask_back(Refund.Origin.SELF_SERVICE)
    return [Ending("refunded", GAVE_BACK, [(PART, "succeeded"), (WHOLE - PART, "succeeded")])]


def part_in_the_dashboard(buyer):
    yield from buyer.begin()
    buyer.pay()
    yield from buyer.perhaps_return()
    buyer.town.sandbox.control("dashboard_refund", charge=buyer.charge(), amount=PART)
    return [Ending("paid", READS, [(PART, "succeeded")])]


def refund_that_fails(buyer):
    yield from buyer.bought()
    yield from buyer.ask_back(Refund.Origin.SELF_SERVICE)
    while not (sent := buyer.refunds_at_stripe("succeeded", "pending")):
        yield
    yield
    buyer.town.sandbox.control("settle_refund", refund=sent[0], succeeds=False)
    return [Ending("paid", READS, [(WHOLE, "failed")])]


def slow_refund(buyer):
    """The bank takes its time: over this refund, or another that is sent before it."""
    yield from buyer.bought()
    buyer.town.sandbox.control("refund_pending", times=1)
    yield from buyer.ask_back(Refund.Origin.SELF_SERVICE)
    return [Ending("refunded", GAVE_BACK, [(WHOLE, "succeeded")])]


def dispute_won(buyer):
    yield from disputed(buyer, "won")
    return [Ending("paid", READS)]


def dispute_lost(buyer):
    yield from disputed(buyer, "lost")
    return [Ending("charged_back", LOST)]


def disputed(buyer, outcome):
    yield from buyer.begin()
    buyer.pay()
    yield from buyer.perhaps_return()
    dispute = buyer.town.sandbox.control("dispute", charge=buyer.charge())
    yield
    buyer.town.sandbox.control("move_dispute", dispute=dispute["id"], status=outcome)


def paid_in_two_tabs(buyer):
    """The first page was taken for closed, and was not: both are paid."""
    yield from buyer.begin()
    buyer.pay()
    with transaction.atomic():
        first = Purchase.objects.select_for_update(of=("self",)).get(
            checkout_session_id=buyer.sessions[0]
        )
        stock.let_go(first)
        first.state = Purchase.State.EXPIRED
        first.version += 1
        first.save()
    try:
        yield from buyer.begin()
    except (selling.AlreadyMember, selling.PaymentUnderWay):
        return [Ending("paid", READS)]  # the site had heard of it by then
    buyer.pay()
    yield from buyer.perhaps_return()
    return [Ending("paid", READS), Ending("refunded", OUT, [(WHOLE, "succeeded")])]


def closed_account(buyer):
    """Closed with a page open at Stripe, or with the money on its way: then it goes back."""
    yield from buyer.begin()
    is_paid = buyer.town.chance.random() < 0.5
    if is_paid:
        buyer.pay("later")
        yield from buyer.perhaps_return()
    yield from buyer.close()
    if not is_paid:
        return [Ending("expired", OUT)]
    yield
    buyer.town.sandbox.control("settle_payment", session=buyer.sessions[-1], succeeds=True)
    return [Ending("refunded", OUT, [(WHOLE, "succeeded")])]


def closed_with_a_refund_on_its_way(buyer):
    """Asked for the money, and left without waiting for it."""
    yield from buyer.bought()
    yield from buyer.ask_back(Refund.Origin.SELF_SERVICE)
    yield from buyer.close()
    return [Ending("refunded", LEFT, [(WHOLE, "succeeded")])]


SCENARIOS = [
    card,
    declined_then_card,
    abandoned,
    late_and_arrived,
    late_and_failed,
    whole_refund,
    part_by_staff,
    part_by_staff_then_the_rest,
    part_in_the_dashboard,
    refund_that_fails,
    slow_refund,
    dispute_won,
    dispute_lost,
    paid_in_two_tabs,
    closed_account,
    closed_with_a_refund_on_its_way,
]
# Whose first page was given up has lost its place, and may find another gone.
NEEDS_PLACES = [paid_in_two_tabs]
