"""The inbox: each event once, each claimed by one worker. Numbers are rows of the matrix."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from memberships.gateway.facts import EventFacts
from memberships.models import StripeEvent
from memberships.payments import inbox
from tests.concurrency import at_once
from tests.memberships.factories import PaidPurchaseFactory, StripeEventFactory

NOW = timezone.now()
HANDLED = {"charge.refunded"}
WEBHOOK = StripeEvent.Source.WEBHOOK


def told(**facts):
    event = {
        "id": "evt_1",
        "type": "charge.refunded",
        "created": datetime(2026, 11, 23, tzinfo=UTC),
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "object_id": "ch_1",
        "object_kind": "charge",
        "metadata": {},
        "payment_intent_id": "pi_1",
        "charge_id": "ch_1",
        "payload": {"id": "evt_1", "object": "event"},
    }
    return EventFacts(**{**event, **facts})


def keep(event, source=WEBHOOK):
    return inbox.keep(event, source=source, livemode=False, handled=HANDLED)


def lease_ran_out():
    StripeEvent.objects.update(leased_until=NOW - timedelta(hours=1))


@pytest.mark.django_db
def test_row_6_event_is_kept_once_whoever_brings_it():
    assert keep(told())
    assert not keep(told())
    assert not keep(told(), source=StripeEvent.Source.RECONCILE)
    event = StripeEvent.objects.get()
    assert (event.state, event.source, event.object_id) == ("received", "webhook", "ch_1")
    assert event.payload == {"id": "evt_1", "object": "event"}
    assert len(event.sha256) == 64


@pytest.mark.django_db(transaction=True)
def test_row_6_one_event_forty_times_at_once_is_one_row():
    outcomes = at_once(*[lambda: keep(told())] * 40)
    assert sorted(outcomes) == [False] * 39 + [True]
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize("facts", [{"livemode": True}, {"type": "customer.deleted"}])
@pytest.mark.django_db
def test_row_35_event_of_the_other_mode_or_kind_is_kept_and_ignored(facts):
    assert keep(told(**facts))
    assert StripeEvent.objects.get().state == "ignored"
    assert inbox.claim() is None


@pytest.mark.parametrize(
    ("version", "drifts"), [("2026-10-28.endive", False), ("2019-03-14", True)]
)
@pytest.mark.django_db
def test_row_52_event_in_another_version_of_the_api_is_noticed(version, drifts):
    keep(told(api_version=version))
    event = StripeEvent.objects.get()
    assert inbox.speaks_another_version(event, ours="2026-10-28.endive") is drifts


@pytest.mark.django_db
def test_oldest_event_is_taken_first_and_only_when_due():
    StripeEventFactory(next_try_at=NOW + timedelta(days=1), created_at=NOW - timedelta(days=2))
    second = StripeEventFactory()
    first = StripeEventFactory(created_at=NOW - timedelta(days=1))
    assert [inbox.claim(), inbox.claim(), inbox.claim()] == [first, second, None]


@pytest.mark.django_db
def test_row_42_event_of_a_dead_worker_is_taken_again():
    StripeEventFactory()
    lost = inbox.claim()
    assert inbox.claim() is None
    lease_ran_out()
    taken = inbox.claim()
    assert (taken.pk, taken.tries) == (lost.pk, 2)
    assert not inbox.done(lost, purchase=None)  # it wakes up: the row is no longer its own
    assert StripeEvent.objects.get().state == "processing"
    assert inbox.done(taken, purchase=PaidPurchaseFactory())
    done = StripeEvent.objects.get()
    assert done.state == "processed"
    assert done.purchase is not None
    assert done.processed_at is not None


@pytest.mark.django_db(transaction=True)
def test_rows_6_and_42_eight_workers_claim_each_event_once():
    for _ in range(201):
        StripeEventFactory()
    claimed = []

    def work():
        while event := inbox.claim():
            claimed.append(event.pk)
            assert inbox.done(event, purchase=None)

    assert at_once(*[work] * 8) == [None] * 8
    assert len(claimed) == len(set(claimed)) == 201


@pytest.mark.django_db(transaction=True)
def test_event_that_another_worker_is_taking_is_passed_over(in_thread):
    first = StripeEventFactory(created_at=NOW - timedelta(days=1))
    second = StripeEventFactory()
    with transaction.atomic():
        StripeEvent.objects.select_for_update().get(pk=first.pk)
        assert in_thread(inbox.claim) == second


@pytest.mark.django_db
def test_row_43_poison_is_tried_with_longer_pauses_and_then_is_dead():
    StripeEventFactory()
    pauses = []
    while event := inbox.claim():
        assert inbox.fail(event, error="KeyError")
        if event.state == "dead":
            break
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement_timestamp()")
            pauses.append(round((event.next_try_at - cursor.fetchone()[0]).total_seconds()))
        StripeEvent.objects.update(next_try_at=NOW - timedelta(hours=1))
    assert pauses == [15, 30, 60, 120, 240, 480, 960, 1920, 3600]
    event = StripeEvent.objects.waiting_for_staff().get()
    assert (event.tries, event.error, event.leased_until) == (10, "KeyError", None)


@pytest.mark.django_db
def test_row_43_staff_can_have_it_looked_at_again():
    event = StripeEventFactory(state="dead", error="KeyError", tries=10)
    assert inbox.requeue(event)
    assert inbox.claim() == event
    assert not inbox.requeue(event)  # somebody is at it


@pytest.mark.django_db
def test_row_10_parked_event_says_why_and_is_looked_at_again_later():
    StripeEventFactory()
    event = inbox.claim()
    inbox.park(event, why="No purchase of this id.")
    assert (event.state, event.error) == ("parked", "No purchase of this id.")
    assert inbox.claim() is None
    StripeEvent.objects.update(next_try_at=NOW - timedelta(hours=1))
    assert inbox.claim() == event


@pytest.mark.django_db
def test_row_9_what_is_none_of_ours_is_ignored_for_good():
    StripeEventFactory()
    event = inbox.claim()
    assert inbox.ignore(event)
    assert event.state == "ignored"
    assert inbox.claim() is None
    assert not inbox.requeue(event)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("stripe_event_id_is_one", {"event_id": "ch_1"}),
        ("stripe_event_state_is_known", {"state": "lost"}),
        ("stripe_event_source_is_known", {"source": "pigeon"}),
        ("stripe_event_has_lease_in_work", {"state": "processing"}),
        ("stripe_event_has_lease_in_work", {"leased_until": NOW}),
        ("stripe_event_has_end_time_when_done", {"state": "processed"}),
        ("stripe_event_has_end_time_when_done", {"processed_at": NOW}),
        ("stripe_event_in_trouble_says_why", {"state": "parked"}),
        ("stripe_event_in_trouble_says_why", {"state": "dead"}),
        ("memberships_stripeevent_pkey", {"event_id": "evt_taken"}),
    ],
)
@pytest.mark.django_db
def test_rows_that_say_nonsense_are_refused(name, fields):
    StripeEventFactory(event_id="evt_taken")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        StripeEvent.objects.bulk_create([StripeEventFactory.build(**fields)])
    assert StripeEvent.objects.count() == 1


def test_every_constraint_is_broken_here_once():
    text = Path(__file__).read_text()
    names = {one.name for one in StripeEvent._meta.constraints}
    assert {name for name in names if f'"{name}"' not in text} == set()
