"""Numbers of receipts and credit notes: one after the other, without a gap."""

from django.db import connection, transaction

from .models import NumberSeries

PREFIXES = {NumberSeries.Kind.RECEIPT: "R", NumberSeries.Kind.CREDIT_NOTE: "C"}


def draw(*, legal_entity: str, kind: NumberSeries.Kind) -> int:
    """The next number of a series, beginning with 1.

    Draw last in a transaction: the series is held until the commit, and a rollback gives the number
    back, which is why there is no gap. Raises TransactionManagementError outside of one.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A number is drawn where it is stored.")
    NumberSeries.objects.bulk_create(  # the first of its kind, once
        [NumberSeries(legal_entity=legal_entity, kind=kind)], ignore_conflicts=True
    )
    series = NumberSeries.objects.select_for_update().get(legal_entity=legal_entity, kind=kind)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


def receipt(number: int) -> str:
    """A receipt's number as people read it: R-000123."""
    return _written(NumberSeries.Kind.RECEIPT, number)


def credit_note(number: int) -> str:
    """A credit note's number as people read it: C-000045."""
    return _written(NumberSeries.Kind.CREDIT_NOTE, number)


def _written(kind: NumberSeries.Kind, number: int) -> str:
    return f"{PREFIXES[kind]}-{number:06}"
