"""The town, and somebody who asks the API with its member's token."""

import pytest

from meetings.data.api import limits
from tests.meetings.data.api.world import BASE, world


@pytest.fixture(autouse=True)
def _counts_of_its_own(monkeypatch):
    """What one test asked for is not counted in another."""
    monkeypatch.setattr(limits, "counter", limits.Counter())


@pytest.fixture
def town(db):
    return world()


@pytest.fixture
def ask(client, town):
    """`ask("meetings", limit=1)` as the member, `ask(…, token=None)` as a visitor."""

    def asked(path, *, token=town.token, headers=None, **query):
        sent = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return client.get(BASE + path, query, headers=sent | (headers or {}))

    return asked
