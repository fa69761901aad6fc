"""Oracle: is what we say what Stripe's books say, and what each buyer was to come to?

It knows nothing of how the site decides: it reads Stripe's own objects, our rows, and the scenario.
"""

from collections import Counter

from django.core import mail
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from memberships.models import Membership, Purchase, Refund, StripeEvent
from portal.post.models import Mail

from .buyers import READS

PAID_WITHOUT_MEMBERSHIP = """
    SELECT p.id FROM memberships_purchase p
    WHERE p.state = 'paid'
      AND NOT EXISTS (SELECT 1 FROM memberships_membership m
                      WHERE m.purchase_id = p.id AND m.status = 'active')
"""
MEMBERSHIP_WITHOUT_PAYMENT_OR_GRANT = """
    SELECT m.id FROM memberships_membership m
    LEFT JOIN memberships_purchase p ON p.id = m.purchase_id
    WHERE m.status <> 'ended'
      AND m.source <> 'grant'
      AND (p.id IS NULL OR p.state NOT IN ('paid', 'refund_pending', 'disputed')
           OR p.amount_refunded >= p.amount_total)
"""


def verdicts(town):
    """A sentence on each thing that is wrong."""
    for buyer, wish in town.buyers.items():
        for sentence in _of_buyer(town.books, buyer):
            yield f"{wish.__name__} (buyer {buyer.number}): {sentence}"
    yield from _of_all(town)


def _of_buyer(books, buyer):
    if buyer.endings is None:
        return
    of_this_buyer = Q(checkout_session_id__in=buyer.sessions)
    if not buyer.user_is_gone:
        of_this_buyer |= Q(user=buyer.user)
    rows = {
        one.checkout_session_id or one.pk: one for one in Purchase.objects.filter(of_this_buyer)
    }
    came_to = []
    for session_id in buyer.sessions:
        purchase = rows.pop(session_id, None)
        if purchase is None:
            yield f"no purchase has the session {session_id}"
            continue
        came_to.append(_ending_of(books, purchase))
        yield from _against_the_books(books, purchase)
    for purchase in rows.values():
        if purchase.state not in {"expired", "payment_failed"}:
            yield f"one more purchase, {purchase.state}, of which the buyer knows nothing"
    missed = [one for one in buyer.endings if not _met(one, came_to)]
    if missed or len(came_to) != len(buyer.endings):
        yield f"came to {came_to}, and not to {missed}"
    wants_to_read = any(one.memberships == READS for one in buyer.endings)
    running = Membership.objects.running(at=timezone.now())
    if not buyer.user_is_gone and running.filter(user=buyer.user).exists() is not wants_to_read:
        yield f"reads: {not wants_to_read}"


def _met(ending, came_to):
    return any(
        (state, sorted(ending.refunds)) == (ending.state, refunds)
        and membership in ending.memberships
        for state, membership, refunds in came_to
    )


def _ending_of(books, purchase):
    held = list(purchase.memberships.values_list("status", "end_reason"))
    refunds = books.refunds_of(purchase.checkout_session_id)
    return (
        purchase.state,
        held[0] if len(held) == 1 else (held or None),
        sorted((one["amount"], one["status"]) for one in refunds),
    )


def _against_the_books(books, purchase):
    """Our row and Stripe's objects must tell one story."""
    charge = books.charge_of(purchase.checkout_session_id)
    refunds = books.refunds_of(purchase.checkout_session_id)
    returned = sum(one["amount"] for one in refunds if one["status"] == "succeeded")
    if purchase.amount_refunded != returned:
        yield f"{purchase.amount_refunded} refunded by our row, {returned} by Stripe's books"
    ours = Counter(
        purchase.refunds.exclude(stripe_refund_id=None).values_list(
            "stripe_refund_id", "amount", "state"
        )
    )
    theirs = Counter((one["id"], one["amount"], one["status"]) for one in refunds)
    if ours != theirs:
        yield f"refunds are {sorted(ours)}, in Stripe's books {sorted(theirs)}"
    came = charge["amount"] if charge and charge["status"] == "succeeded" else 0
    disputes = [one for one in books.all("disputes") if came and one["charge"] == charge["id"]]
    taken = came if any(one["status"] == "lost" for one in disputes) else 0
    is_kept = came - returned - taken > 0
    is_member = purchase.memberships.filter(status="active").exists()
    if is_kept is not is_member:
        yield f"money is kept: {is_kept}; member: {is_member}"
    has_trouble = taken or any(one["status"] == "failed" for one in refunds)
    if purchase.attention and not has_trouble:
        yield f"staff are called for nothing: {purchase.attention}"
    if came and charge["id"] != purchase.charge_id:
        yield f"its charge is {purchase.charge_id}, in Stripe's books {charge['id']}"


def _of_all(town):
    with connection.cursor() as cursor:
        for query in (PAID_WITHOUT_MEMBERSHIP, MEMBERSHIP_WITHOUT_PAYMENT_OR_GRANT):
            cursor.execute(query)
            for row in cursor.fetchall():
                yield f"{row[0]} is in the answer to: {' '.join(query.split())}"
    for event in StripeEvent.objects.exclude(state__in=["processed", "ignored"]):
        yield f"the event {event.pk} is {event.state}: {event.error}"
    for entry in town.log:
        if entry["event"] == "stripe_event_failed":
            yield f"nobody expected what happened to {entry['stripe_event']}"
    if town.weather.held_open:
        yield f"{town.weather.held_open} calls to Stripe from within a transaction"
    if town.weather.unwritten:
        yield f"{town.weather.unwritten} rows written after Stripe was called"
    stock = town.plan.stock
    stock.refresh_from_db()
    sold = Purchase.objects.filter(place="sold").count()
    if (stock.held, stock.sold) != (0, sold):
        yield f"{stock.held} places held and {stock.sold} sold, of {sold}"
    yield from _of_papers()
    yield from _of_mails(town.office)


def _of_papers():
    """A receipt for each sale and a credit note for each refund that arrived, without a gap."""
    ever_paid = ["paid", "refund_pending", "refunded", "disputed", "charged_back"]
    bought = Purchase.objects.filter(state__in=ever_paid)
    receipts = bought.values_list("receipt_number", flat=True)
    notes = Refund.objects.filter(credit_note_number__isnull=False)
    for name, drawn in (
        ("receipts", list(receipts)),
        ("credit notes", list(notes.values_list("credit_note_number", flat=True))),
    ):
        if sorted(drawn, key=str) != sorted(range(1, len(drawn) + 1), key=str):
            yield f"the numbers of {name} are {sorted(drawn, key=str)}"
    if Refund.objects.filter(state="succeeded", credit_note_number=None).exists():
        yield "a refund that arrived has no credit note"
    if Purchase.objects.exclude(state__in=ever_paid).filter(receipt_number__isnull=False).exists():
        yield "a receipt says that something was sold which was not"


def _of_mails(office):
    """Every one that is due; each once, but for the one in flight where a worker died."""
    sent = Counter(one.extra_headers["Message-ID"] for one in mail.outbox)
    repeated = sum(sent.values()) - len(sent)
    if repeated > office.died_at_the_post:
        yield f"{repeated} mails sent again, and {office.died_at_the_post} workers died"
    if left := Mail.objects.exclude(state="sent").count():
        yield f"{left} mails not sent"
    told = set(Mail.objects.values_list("key", flat=True))
    for pk in Purchase.objects.filter(memberships__status="active").values_list("pk", flat=True):
        if f"purchase-{pk}-active" not in told:
            yield f"nobody was told that {pk} is active"
    ended = Refund.objects.filter(state__in=["succeeded", "failed"], purchase__user__isnull=False)
    for pk, state in ended.values_list("pk", "state"):
        if f"refund-{pk}-{state}" not in told:
            yield f"nobody was told that the refund {pk} has {state}"
