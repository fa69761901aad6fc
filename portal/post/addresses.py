"""Addresses of webhooks: which may be called, and where on the network they are.

A member names an address, and it is our machine that calls it. So what stands in our own network,
or is our machine itself, must be out of reach, by name, by number and by whatever else leads there.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

LONGEST = 500

_UNICAST = ip_network("2000::/3")
# What `is_global` of older Pythons lets pass, and what carries an IPv4 address inside.
_CLOSED = [
    ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
]


class NotAllowed(Exception):
    """This address is never called. Says why, to the member who gave it."""


class NotFound(Exception):
    """The name leads nowhere now. It may later."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address in its parts. `path` has the query with it."""

    host: str
    port: int
    path: str


def parsed(url: str) -> Target:
    """The parts of an address that may be a webhook's. Raises NotAllowed. Asks nobody."""
    if len(url) > LONGEST:
        raise NotAllowed(_("The address is longer than %d characters.") % LONGEST)
    if any(not "!" <= sign <= "~" and not sign.isalnum() for sign in url) or "\\" in url:
        raise NotAllowed(_("The address has a space or a sign that no address has."))
    try:
        parts = urlsplit(url)
        host, port = punycode(parts.hostname or ""), parts.port or 443
    except (ValueError, UnicodeError) as error:
        raise NotAllowed(_("This is not an address.")) from error
    if parts.scheme != "https":
        raise NotAllowed(_("The address begins with https://."))
    if not host:
        raise NotAllowed(_("The address names no server."))
    if parts.username is not None or parts.password is not None:
        raise NotAllowed(_("The address has a name or password in it."))
    if parts.fragment:
        raise NotAllowed(_("Leave out the part of the address from # on."))
    if port != 443 and port < 1024:
        raise NotAllowed(_("The port is 443, or 1024 and above."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise NotAllowed(_("The address has a space or a sign that no address has."))
    return Target(host, port, path)


def resolved(target: Target) -> str:
    """The one number to connect to. Raises NotAllowed where any is not public, and NotFound.

    It is looked up once. Whoever calls connects to this number and looks the name up no more: the
    answer to a second question might be another.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFound(_("The server's name was not found.")) from error
    numbers = [str(address[0]) for _family, _type, _proto, _name, address in found]
    if not all(is_allowed(number) for number in numbers):
        raise NotAllowed(_("This address does not lead to a server on the public internet."))
    return numbers[0]


def is_allowed(number: str) -> bool:
    """Public, or this machine itself where a setting allows it, for tests and development."""
    address = ip_address(number.partition("%")[0])
    return is_public(address) or (settings.WEBHOOK_LOOPBACK and address.is_loopback)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Does this number lead to the public internet, and nowhere else?"""
    if any(address in network for network in _CLOSED):
        return False
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False  # numbers of IPv4 in the clothes of IPv6 are among these
    return address.is_global and not address.is_multicast and not address.is_reserved
