"""`manage.py check` finds an operation of the API that nobody thought about."""

import pytest
from ninja import NinjaAPI, Router

from meetings.data import checks
from meetings.data.api.callers import MemberToken
from memberships.gate.audience import public, staff_only


def found(*, mark=None, router=None, **asked):
    """What the check says of one operation."""
    one = Router(**(router or {}))

    def view(request):
        return None

    one.get("/thing", **asked)(mark(view) if mark else view)
    api = NinjaAPI(auth=MemberToken(), urls_namespace="throwaway")
    api.add_router("", one)
    return [message.id for message in checks._unmarked(api)]


def test_those_of_this_site_all_say_it():
    assert checks.operations_have_audiences() == []


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"auth": MemberToken("clips")},
        {"router": {"auth": MemberToken("read")}},
        {"auth": None, "mark": public},
    ],
)
def test_a_token_or_a_mark_is_enough(good):
    assert found(**good) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"auth": None},
        {"mark": public},
        {"auth": None, "mark": staff_only},
        {"auth": lambda request: True},
        {"auth": MemberToken(), "mark": public},
        {"auth": [MemberToken(), lambda request: True]},
    ],
)
def test_neither_or_both_is_an_error(wrong):
    assert found(**wrong) == ["data.E001"]
