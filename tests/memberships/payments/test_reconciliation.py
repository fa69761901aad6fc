"""What was lost on the way is found again. Numbers in names are rows of the matrix."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from memberships.gateway.refusals import NotLetIn
from memberships.models import Purchase, StripeEvent
from memberships.payments import reconciliation, tasks
from portal.celery import app
from tests.memberships.payments.buying import (
    access,
    at_checkout,
    bought,
    pay,
    refund_of,
    status,
    take_up,
)

pytestmark = pytest.mark.django_db


def reconcile():
    now = timezone.now()
    return reconciliation.reconcile(since=now - timedelta(days=2), now=now)


def test_row_5_without_webhook_and_return_the_buyer_reads_all_the_same(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase)
    found = reconcile()
    assert (found.new_events, found.settled, found.troubled) == (1, 1, ())
    assert access(purchase)
    take_up()
    kept = StripeEvent.objects.get()
    assert (kept.source, kept.state) == ("reconcile", "processed")


def test_reconciling_again_finds_nothing(sandbox):
    bought(sandbox)
    reconcile()
    found = reconcile()
    assert (found.new_events, found.settled) == (0, 0)


def test_lost_dispute_and_dashboard_refund_are_found(sandbox):
    disputed, refunded = bought(sandbox), bought(sandbox)
    sandbox.control("dispute", charge=disputed.charge_id)
    sandbox.control("dashboard_refund", payment_intent=refunded.payment_intent_id)
    assert reconcile().settled == 2
    assert status(disputed) == ("suspended", None)
    assert status(refunded) == ("ended", "refunded")


def test_row_46_checkout_that_stripe_closed_is_closed_here(sandbox):
    purchase = at_checkout()
    Purchase.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    sandbox.control("clock", shift_s=3600)
    reconcile()
    purchase.refresh_from_db()
    assert purchase.state == "expired"


def test_purchase_that_cannot_be_settled_is_named_and_stops_no_other(sandbox):
    lost, found = at_checkout(), at_checkout()
    Purchase.objects.filter(pk=lost.pk).update(
        checkout_session_id="cs_test_gone", expires_at=timezone.now() - timedelta(minutes=1)
    )
    pay(sandbox, found)
    assert reconcile().troubled == (lost.pk,)
    assert access(found)


def test_key_that_stripe_does_not_take_ends_the_round(sandbox, settings, monkeypatch):
    purchase = at_checkout()
    pay(sandbox, purchase)

    def withdrawn(*_given, **_more):
        raise NotLetIn("The key was withdrawn in the middle.")

    monkeypatch.setattr(reconciliation, "settle", withdrawn)
    with pytest.raises(NotLetIn):
        reconcile()


def test_command_says_what_it_did(sandbox, capsys):
    purchase = at_checkout()
    pay(sandbox, purchase)
    call_command("reconcile_payments", "--days", "2")
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "1 events were new, 1 purchases were settled."
    assert access(purchase)


def test_command_sends_what_waits(sandbox):
    purchase = bought(sandbox)
    refund_of(purchase)
    call_command("reconcile_payments")
    assert status(purchase) == ("ended", "refunded")


def test_command_fails_where_stripe_is_silent_and_where_a_purchase_is_in_trouble(sandbox):
    sandbox.control("fault", kind="503", call="GET", times=9)
    with pytest.raises(CommandError, match="could not be asked"):
        call_command("reconcile_payments")
    sandbox.control("faults_end")
    purchase = at_checkout()
    Purchase.objects.update(
        checkout_session_id="cs_test_gone", expires_at=timezone.now() - timedelta(minutes=1)
    )
    with pytest.raises(CommandError, match=str(purchase.pk)):
        call_command("reconcile_payments")


@pytest.mark.parametrize("task", [tasks.reconcile, tasks.reconcile_all])
def test_tasks_reconcile_and_take_up(sandbox, task):
    purchase = at_checkout()
    pay(sandbox, purchase)
    refund_of(bought(sandbox))
    task()
    assert access(purchase)
    assert Purchase.objects.filter(state="refunded").count() == 1
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {"processed"}


def test_beat_names_tasks_that_are_there():
    planned = {entry["task"] for entry in app.conf.beat_schedule.values()}
    ours = {task.name for task in (tasks.take_up, tasks.reconcile, tasks.reconcile_all)}
    assert ours <= planned
