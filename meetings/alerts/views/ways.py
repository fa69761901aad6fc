"""How a member is told: when digests come, mail, the private feed, and a webhook of their own."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from memberships.gate.audience import members_only
from memberships.gate.entitlement import Request, User
from portal.post import calling, signatures

from .. import channels, limits, queries, webhooks
from ..forms import ScheduleForm, WebhookForm
from ..models import Channel, ChannelKind


@members_only
@require_safe
@never_cache
def ways(request: Request) -> HttpResponse:
    """All ways on one page. The secret of a webhook is not shown again."""
    return _page(request)


@members_only
@require_POST
def schedule(request: Request) -> HttpResponse:
    """When digests come, of all alerts."""
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _page(request, schedule=form, status=422)
    channels.reschedule(owner=_user(request), rhythm=form.rhythm)
    messages.success(request, _("Your digests come at this hour from now on."))
    return redirect("alert-ways")


@members_only
@require_POST
def feed(request: Request) -> HttpResponse:
    """A feed, or a new address for it; the former address opens nothing any more."""
    channels.open_feed(owner=_user(request), secret=secrets.token_urlsafe(32))
    messages.success(request, _("Your feed has a new address. Give it to your feed reader."))
    return redirect(f"{reverse('alert-ways')}#feed")


@members_only
@require_POST
@never_cache
def webhook(request: Request) -> HttpResponse:
    """Another address for the webhook, with a new secret, which is shown on this page alone."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _page(request, webhook=form, status=422)
    secret = signatures.new_secret()
    address = form.cleaned_data["address"]
    channels.open_webhook(owner=_user(request), address=address, secret=secret)
    return _page(request, secret=secret)


@members_only
@require_POST
def test(request: Request) -> HttpResponse:
    """Send a call that tells of nothing to the webhook, and say what came of it."""
    own = Channel.objects.owned_by(request.user)
    channel = get_object_or_404(own, kind=ChannelKind.WEBHOOK)
    try:
        limits.spend_test(_user(request))
        key = f"test-{channel.pk}-{secrets.token_hex(8)}"
        webhooks.try_out(channel, key=key, now=timezone.now())
    except limits.TooSoon as error:
        return _page(request, trouble=str(error), status=429)
    except (calling.Refused, calling.TryLater) as error:
        trouble = _("Your server did not take the test: %s") % error
        return _page(request, trouble=trouble)
    messages.success(request, _("Your server took the test."))
    return redirect(f"{reverse('alert-ways')}#webhook")


@members_only
@require_POST
def close(request: Request, kind: str) -> HttpResponse:
    """Turn a way off. What is found meanwhile stands in the reading list."""
    if kind == ChannelKind.EMAIL:
        channels.stop_mail(owner=_user(request).pk, now=timezone.now())
    else:
        channels.pause(_own(request, kind), reason=_("You turned it off."), now=timezone.now())
    return redirect(f"{reverse('alert-ways')}#{kind}")


@members_only
@require_POST
def reopen(request: Request, kind: str) -> HttpResponse:
    """Turn a way on again."""
    channels.resume(_own(request, kind))
    messages.success(request, _("It is on again."))
    return redirect(f"{reverse('alert-ways')}#{kind}")


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the mark saw to it; this tells the types
    return request.user


def _own(request: Request, kind: str) -> Channel:
    if kind not in ChannelKind.values:
        raise Http404
    return get_object_or_404(Channel.objects.owned_by(request.user), kind=kind)


def _page(
    request: Request,
    *,
    schedule: ScheduleForm | None = None,
    webhook: WebhookForm | None = None,
    secret: str = "",
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    own = queries.ways(request.user)
    address = {"address": own.webhook.address if own.webhook else ""}
    context: dict[str, Any] = {
        "ways": own,
        "schedule": schedule or ScheduleForm.of(own.schedule),
        "guesses": own.schedule is None and schedule is None,
        "webhook_form": webhook or WebhookForm(initial=address),
        "deliveries": queries.deliveries(own.webhook) if own.webhook else [],
        "secret": secret,
        "trouble": trouble,
    }
    if own.feed:
        context["feed_url"] = settings.SITE_URL + reverse("alerts-feed", args=[own.feed.secret])
    return render(request, "alerts/ways.html", context, status=status)
