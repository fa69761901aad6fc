"""The door to other people's servers: one POST, and its answer in two kinds."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Timer
from time import monotonic

from django.conf import settings
from django.utils.translation import gettext as _

from . import addresses

TIMEOUT_S = 10
WHOLE_S = 20  # a server that answers one byte at a time never times out otherwise


class Refused(Exception):
    """Trying again will not help: the address is none that we call, or wants no more. Says why."""


class TryLater(Exception):
    """Not delivered now. Says why."""


def call(
    url: str, *, body: bytes, headers: Mapping[str, str], within_s: float | None = None
) -> None:
    """POST JSON to an address. Comes back where it was taken, with any 2xx.

    All of it but the looking up of the name ends within `within_s`, or else `WHOLE_S` seconds.

    The name is looked up once, must lead to the public internet alone, and what it led to is what
    is connected to; the certificate must be the name's. No redirect is followed, no proxy asked,
    and of the answer nothing is read but its status. Raises Refused or TryLater.
    """
    try:
        target = addresses.parsed(url)
        number = addresses.resolved(target)
    except addresses.NotAllowed as error:
        raise Refused(str(error)) from error
    except addresses.NotFound as error:
        raise TryLater(str(error)) from error
    try:
        status = _status(target, number, body, headers, within_s or WHOLE_S)
    except ssl.SSLCertVerificationError as error:
        raise TryLater(_("Its certificate is not valid for this address.")) from error
    except (OSError, http.client.HTTPException) as error:
        raise TryLater(_("It could not be reached, or did not answer in time.")) from error
    if status == http.HTTPStatus.GONE:  # Standard Webhooks: disable the endpoint
        raise Refused(_("It answered 410: it wants no more of these."))
    if not 200 <= status < 300:
        raise TryLater(_("It answered %d.") % status)


def _status(
    target: addresses.Target,
    number: str,
    body: bytes,
    headers: Mapping[str, str],
    within_s: float,
) -> int:
    context = ssl.create_default_context()
    until = monotonic() + within_s
    line = socket.create_connection((number, target.port), timeout=min(TIMEOUT_S, within_s))
    with context.wrap_socket(
        line, server_hostname=target.host, do_handshake_on_connect=False
    ) as safe:
        late = Event()
        watch = Timer(max(0.0, until - monotonic()), _hang_up, [safe, late])
        watch.daemon = True
        watch.start()
        try:
            safe.do_handshake()
            connection = http.client.HTTPSConnection(target.host, target.port, context=context)
            connection.sock = safe
            connection.auto_open = 0  # never another line than this one
            connection.request(
                "POST",
                target.path,
                body=body,
                headers={
                    "Content-Type": "application/json",
                    "User-Agent": f"{settings.SITE_NAME} ({settings.SITE_URL})",
                    "Connection": "close",
                    **headers,
                },
            )
            status = connection.getresponse().status
            if late.is_set():
                raise TimeoutError
            return status
        finally:
            watch.cancel()


def _hang_up(safe: ssl.SSLSocket, late: Event) -> None:
    late.set()
    with suppress(OSError):
        socket.socket.shutdown(safe, socket.SHUT_RDWR)  # whoever waits for it wakes with an error
