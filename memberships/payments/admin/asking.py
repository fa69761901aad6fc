"""Asking: the one page on which staff say why, before anything is done about money."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from memberships.accounts.models import User
from memberships.payments.services import CannotDecide, CannotRefund, StillMoving

REFUSALS = (CannotDecide, CannotRefund, StillMoving)
Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked. `facts` are what one has to know to answer it; `hidden` goes back with it."""

    title: str
    text: str
    button: str
    form: Form
    facts: Facts = ()
    is_grave: bool = False
    hidden: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What was done: what staff are told, and what the log keeps, if anything happened. `made` are
    rows that are new with it.
    """

    said: str
    log: str
    level: int = messages.SUCCESS
    made: Sequence[Model] = field(default=())


def answer(
    model_admin: ModelAdmin,
    request: HttpRequest,
    row: Model,
    question: Question,
    do: Callable[[dict[str, Any]], Done],
) -> HttpResponse:
    """Ask, then do it once and write into the log who and why. What is refused becomes a sentence
    on the same page, and nothing has changed.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if question.form.is_valid():
            try:
                done = do(question.form.cleaned_data)
            except REFUSALS as refusal:
                status = 409
                question.form.add_error(None, _sentence(refusal))
            else:
                if done.log:
                    model_admin.log_change(request, row, done.log)
                for made in done.made:
                    model_admin.log_addition(request, made, done.log)
                model_admin.message_user(request, done.said, done.level)
                return HttpResponseRedirect(address(row))
    return page(model_admin, request, question, back=address(row), status=status)


def page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    question: Question,
    *,
    back: str,
    status: int = 200,
) -> HttpResponse:
    """The question, as it stands."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": question.title,
        "question": question,
        "form": question.form,
        "opts": model_admin.opts,
        "media": model_admin.media + question.form.media,
        "back": back,
    }
    return TemplateResponse(request, "memberships/money_verb.html", context, status=status)


def address(row: Model) -> str:
    """The page of a row."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[quote(row.pk)])


def staff(request: HttpRequest) -> User:
    """Who does it. The site lets nobody else in here."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _sentence(refusal: Exception) -> str:
    if isinstance(refusal, StillMoving):
        return _(
            "Something else is changing this payment. Nothing was done. Try again in a minute."
        )
    return str(refusal)
