"""Several at one sale at the same moment, on real locks, with a real process for Stripe."""

import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from memberships.gateway.client import Patience
from memberships.models import Membership, Purchase, Refund, StripeEvent
from memberships.payments import entries, settling, snapshot
from memberships.payments.requesting import request_refund
from memberships.payments.settling import StillMoving, settle
from portal.post.models import Mail
from tests.concurrency import at_once
from tests.memberships.factories import PlanStockFactory, UserFactory
from tests.memberships.payments.buying import (
    access,
    at_checkout,
    bought,
    pay,
    put_in,
    settled,
    status,
    take_up,
    told,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def in_thread(work):
    """Let the work run beside the test; join the thread for its end, then look at `.came_of_it`."""

    def run():
        try:
            thread.came_of_it = work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            thread.came_of_it = error
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


class Slow:
    """Lets one thread fetch and then wait, with what it knows, until it is told to go on."""

    def __init__(self, monkeypatch):
        self.has_fetched, self.may_go_on = threading.Event(), threading.Event()
        self.fetches = 0
        self.slow_thread = None
        fetch = snapshot.of

        def slowly(purchase, *, patience):
            facts = fetch(purchase, patience=patience)
            if threading.current_thread() is self.slow_thread:
                self.fetches += 1
                if not self.has_fetched.is_set():
                    self.has_fetched.set()
                    assert self.may_go_on.wait(10)
            return facts

        monkeypatch.setattr(snapshot, "of", slowly)

    def begin(self, purchase):
        def work():
            self.slow_thread = threading.current_thread()
            return settle(purchase.pk, now=timezone.now(), patience=Patience.WEB)

        thread = in_thread(work)
        assert self.has_fetched.wait(10)
        return thread


def test_stale_snapshot_never_overwrites_a_newer_one(sandbox, monkeypatch):
    """One fetches "paid" and falls asleep; the money goes back, another writes "refunded".

    What the first one knows is old when it wakes: it has to fetch again.
    """
    purchase = bought(sandbox)
    slow = Slow(monkeypatch)
    thread = slow.begin(purchase)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    assert settled(purchase).state == "refunded"
    slow.may_go_on.set()
    thread.join(10)
    assert thread.came_of_it.purchase.state == "refunded"
    assert slow.fetches == 2
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))
    assert not access(purchase)


def test_stale_snapshot_never_undoes_access(sandbox, monkeypatch):
    """The same at the beginning: "open" was fetched, then the money came."""
    purchase = at_checkout()
    slow = Slow(monkeypatch)
    thread = slow.begin(purchase)
    pay(sandbox, purchase)
    assert settled(purchase).state == "paid"
    slow.may_go_on.set()
    thread.join(10)
    purchase.refresh_from_db()
    assert (purchase.state, access(purchase)) == ("paid", True)


@pytest.mark.parametrize("amount", [None, 500])
def test_stale_snapshot_never_forgets_a_refund_that_was_asked_for_meanwhile(
    sandbox, monkeypatch, amount
):
    """Fetched before the button was pressed, written after: the pause, and the row, stay."""
    purchase = bought(sandbox)
    slow = Slow(monkeypatch)
    thread = slow.begin(purchase)
    asked = request_refund(
        purchase_id=purchase.pk,
        origin=Refund.Origin.STAFF if amount else Refund.Origin.SELF_SERVICE,
        by=purchase.user,
        now=timezone.now(),
        amount=amount,
        reason="By phone" if amount else "",
    )
    slow.may_go_on.set()
    thread.join(10)
    assert slow.fetches == 2  # the row had moved
    purchase.refresh_from_db()
    expected = ("paid", ("active", None)) if amount else ("refund_pending", ("suspended", None))
    assert (purchase.state, status(purchase)) == expected
    assert purchase.refunds.get() == asked
    assert thread.came_of_it.purchase.state == purchase.state
    take_up()
    assert settled(purchase).amount_refunded == asked.amount


def test_no_lock_is_held_while_stripe_is_asked(sandbox, monkeypatch):
    purchase = bought(sandbox)
    slow = Slow(monkeypatch)
    thread = slow.begin(purchase)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%%'"
        )
        assert cursor.fetchone() == (0,)
    with transaction.atomic():
        Purchase.objects.select_for_update(nowait=True).get(pk=purchase.pk)
    slow.may_go_on.set()
    thread.join(10)


def test_row_8_whoever_writes_holds_the_purchase(sandbox, monkeypatch):
    """Between the look at the version and the commit nobody else can get between."""
    purchase = bought(sandbox)
    is_writing, may_go_on = threading.Event(), threading.Event()
    enter = entries.enter_refunds

    def slowly(*args, **kwargs):
        is_writing.set()
        assert may_go_on.wait(10)
        return enter(*args, **kwargs)

    monkeypatch.setattr(entries, "enter_refunds", slowly)
    thread = in_thread(lambda: settled(purchase))
    assert is_writing.wait(10)
    with pytest.raises(OperationalError, match="could not obtain lock"), transaction.atomic():
        Purchase.objects.select_for_update(nowait=True).get(pk=purchase.pk)
    may_go_on.set()
    thread.join(10)
    assert thread.came_of_it.version == 2


def test_who_is_never_first_gives_up_and_changes_nothing(sandbox, monkeypatch):
    purchase = bought(sandbox)
    fetch = snapshot.of

    def overtaken(row, *, patience):
        facts = fetch(row, patience=patience)
        Purchase.objects.filter(pk=row.pk).update(version=row.version + 1)
        return facts

    monkeypatch.setattr(snapshot, "of", overtaken)
    with pytest.raises(StillMoving):
        settled(purchase)
    purchase.refresh_from_db()
    assert purchase.version == 1 + settling.ROUNDS_MAX


def test_rows_6_and_8_eight_settle_one_sale_and_it_is_done_once(sandbox):
    purchase = at_checkout(plan=PlanStockFactory().plan)
    pay(sandbox, purchase)
    outcomes = at_once(*[lambda: settled(purchase)] * 6)
    assert all(isinstance(one, Purchase | StillMoving) for one in outcomes), outcomes
    purchase.refresh_from_db()
    assert (purchase.state, purchase.plan.stock.sold, purchase.plan.stock.held) == ("paid", 1, 0)
    assert Membership.objects.count() == Mail.objects.count() == 1


def test_row_8_events_of_one_sale_at_four_workers(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    intent = told(purchase)[0].payment_intent_id
    sandbox.control("dashboard_refund", payment_intent=intent, amount=300)
    for event in told(purchase):
        put_in(event)
    at_once(*[take_up] * 4)
    StripeEvent.objects.filter(state="received").update(next_try_at=timezone.now())
    take_up()
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {"processed"}
    purchase.refresh_from_db()
    assert (purchase.state, purchase.amount_refunded) == ("paid", 300)
    assert purchase.refunds.count() == 1


def test_row_2_two_paid_tabs_at_once_make_one_member_and_one_refund(sandbox):
    user, plan = UserFactory(), PlanStockFactory().plan
    tabs = []
    for _tab in range(2):
        Purchase.objects.update(user=None)  # the other tab is not in the way of the index
        tabs.append(at_checkout(user=user, plan=plan))
        pay(sandbox, tabs[-1])
    Purchase.objects.update(state="processing", place="held")
    first, second = tabs
    Purchase.objects.filter(pk=first.pk).update(state="expired", place="none", user=user)
    outcomes = at_once(lambda: settled(first), lambda: settled(second))
    assert all(isinstance(one, Purchase) for one in outcomes), outcomes
    assert sorted(str(one.state) for one in Purchase.objects.all()) == ["paid", "refund_pending"]
    assert Membership.objects.get().user == user
    assert Purchase.objects.paid_without_membership().count() == 0
