"""Under a purchase: its membership, refunds, disputes and events, and the mails that told of it."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from memberships.payments.models import StripeEvent
from memberships.purchases.admin import LookOnlyInline
from memberships.purchases.amounts import written
from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import Dispute, Refund
from portal.post.models import Mail

from .asking import address


class MembershipInline(LookOnlyInline):
    """What the purchase gave."""

    model = Membership
    fields = readonly_fields = (
        "opens",
        "source",
        "started_at",
        "lasts_until",
        "ended_at",
        "end_reason",
    )

    @admin.display(description=_("status"))
    def opens(self, membership: Membership) -> str:
        return _link(membership, membership.get_status_display())


class RefundInline(LookOnlyInline):
    """Money that went back, is on its way, or did not arrive."""

    model = Refund
    ordering = ("requested_at",)
    fields = readonly_fields = (
        "sum",
        "state",
        "origin",
        "requested_by",
        "reason",
        "requested_at",
        "settled_at",
        "failure_reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        rows: QuerySet[Refund] = super().get_queryset(request)
        return rows.select_related("requested_by", "purchase")

    @admin.display(description=_("amount"))
    def sum(self, refund: Refund) -> str:
        return _link(refund, written(refund.amount, refund.purchase.currency))


class DisputeInline(LookOnlyInline):
    """What banks ask about, or take back."""

    model = Dispute
    ordering = ("opened_at",)
    fields = readonly_fields = (
        "dispute",
        "status",
        "reason",
        "sum",
        "opened_at",
        "due",
        "closed_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        rows: QuerySet[Dispute] = super().get_queryset(request)
        return rows.select_related("purchase")

    @admin.display(description=_("dispute"))
    def dispute(self, dispute: Dispute) -> str:
        return _link(dispute, dispute.pk)

    @admin.display(description=_("amount"))
    def sum(self, dispute: Dispute) -> str:
        return written(dispute.amount, dispute.currency)

    @admin.display(description=_("evidence is due"))
    def due(self, dispute: Dispute) -> Any:
        return dispute.evidence_due_by


class EventInline(LookOnlyInline):
    """What Stripe told of it."""

    model = StripeEvent
    ordering = ("created_at",)
    fields = readonly_fields = ("opens", "type", "state", "created_at", "tries", "error")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StripeEvent]:
        rows: QuerySet[StripeEvent] = super().get_queryset(request)
        return rows.defer("payload")

    @admin.display(description=_("event"))
    def opens(self, event: StripeEvent) -> str:
        return _link(event, event.pk)


def mails_about(purchase: Purchase) -> str:
    """The mails of a purchase and of its refunds, each with when and what became of it."""
    about = Q(key__startswith=f"purchase-{purchase.pk}")
    for refund_id in purchase.refunds.values_list("pk", flat=True):
        about |= Q(key__startswith=f"refund-{refund_id}")
    mails = Mail.objects.filter(about).order_by("queued_at", "pk")
    lines = [
        (_when(mail), address(mail), mail.subject or mail.template, mail.get_state_display())
        for mail in mails
    ]
    return format_html_join("", '<p>{} · <a href="{}" class="underline">{}</a> · {}</p>', lines)


def _when(mail: Mail) -> str:
    return date_format(timezone.localtime(mail.queued_at), "DATETIME_FORMAT")


def _link(row: Model, text: str) -> str:
    return format_html('<a href="{}" class="underline">{}</a>', address(row), text)
