"""What the links in a message open, without signing in: one alert, or the end of all alert mail.

Programs that look at mail open every link in it, so opening one changes nothing: only a POST does.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from memberships.gate.audience import capability

from .. import channels, link, services
from ..models import Alert, Cadence


def opens_an_alert(_request: HttpRequest, token: str) -> bool:
    """Whether we wrote this link to an alert."""
    try:
        link.alert_id(token)
    except link.Forged:
        return False
    return True


def stops_mail(_request: HttpRequest, token: str) -> bool:
    """Whether we wrote this link that stops a member's mail."""
    try:
        link.user_id(token)
    except link.Forged:
        return False
    return True


@capability(opens_an_alert)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def alert(request: HttpRequest, token: str) -> HttpResponse:
    """Change how often, pause, go on, or stop this one alert."""
    found = Alert.objects.filter(pk=link.alert_id(token)).first()
    if found is None:
        return _unseen(render(request, "alerts/stopped.html"))
    page = {"alert": found, "cadences": Cadence.choices}
    if request.method != "POST":
        return _unseen(render(request, "alerts/by_link.html", page))
    now = timezone.now()
    match request.POST.get("do"):
        case "pause":
            services.pause(alert=found, now=now)
        case "resume":
            services.resume(alert=found)
        case "stop":
            services.delete(alert=found)
        case "cadence" if request.POST.get("cadence") in Cadence.values:
            cadence = Cadence(request.POST["cadence"])
            services.change_cadence(alert=found, cadence=cadence, now=now)
        case _:
            return _unseen(render(request, "alerts/by_link.html", page, status=422))
    return _unseen(redirect("alert-by-link", token))


@capability(stops_mail)
@csrf_exempt  # RFC 8058, 3.1: a mail program posts, without a session; the address is the key
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A POST stops all alert mail of a member. Whoever only opens this is asked first."""
    done = request.method == "POST"
    if done:
        channels.stop_mail(owner=link.user_id(token), now=timezone.now())
    return _unseen(render(request, "alerts/unsubscribe.html", {"done": done}))


def _unseen(answer: HttpResponse) -> HttpResponse:
    """Not for search engines, and its address, which is a key, is told to no other site."""
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "same-origin"  # none at all, and forms would be refused
    return answer
