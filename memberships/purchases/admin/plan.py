"""Plans in the administration: made, put on offer, and succeeded once somebody begins to buy."""

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from memberships.purchases import plans
from memberships.purchases.amounts import written
from memberships.purchases.forms import PlanForm, SuccessorForm
from memberships.purchases.models import Plan


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """Made here; once somebody has begun to buy, succeeded and no longer edited."""

    form = PlanForm
    list_display = ("name", "price", "guarantee_days", "active", "places", "created_at")
    list_filter = ("active",)
    list_select_related = ("stock",)
    search_fields = ("name", "stripe_price_id")
    ordering = ("-active", "-created_at")
    fields = (
        "name",
        "amount",
        "currency",
        "stripe_price_id",
        "guarantee_days",
        "capacity",
        "active",
    )
    actions_detail = ("succeed_plan", "switch_offer")

    @admin.display(description=_("price"), ordering="amount")
    def price(self, plan: Plan) -> str:
        return written(plan.amount, plan.currency)

    @admin.display(description=_("places left"))
    def places(self, plan: Plan) -> str:
        stock = getattr(plan, "stock", None)
        return f"{stock.left} / {stock.capacity}" if stock else gettext("no cap")

    def get_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return (*(name for name in self.fields if name != "capacity"), "places", "succeeds")

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        return ("places", "succeeds")

    def has_change_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        if obj is not None and Plan.objects.sold().filter(pk=obj.pk).exists():
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        return bool(
            super().has_view_permission(request, obj)
            or request.user.has_perm("memberships.change_plan")
        )

    def has_terms_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.change_plan")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            with transaction.atomic():
                answer: HttpResponse = super().changeform_view(
                    request, object_id, form_url, extra_context
                )
        except IntegrityError:  # bought, or another plan put on offer, while this form was open
            self.message_user(
                request,
                gettext("Something changed while you wrote. Nothing was stored; look again."),
                messages.ERROR,
            )
            return HttpResponseRedirect(reverse("admin:memberships_plan_changelist"))
        return answer

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        plans.limit(plan=obj, capacity=form.cleaned_data["capacity"])

    @action(  # type: ignore[untyped-decorator] # unfold gives it no types
        description=_("Sell on other terms"), url_path="succeed", permissions=["terms"]
    )
    def succeed_plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write other terms, which take this plan's place."""
        plan = get_object_or_404(Plan, pk=object_id)
        form_class: type[Any] = self.get_form(
            request, None, form=SuccessorForm, fields=SuccessorForm.Meta.fields
        )
        form = form_class(request.POST or None, initial=plans.terms_of(plan))
        if request.method == "POST" and form.is_valid():
            try:
                heir = plans.succeed(plan=plan, terms=plans.Terms(**form.cleaned_data))
            except plans.SucceededAlready as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.log_change(request, plan, gettext("Succeeded by plan %s.") % heir.pk)
                self.log_addition(request, heir, gettext("Succeeds plan %s.") % plan.pk)
                self.message_user(request, gettext("The new terms stand."), messages.SUCCESS)
                plan = heir
            return HttpResponseRedirect(_page_of(plan))
        text = gettext("Who bought before keeps what was sold. From now on this is sold instead.")
        return self._ask(request, plan, gettext("Sell on these terms"), text, form)

    @action(  # type: ignore[untyped-decorator] # unfold gives it no types
        description=_("Put on offer, or take off"), url_path="offer", permissions=["terms"]
    )
    def switch_offer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put this plan on offer in place of any other, or take it off."""
        plan = get_object_or_404(Plan, pk=object_id)
        if request.method == "POST":
            plans.offer(plan=plan, active=not plan.active)
            said = gettext("On offer.") if plan.active else gettext("Not on offer.")
            self.log_change(request, plan, said)
            self.message_user(request, said, messages.SUCCESS)
            return HttpResponseRedirect(_page_of(plan))
        if plan.active:
            return self._ask(
                request,
                plan,
                gettext("Take it off"),
                gettext("Nothing is on offer then, until another plan is."),
            )
        return self._ask(
            request,
            plan,
            gettext("Put it on offer"),
            gettext("It is sold from now on, in place of any other plan."),
        )

    def _ask(
        self, request: HttpRequest, plan: Plan, button: str, text: str, form: Form | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": plan.name,
            "opts": self.opts,
            "form": form,
            "text": text,
            "button": button,
            "back": _page_of(plan),
        }
        return TemplateResponse(request, "memberships/plan_verb.html", context)


def _page_of(plan: Plan) -> str:
    return reverse("admin:memberships_plan_change", args=[plan.pk])
