"""What staff do about an event: process it again, set it aside, take up the payment it is about."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from memberships.payments import services, strays
from memberships.payments.forms import AdoptForm, WhyForm
from memberships.payments.models import StripeEvent
from memberships.purchases.admin import LookOnlyAdmin
from memberships.purchases.amounts import written
from memberships.purchases.models import Purchase

from .asking import Done, Facts, Question, answer, page, staff
from .facts import of_payment

State = StripeEvent.State
WAITING = {State.PARKED, State.DEAD}


class EventVerbs(LookOnlyAdmin):
    """The buttons of an event's page, and the one of the list. Each asks why and is logged."""

    actions = ("process_again_all",)
    actions_detail = ("adopt", "refund", "process_again", "set_aside")

    def has_again_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.change_stripeevent")

    def has_adopt_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_purchase")

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_refund")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what can be done now. The verbs have the last word."""
        event = self._event(request, object_id)
        is_stray = strays.may_be_stray(event)
        can_be_done = {
            "adopt": is_stray,
            "refund": is_stray,
            "process_again": event.state not in {State.PROCESSING, State.IGNORED},
            "set_aside": event.state in WAITING,
        }
        return [
            one
            for one in super().get_actions_detail(request, object_id)
            if can_be_done[one.method.__name__]
        ]

    @action(  # type: ignore[untyped-decorator] # unfold gives it no types
        description=_("Give it to a person"), url_path="adopt", permissions=["adopt"]
    )
    def adopt(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A payment without a purchase becomes the sale that it was."""
        event = self._event(request, object_id)

        def do(given: dict[str, Any]) -> Done:
            made = services.adopt_payment(
                event_id=event.pk, user=given["user"], plan=given["plan"], now=timezone.now()
            )
            is_paid = made.state == Purchase.State.PAID
            return Done(
                said=gettext("The purchase is here, and the membership has begun.")
                if is_paid
                else gettext("The purchase is here: %s.") % made.get_state_display(),
                log=gettext("Payment given to person %(person)s: %(why)s")
                % {"person": given["user"].pk, "why": given["reason"]},
                level=messages.SUCCESS if is_paid else messages.WARNING,
                made=[made],
            )

        question = Question(
            title=gettext("Give this payment to a person"),
            text=gettext(
                "The purchase is made anew, with the person and the plan that you choose, and the "
                "membership begins. If the person has paid before, the money goes back by itself."
            ),
            button=gettext("Give it to this person"),
            form=AdoptForm(request.POST or None),
            facts=self._facts(request, event),
        )
        return answer(self, request, event, question, do)

    @action(  # type: ignore[untyped-decorator] # as above
        description=_("Refund"), url_path="refund", permissions=["refund"]
    )
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A payment without a purchase goes back."""
        event = self._event(request, object_id)

        def do(given: dict[str, Any]) -> Done:
            made = services.refund_payment(
                event_id=event.pk, by=staff(request), now=timezone.now(), **given
            )
            amount = written(made.amount_total, made.currency)
            return Done(
                said=gettext("The payment of %s goes back. It is sent within a minute.") % amount
                if made.state == Purchase.State.REFUND_PENDING
                else gettext("It had gone back before. That is written down now."),
                log=gettext("Payment without a purchase refunded: %s") % given["reason"],
                made=[made],
            )

        question = Question(
            title=gettext("Refund this payment"),
            text=gettext(
                "All that is left of it goes back to where it came from. A purchase without a "
                "person is made, so that the refund has its row. Nobody gets a membership."
            ),
            button=gettext("Send it back"),
            form=WhyForm(request.POST or None),
            facts=self._facts(request, event),
            is_grave=True,
        )
        return answer(self, request, event, question, do)

    @action(  # type: ignore[untyped-decorator] # as above
        description=_("Process again"), url_path="again", permissions=["again"]
    )
    def process_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Look into it once more, now."""
        event = self._event(request, object_id)

        def do(given: dict[str, Any]) -> Done:
            moved = services.process_again(event=event)
            return Done(
                said=gettext("A worker takes it up within a minute.")
                if moved
                else gettext("It is in work, or none of ours. Nothing was done."),
                log=_again_because(given["reason"]) if moved else "",
                level=messages.SUCCESS if moved else messages.WARNING,
            )

        question = Question(
            title=gettext("Process this event again"),
            text=gettext("Stripe is asked anew, and whatever it says is written down."),
            button=gettext("Process it again"),
            form=WhyForm(request.POST or None),
            facts=_course(event),
        )
        return answer(self, request, event, question, do)

    @action(  # type: ignore[untyped-decorator] # as above
        description=_("Set aside"), url_path="set-aside", permissions=["again"]
    )
    def set_aside(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say that nothing has to be done about it."""
        event = self._event(request, object_id)

        def do(given: dict[str, Any]) -> Done:
            services.set_aside(event_id=event.pk)
            return Done(
                said=gettext("Set aside. It waits for nobody any more."),
                log=gettext("Set aside: %s") % given["reason"],
            )

        question = Question(
            title=gettext("Set this event aside"),
            text=gettext(
                "It leaves the desk for good. Where Stripe says that money came with it, this is "
                "refused."
            ),
            button=gettext("Set it aside"),
            form=WhyForm(request.POST or None),
            facts=_course(event),
        )
        return answer(self, request, event, question, do)

    @admin.action(description=_("Process again"), permissions=["again"])
    def process_again_all(
        self, request: HttpRequest, queryset: QuerySet[StripeEvent]
    ) -> HttpResponse:
        """Ask once for all that were chosen, then look into each once more."""
        events = list(queryset.defer("payload"))
        is_asked = "reason" in request.POST
        form = WhyForm(request.POST if is_asked else None)
        back = reverse("admin:memberships_stripeevent_changelist")
        if is_asked and form.is_valid():
            moved = [one for one in events if services.process_again(event=one)]
            for event in moved:
                self.log_change(request, event, _again_because(form.cleaned_data["reason"]))
            self._say_how_many(request, len(moved), len(events) - len(moved))
            return HttpResponseRedirect(back)
        question = Question(
            title=gettext("Process again"),
            text=ngettext(
                "%d event is looked into once more.",
                "%d events are looked into once more.",
                len(events),
            )
            % len(events),
            button=gettext("Process again"),
            form=form,
            hidden=[
                ("action", "process_again_all"),
                *(("_selected_action", one.pk) for one in events),
            ],
        )
        return page(self, request, question, back=back, status=422 if is_asked else 200)

    def _say_how_many(self, request: HttpRequest, moved: int, left: int) -> None:
        if moved:
            self.message_user(
                request,
                ngettext(
                    "%d event is taken up within a minute.",
                    "%d events are taken up within a minute.",
                    moved,
                )
                % moved,
                messages.SUCCESS,
            )
        if left:
            self.message_user(
                request,
                ngettext(
                    "%d event is in work, or none of ours, and stays as it is.",
                    "%d events are in work, or none of ours, and stay as they are.",
                    left,
                )
                % left,
                messages.WARNING,
            )

    def _event(self, request: HttpRequest, object_id: str) -> StripeEvent:
        event = self.get_object(request, unquote(object_id))
        if not isinstance(event, StripeEvent):
            raise Http404
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        return event

    def _facts(self, request: HttpRequest, event: StripeEvent) -> Facts:
        """What Stripe says was paid. It is asked on a GET alone."""
        if request.method != "GET":
            return _course(event)
        try:
            stray = strays.look_into(event.pk)
        except services.CannotDecide as refusal:
            return [*_course(event), (gettext("Paid"), str(refusal))]
        facts = [*_course(event), *of_payment(stray.facts)]
        if stray.named is not None:
            person = stray.named.user or gettext("nobody any more")
            facts.append((gettext("Its purchase was made by"), str(person)))
        return facts


def _course(event: StripeEvent) -> Facts:
    return [(gettext("Event"), event.type), (gettext("What went wrong"), event.error or "–")]


def _again_because(reason: str) -> str:
    return gettext("Processed again: %s") % reason
