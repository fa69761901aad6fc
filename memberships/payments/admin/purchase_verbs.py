"""What staff do about a purchase: refund it, decide about its payment, take note of what waits."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from memberships.payments import attention, deciding, services
from memberships.payments.forms import NoteForm, RefundForm, WhyForm
from memberships.purchases.admin import LookOnlyAdmin
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase
from memberships.purchases.models.purchase import BOUGHT
from memberships.refunds.models import Refund

from .asking import Done, Facts, Question, answer, staff
from .facts import of_payment, of_plan, of_waiting

State = Purchase.State


class PurchaseVerbs(LookOnlyAdmin):
    """The buttons of a purchase's page. Each asks why, calls one verb, and is logged."""

    actions_detail = ("accept", "send_back", "refund", "take_note")

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_refund")

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.change_purchase")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what can be done now. The verbs have the last word."""
        purchase = self._purchase(request, object_id)
        waits = attention.asks_to_decide(purchase)
        has_money = bool(purchase.payment_intent_id)
        can_be_done = {
            "accept": waits,
            "send_back": waits and has_money,
            "refund": purchase.state in BOUGHT and purchase.amount_left > 0,
            "take_note": bool(purchase.attention) and not (waits and has_money),
        }
        return [
            one
            for one in super().get_actions_detail(request, object_id)
            if can_be_done[one.method.__name__]
        ]

    @action(  # type: ignore[untyped-decorator] # unfold gives it no types
        description=_("Refund"), url_path="refund", permissions=["refund"]
    )
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send money back, in whole or in part."""
        purchase = self._purchase(request, object_id)
        left = written(purchase.amount_left, purchase.currency)

        def do(given: dict[str, Any]) -> Done:
            made = services.request_refund(
                purchase_id=purchase.pk,
                origin=Refund.Origin.STAFF,
                by=staff(request),
                now=timezone.now(),
                **given,
            )
            asked = written(made.amount, purchase.currency)
            return Done(
                said=gettext("%s goes back. It is sent to Stripe within a minute.") % asked,
                log=gettext("Refund of %(amount)s: %(why)s")
                % {"amount": asked, "why": given["reason"]},
            )

        question = Question(
            title=gettext("Refund"),
            text=gettext(
                "The money goes back to the card or account that it came from, and the buyer is "
                "told. With the whole amount the membership pauses at once, and ends when the "
                "refund has arrived. Stripe keeps its fee."
            ),
            button=gettext("Send it back"),
            form=RefundForm(request.POST or None, purchase=purchase),
            facts=[*of_plan(purchase), (gettext("Still here"), left)],
            is_grave=True,
        )
        return answer(self, request, purchase, question, do)

    @action(  # type: ignore[untyped-decorator] # as above
        description=_("Accept this payment"), url_path="accept", permissions=["decide"]
    )
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the money for this sale all the same."""
        purchase = self._purchase(request, object_id)
        is_free = not purchase.payment_intent_id
        if is_free and not request.user.has_perm("memberships.add_membership"):
            raise PermissionDenied

        def do(given: dict[str, Any]) -> Done:
            settled = services.accept(
                purchase_id=purchase.pk, by=staff(request), now=timezone.now(), **given
            )
            said, level = _came_of(settled)
            return Done(
                said=said, log=gettext("Payment accepted: %s") % given["reason"], level=level
            )

        question = Question(
            title=gettext("Accept this payment"),
            text=gettext(
                "Nothing was paid, so the purchase stays ended, and its buyer is given a "
                "membership for life in your name."
            )
            if is_free
            else gettext(
                "The buyer gets the membership for what was paid, and the sale is not questioned "
                "again. The guarantee runs from the time of the payment."
            ),
            button=gettext("Accept it"),
            form=WhyForm(request.POST or None),
            facts=self._facts(request, purchase),
        )
        return answer(self, request, purchase, question, do)

    @action(  # type: ignore[untyped-decorator] # as above
        description=_("Send it back"), url_path="send-back", permissions=["decide", "refund"]
    )
    def send_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Do not take the money: all of it goes back."""
        purchase = self._purchase(request, object_id)

        def do(given: dict[str, Any]) -> Done:
            made = services.send_back(
                purchase_id=purchase.pk, by=staff(request), now=timezone.now(), **given
            )
            made.purchase.refresh_from_db()
            asked = written(made.amount, made.purchase.currency)
            return Done(
                said=gettext("%s goes back. It is sent to Stripe within a minute.") % asked,
                log=gettext("Payment sent back: %s") % given["reason"],
            )

        question = Question(
            title=gettext("Send this payment back"),
            text=gettext(
                "All that was paid goes back to where it came from, and the buyer is told. Nobody "
                "gets a membership for it. The buyer can buy again when it has arrived."
            ),
            button=gettext("Send it back"),
            form=WhyForm(request.POST or None),
            facts=self._facts(request, purchase),
            is_grave=True,
        )
        return answer(self, request, purchase, question, do)

    @action(  # type: ignore[untyped-decorator] # as above
        description=_("Take note"), url_path="take-note", permissions=["decide"]
    )
    def take_note(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say that these sentences were seen, and what came of them."""
        purchase = self._purchase(request, object_id)

        def do(given: dict[str, Any]) -> Done:
            noted = services.take_note(purchase_id=purchase.pk, seen=given["seen"])
            return Done(
                said=gettext("Noted. It shows again if it happens anew.")
                if noted
                else gettext("There was nothing left to take note of."),
                log=gettext("Took note of “%(said)s”: %(why)s")
                % {"said": " ".join(noted), "why": given["reason"]}
                if noted
                else "",
                level=messages.SUCCESS if noted else messages.WARNING,
            )

        question = Question(
            title=gettext("Take note"),
            text=gettext(
                "These sentences leave the desk and this page as long as they hold. Say what was "
                "done about them."
            ),
            button=gettext("I have seen to it"),
            form=NoteForm(request.POST or None, initial={"seen": purchase.attention}),
            facts=of_waiting(purchase),
        )
        return answer(self, request, purchase, question, do)

    def _purchase(self, request: HttpRequest, object_id: str) -> Purchase:
        purchase = self.get_object(request, unquote(object_id))
        if not isinstance(purchase, Purchase):
            raise Http404
        if not self.has_view_permission(request, purchase):
            raise PermissionDenied
        return purchase

    def _facts(self, request: HttpRequest, purchase: Purchase) -> Facts:
        """What we asked for, what is odd, and what was paid. Stripe is asked on a GET alone."""
        facts = [*of_plan(purchase), *of_waiting(purchase)]
        if request.method != "GET":
            return facts
        try:
            return [*facts, *of_payment(deciding.look(purchase))]
        except deciding.StripeIsSilent as silence:
            return [*facts, (gettext("Paid"), str(silence))]


def _came_of(purchase: Purchase) -> tuple[str, int]:
    """What an acceptance came to, in a sentence, and how to say it."""
    if purchase.state == State.PAID or not purchase.payment_intent_id:
        return gettext("Accepted. The membership has begun."), messages.SUCCESS
    if purchase.state == State.REFUND_PENDING:
        why = gettext(
            "Accepted, but it gives no membership: the buyer holds one, has closed the account, or "
            "no place is left. So the money goes back by itself."
        )
        return why, messages.WARNING
    if purchase.paid_at and purchase.state not in BOUGHT:
        why = gettext("Accepted. Stripe does not answer; the membership begins within the hour.")
        return why, messages.WARNING
    return gettext("Accepted."), messages.SUCCESS
