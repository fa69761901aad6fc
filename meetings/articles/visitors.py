"""Readers whom we do not know: where they come from, and what they see."""

from copy import copy
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from memberships.gate.entitlement import Request


def as_visitor(request: Request) -> Request:
    """The same request as if nobody had signed in: for staff who preview a page."""
    preview = copy(request)
    preview.user, preview.is_member = AnonymousUser(), False
    return preview


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks.

    With TRUSTED_PROXIES = n, the n-th from the right of X-Forwarded-For: each proxy in front adds
    one on the right, and what stands further left was written by the client.
    """
    proxies: int = settings.TRUSTED_PROXIES
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if not proxies or len(hops) < proxies:
        return str(request.META.get("REMOTE_ADDR", ""))
    return hops[-proxies]


def reporter_hash(request: HttpRequest) -> str:
    """A keyed hash that stands for the address: it can be counted, and names nobody.

    Of IPv6 only the network counts (its first 64 bits), because one household has all of it. An
    IPv4 address that is written as IPv6 (RFC 4291, 2.5.5.2) is one.
    """
    address = client_address(request)
    try:
        parsed = ip_address(address)
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    except ValueError:
        network = address
    else:
        network = parsed.exploded[:19] if parsed.version == 6 else str(parsed)
    return salted_hmac("meetings.articles.reports", network, algorithm="sha256").hexdigest()
