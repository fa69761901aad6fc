"""The four who come to every door: visitor, member, refunded member, staff.

Each is a Django test client that comes under the site's own name (so that public pages are kept
and given, as for real readers), with its person as `.user`.
"""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tests.memberships.factories import (
    MembershipFactory,
    RefundedMembershipFactory,
    StaffFactory,
)


class Persona(Client):
    """A browser with a person before it."""

    def __init__(self, user=None, **defaults):
        site = urlsplit(settings.SITE_URL)
        super().__init__(HTTP_HOST=site.netloc, **defaults)
        self.defaults["wsgi.url_scheme"] = site.scheme
        self.user = user
        if user is not None:
            self.force_login(user)


@pytest.fixture
def visitor():
    """Nobody we know."""
    return Persona()


@pytest.fixture
def member(db):
    """Holds a membership for life."""
    return Persona(MembershipFactory().user)


@pytest.fixture
def refunded_member(db):
    """Was a member, and got the money back."""
    return Persona(RefundedMembershipFactory().user)


@pytest.fixture
def staff(db):
    """Staff with every permission."""
    return Persona(StaffFactory())


@pytest.fixture
def personas(visitor, member, refunded_member, staff):
    """All four by name, in the order of the tables in tests."""
    return {
        "visitor": visitor,
        "member": member,
        "refunded": refunded_member,
        "staff": staff,
    }
