"""Links: signed addresses in messages, for whoever holds the message, without signing in.

Each opens one thing: one alert, or all alert mail of one member. They never end, because a message
may be read years later; what may still be done is asked of the row. Feeds have a secret of their
own, which can be changed.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

ALERT = "meetings.alerts.link.alert"
MAIL = "meetings.alerts.link.mail"


class Forged(Exception):
    """Nobody here wrote this link."""


def to_alert(alert_id: int) -> str:
    """Where an alert is changed, paused or stopped."""
    return _url("alert-by-link", _token(alert_id, ALERT))


def to_stop_mail(user_id: int) -> str:
    """Where a POST stops all alert mail of a member (RFC 8058)."""
    return _url("alerts-unsubscribe", _token(user_id, MAIL))


def alert_id(token: str) -> int:
    """Which alert a token opens. Raises Forged. Former values of SECRET_KEY are believed."""
    return _opened(token, ALERT)


def user_id(token: str) -> int:
    """Whose mail a token stops. Raises Forged."""
    return _opened(token, MAIL)


def _url(name: str, token: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=[token])}"


def _token(number: int, salt: str) -> str:
    return signing.Signer(salt=salt).sign(str(number))


def _opened(token: str, salt: str) -> int:
    try:
        return int(signing.Signer(salt=salt).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise Forged from error
