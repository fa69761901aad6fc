"""Receipts and credit notes, as pages and as PDF: for whoever bought, and for staff."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from memberships.gate.audience import signed_in
from memberships.gate.entitlement import Request, User
from memberships.member import pdf, queries, receipts
from memberships.member.receipts import Paper


@signed_in
@require_safe
def receipt(request: Request, purchase_id: UUID) -> HttpResponse:
    """What was paid, to whom and when, and until when it can be asked back."""
    purchase = get_object_or_404(queries.receipts(_person(request)), pk=purchase_id)
    page = {"paper": receipts.receipt(purchase), "purchase": purchase}
    return render(request, "member/receipt.html", page)


@signed_in
@require_safe
def receipt_pdf(request: Request, purchase_id: UUID) -> HttpResponse:
    """The same, to keep and to print."""
    purchase = get_object_or_404(queries.receipts(_person(request)), pk=purchase_id)
    return _file(receipts.receipt(purchase))


@signed_in
@require_safe
def credit_note(request: Request, refund_id: UUID) -> HttpResponse:
    """What was given back, and for which receipt."""
    refund = get_object_or_404(queries.credit_notes(_person(request)), pk=refund_id)
    page = {"paper": receipts.credit_note(refund), "refund": refund}
    return render(request, "member/credit_note.html", page)


@signed_in
@require_safe
def credit_note_pdf(request: Request, refund_id: UUID) -> HttpResponse:
    """The same, to keep and to print."""
    refund = get_object_or_404(queries.credit_notes(_person(request)), pk=refund_id)
    return _file(receipts.credit_note(refund))


def _person(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    return request.user


def _file(paper: Paper) -> HttpResponse:
    name = content_disposition_header(as_attachment=True, filename=f"{paper.number}.pdf")
    return HttpResponse(
        pdf.typeset(paper),
        content_type="application/pdf",
        headers={"Content-Disposition": name or "attachment"},
    )
