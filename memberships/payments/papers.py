"""Papers: the numbers of receipts and credit notes, drawn in the transaction that settles a sale.

Once drawn, a number stays with its row, whatever becomes of the money: a credit note whose refund
fails afterwards is void, and no other gets its number.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from memberships.purchases import numbers
from memberships.purchases.models import NumberSeries, Purchase
from memberships.purchases.models.purchase import BOUGHT
from memberships.refunds.models import Refund


def number(purchase: Purchase, ended: Iterable[Refund], *, now: datetime) -> None:
    """Draw what is owed: a receipt for money that came, a credit note for each refund that arrived.

    `ended` are the refunds that were settled just now; a row without a number from before gets one
    as well. Money that came with a doubt and went back was no sale, and has no papers. The caller
    holds the purchase, has nothing else left to lock, and saves it afterwards.
    """
    if purchase.receipt_number is None:
        if purchase.state not in BOUGHT:
            return
        purchase.legal_entity = settings.SELLER["entity"]
        purchase.seller = {name: said for name, said in settings.SELLER.items() if name != "entity"}
        purchase.receipt_number = numbers.draw(
            legal_entity=purchase.legal_entity, kind=NumberSeries.Kind.RECEIPT
        )
    arrived = {one.pk: one for one in ended if one.state == Refund.State.SUCCEEDED}
    owed = purchase.refunds.succeeded().filter(credit_note_number__isnull=True)
    for row in owed.order_by("settled_at", "pk"):
        refund = arrived.get(row.pk, row)
        refund.legal_entity = purchase.legal_entity  # who sold gives back
        refund.credit_note_number = numbers.draw(
            legal_entity=refund.legal_entity, kind=NumberSeries.Kind.CREDIT_NOTE
        )
        refund.credited_at = refund.settled_at or now  # kept: a failure moves the other
        refund.save(update_fields=["legal_entity", "credit_note_number", "credited_at"])
