"""Tokens of the member's programs: the list, making one, revoking one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from memberships.accounts import queries, services
from memberships.accounts.models import Token
from memberships.gate.audience import members_only, signed_in
from memberships.gate.entitlement import Request, User
from memberships.member.forms import TokenForm


@signed_in
@require_safe
def tokens(request: Request) -> HttpResponse:
    """All tokens of this person. Who is not a member may revoke them and make none."""
    return _page(request, TokenForm())


@members_only
@require_POST
def make_token(request: Request) -> HttpResponse:
    """The page with the new token on it: the one time that it is shown."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    try:
        made = services.make_token(
            owner=request.user,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            lasts=form.lasts,
            now=timezone.now(),
        )
    except services.CannotMake as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=422)
    return _page(request, TokenForm(), made=made, status=201)


@signed_in
@require_POST
def revoke_token(request: Request, pk: int) -> HttpResponse:
    """It opens nothing from now on."""
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    token = get_object_or_404(Token.objects.owned_by(request.user), pk=pk)
    services.revoke_token(token=token, now=timezone.now())
    messages.success(request, _("“%s” is revoked and opens nothing any more.") % token.name)
    return redirect("tokens")


def _page(
    request: Request, form: TokenForm, *, made: services.Made | None = None, status: int = 200
) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    shelf = queries.token_shelf(request.user, at=timezone.now())
    context = {"form": form, "made": made, "shelf": shelf}
    return render(request, "member/tokens.html", context, status=status)
