"""Mutants: mistakes about money that others have made, and the tests that must see each.

A mutant is a few texts of ours, each replaced by the mistake. The texts are found word for word, so
whoever edits the code there has to plant the mistake anew (test_mutants.py says so).
"""

from dataclasses import dataclass

PAYMENTS = "memberships/payments/"
TESTS = "tests/memberships/"


@dataclass(frozen=True)
class Change:
    """One place in one file."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One mistake. `tests` are pytest's names of files and tests: one of them must fail."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


MUTANTS = [
    Mutant(
        "an event is taken in each time it comes",
        (
            Change(
                PAYMENTS + "inbox.py",
                "_row, new = StripeEvent.objects.get_or_create(",
                "_row, new = StripeEvent.objects.update_or_create(",
            ),
        ),
        (
            TESTS + "payments/test_taking_up.py::test_row_6_event_that_comes_again_has_one_effect",
            TESTS + "payments/test_inbox.py::test_row_6_event_is_kept_once_whoever_brings_it",
        ),
    ),
    Mutant(
        "nobody locks the purchase",
        (
            Change(
                PAYMENTS + "settling.py",
                'Purchase.objects.select_for_update(of=("self",)).select_related("plan")'
                ".get(pk=seen.pk)",
                'Purchase.objects.select_related("plan").get(pk=seen.pk)',
            ),
        ),
        (TESTS + "payments/test_settling_races.py",),
    ),
    Mutant(
        "nobody looks whether the row moved since it was read",
        (
            Change(
                PAYMENTS + "settling.py",
                "    if purchase.version != seen.version:\n        return None\n",
                "",
            ),
        ),
        (TESTS + "payments/test_settling_races.py",),
    ),
    Mutant(
        "each try to refund has a key of its own",
        (
            Change(
                PAYMENTS + "sending.py",
                "idempotency_key=refund.idempotency_key,\n                patience",
                'idempotency_key=f"{refund.idempotency_key}-{refund.tries}",\n'
                "                patience",
            ),
        ),
        (
            TESTS + "payments/test_sending.py::test_row_14_lost_answer_is_asked_for_again",
            TESTS + "payments/test_sending.py::"
            "test_rows_14_and_18_trouble_on_the_way_is_unknown_and_the_same_key_goes_on",
            TESTS + "payments/test_sending.py::"
            "test_rows_15_and_42_killed_between_the_call_and_the_commit",
        ),
    ),
    Mutant(
        "what Stripe did not answer has failed",
        (
            Change(
                PAYMENTS + "sending.py",
                "        _try_again(refund, payment, unknown, now=now)\n        return\n",
                '        _end(refund, State.FAILED, reason="timeout", error="x", now=now)\n'
                "        return\n",
            ),
        ),
        (
            TESTS + "payments/test_sending.py::test_row_14_lost_answer_is_asked_for_again",
            TESTS + "payments/test_sending.py::"
            "test_rows_14_and_18_trouble_on_the_way_is_unknown_and_the_same_key_goes_on",
            TESTS + "payments/test_sending.py::"
            "test_rows_15_and_42_killed_between_the_call_and_the_commit",
        ),
    ),
    Mutant(
        "any refund counts as the whole",
        (
            Change(
                PAYMENTS + "reduction.py",
                "    if returned >= total:\n        return State.REFUNDED\n",
                "    if returned:\n        return State.REFUNDED\n",
            ),
        ),
        (
            TESTS + "payments/test_reduction.py",
            TESTS + "payments/test_settling.py::"
            "test_row_24_partial_refund_in_the_dashboard_is_entered_and_nothing_else",
        ),
    ),
    Mutant(
        "refunds that failed are counted as money back",
        (
            Change(
                PAYMENTS + "reduction.py",
                "for one in outcomes if one.state == Refund.State.SUCCEEDED)",
                "for one in outcomes"
                " if one.state in {Refund.State.SUCCEEDED, Refund.State.FAILED})",
            ),
        ),
        (
            TESTS + "payments/test_reduction.py",
            TESTS + "payments/test_settling.py::"
            "test_row_20_refund_that_fails_afterwards_gives_back_the_same_membership",
        ),
    ),
    Mutant(
        "a page that is complete counts as paid",
        (
            Change(
                "memberships/gateway/reading.py",
                'paid_at=created if charge.status == "succeeded" and charge.paid else None',
                "paid_at=created",
            ),
            Change(
                PAYMENTS + "reduction.py",
                'if intent is None or intent.status != "succeeded" or intent.charge is None:',
                "if intent is None or intent.charge is None:",
            ),
            Change(
                PAYMENTS + "reduction.py",
                'return charge if charge.status == "succeeded" and charge.paid_at is not None'
                " else None",
                'return charge if charge.status != "failed" else None',
            ),
        ),
        (
            TESTS + "payments/test_reduction.py",
            TESTS + "payments/test_settling.py::"
            "test_row_47_late_payment_gives_access_only_when_it_arrives",
        ),
    ),
    Mutant(
        "nobody reconciles",
        (
            Change(
                PAYMENTS + "reconciliation.py",
                "    told = events.events_since(since, patience=WORKER)\n",
                "    told: list[EventFacts] = []\n",
            ),
            Change(
                PAYMENTS + "reconciliation.py",
                "    differing = {*openings.sweep(), *_sold(since), *_returned(since),"
                " *_in_between()}\n",
                "    differing: set[uuid.UUID] = set()\n",
            ),
            Change(
                PAYMENTS + "reconciliation.py",
                "from memberships.gateway.facts import ",
                "from memberships.gateway.facts import EventFacts, ",
            ),
        ),
        (TESTS + "payments/test_reconciliation.py",),
    ),
    Mutant(
        "the last instant of the guarantee is out, when the button is pressed",
        (
            Change(
                PAYMENTS + "requesting.py",
                "    if until is None or asked_at > until:\n",
                "    if until is None or asked_at >= until:\n",
            ),
        ),
        (TESTS + "payments/test_requesting.py",),
    ),
    Mutant(
        "the last instant of the guarantee is out, when the button is shown",
        (
            Change(
                "memberships/purchases/models/purchase.py",
                "self.filter(refundable_until__gte=Now() if at is None else at)",
                "self.filter(refundable_until__gt=Now() if at is None else at)",
            ),
        ),
        (TESTS + "purchases/test_guarantee.py",),
    ),
    Mutant(
        "who comes back from Stripe's page has paid",
        (
            Change(
                "memberships/member/views/buying.py",
                "    outcome = outcome or _outcome(purchase)\n",
                "    Membership.objects.get_or_create(\n"
                "        user=request.user,\n"
                "        purchase=purchase,\n"
                '        defaults={"source": "purchase", "started_at": timezone.now()},\n'
                "    )\n"
                "    outcome = outcome or _outcome(purchase)\n",
            ),
        ),
        (TESTS + "member/test_buying.py",),
    ),
    Mutant(
        "anybody may come back to anybody's purchase",
        (
            Change(
                "memberships/member/views/buying.py",
                "    own = Purchase.objects.owned_by(request.user)\n",
                "    own = Purchase.objects.all()\n",
            ),
        ),
        (TESTS + "member/test_buying.py",),
    ),
    Mutant(
        "a refund gets its row after Stripe was called",
        (
            Change(
                PAYMENTS + "requesting.py",
                "        refund_id = uuid.uuid4()\n        refund = Refund.objects.create(",
                "        from memberships.gateway import client, money\n\n"
                "        refund_id = uuid.uuid4()\n"
                "        money.refund(\n"
                '            payment_intent_id=purchase.payment_intent_id or "",\n'
                "            amount=amount or left,\n"
                '            reason="requested_by_customer",\n'
                '            metadata={"refund_id": str(refund_id)},\n'
                '            idempotency_key=f"refund-{refund_id}",\n'
                "            patience=client.Patience.WEB,\n"
                "        )\n"
                "        refund = Refund.objects.create(",
            ),
        ),
        (TESTS + "payments/test_sending.py::test_row_15_refund_has_its_row_before_stripe_is_told",),
    ),
]


def planted(mutant, read):
    """What each file of a mutant says then, by its path; `read` gives the text of a path.

    Raises LookupError where a text is not there, or not once.
    """
    texts = {}
    for change in mutant.changes:
        text = texts.get(change.path) or read(change.path)
        if text.count(change.old) != 1:
            times = text.count(change.old)
            raise LookupError(
                f"{change.path} has this {times} times, plant “{mutant.name}” anew:\n{change.old}"
            )
        texts[change.path] = text.replace(change.old, change.new)
    return texts
