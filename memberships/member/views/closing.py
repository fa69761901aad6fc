"""Closing the account: a page that says what is lost, and the confirmation."""

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from memberships.accounts.queries import has_second_factor
from memberships.gate.audience import signed_in
from memberships.gate.entitlement import Request, User
from memberships.member import closing
from memberships.member.forms import CloseForm
from memberships.member.leaving import at_stake


def _close(request: Request) -> HttpResponse:
    """GET: what is lost, what is kept, and what can be done before. POST: it is closed."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    if request.method != "POST":
        return _page(request, CloseForm(user=request.user))
    form = CloseForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        farewell = closing.close(
            user=request.user, told=form.cleaned_data["told"], now=timezone.now()
        )
    except closing.PaymentOpen as refusal:
        return _page(request, form, refusal=refusal, status=503)
    except closing.CannotClose as refusal:
        return _page(request, form, refusal=refusal, status=409)
    logout(request)  # on other devices there is nobody left to be signed in as
    return render(request, "member/close_done.html", {"farewell": farewell})


def _page(
    request: Request,
    form: CloseForm,
    *,
    refusal: closing.CannotClose | None = None,
    status: int = 200,
) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    told = at_stake(request.user)
    context = {"form": form, "at_stake": told, "refusal": refusal}
    return render(request, "member/close.html", context, status=status)


def _holds_second_factor(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and has_second_factor(request.user)


# Typing the address is the confirmation, because everybody can do that. Who has asked to be
# protected by a second factor shows it once more, as before other changes of that weight.
close_account = signed_in(
    require_http_methods(["GET", "HEAD", "POST"])(
        reauthentication_required(_close, enabled=_holds_second_factor)
    )
)
