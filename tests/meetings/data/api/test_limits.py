"""How often programs may ask: counted once each, told in headers, and without Redis."""

import pytest
from redis.exceptions import ConnectionError as NoRedis

from meetings.data.api import limits
from tests.concurrency import at_once
from tests.memberships.factories import token_of


@pytest.fixture(autouse=True)
def _few(settings):
    settings.API_MEMBER_A_MINUTE, settings.API_VISITOR_A_MINUTE = 8, 4


@pytest.fixture
def no_redis(monkeypatch):
    asked = []

    def refuse():
        asked.append(1)
        raise NoRedis

    monkeypatch.setattr(limits, "_redis", refuse)
    return asked


def test_every_answer_says_what_is_left(ask):
    for left in (7, 6):
        answer = ask("meetings")
        assert answer.headers["RateLimit-Policy"] == '"member";q=8;w=60'
        assert answer.headers["RateLimit"].startswith(f'"member";r={left};t=')
    assert ask("meetings", token=None).headers["RateLimit"].startswith('"visitor";r=3;t=')


def test_one_too_many_is_told_when_the_next_is_welcome(ask, django_assert_num_queries):
    for _ in range(4):
        assert ask("meetings", token=None).status_code == 200
    with django_assert_num_queries(0):
        refused = ask("meetings", token=None)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"visitor";r=0;t=')
    assert refused.json()["type"].endswith("#too-many-requests")
    assert ask("meetings").status_code == 200, "a member behind the same address"


def test_each_token_has_a_count_of_its_own(ask, town):
    other = token_of(town.member).written
    for _ in range(8):
        ask("meetings")
    assert ask("meetings").status_code == 429
    assert ask("meetings", token=other).status_code == 200


def test_whoever_tries_tokens_is_counted_as_a_visitor(ask):
    statuses = [ask("segments", token=f"cp_live_{n:036}").status_code for n in range(6)]
    assert statuses == [401, 401, 401, 401, 429, 429]


def test_of_many_at_once_none_is_counted_twice_or_not_at_all():
    counter, policy = limits.Counter(), limits.Policy("visitor", 50)
    lefts = [one.left for one in at_once(*[lambda: counter.spend(policy, "many")] * 20)]
    assert sorted(lefts) == list(range(30, 50))


def test_what_is_over_costs_redis_nothing(monkeypatch, no_redis):
    counter, policy = limits.Counter(), limits.Policy("visitor", 1)
    monkeypatch.undo()
    counter.spend(policy, "over")
    assert counter.spend(policy, "over").is_over
    monkeypatch.setattr(limits, "_redis", pytest.fail)
    assert counter.spend(policy, "over").is_over


def test_without_redis_tokens_go_on_and_addresses_are_counted_here(ask, no_redis):
    assert [ask("meetings").status_code for _ in range(12)] == [200] * 12
    assert [ask("meetings", token=None).status_code for _ in range(3)] == [200, 429, 429]
    assert len(no_redis) == 1, "Redis is left alone for a while"


def test_addresses_that_are_forgotten_do_not_fill_the_memory(no_redis):
    counter, policy = limits.Counter(), limits.Policy("visitor", 400)
    for number in range(limits.KEYS + 10):
        counter.spend(policy, str(number))
    assert len(counter._alone) <= limits.KEYS


def test_what_one_process_counted_holds_in_another(monkeypatch):
    one, other, policy = limits.Counter(), limits.Counter(), limits.Policy("visitor", 3)
    lefts = [counter.spend(policy, "two").left for counter in (one, other, one, other)]
    assert lefts == [2, 1, 0, -1]
    assert other.over(policy, "two")
    assert one.over(policy, "two") is None, "it has not counted the one too many"
    assert one.spend(policy, "two").is_over


def test_a_window_that_ended_is_over_for_nobody(monkeypatch):
    counter, policy, now = limits.Counter(), limits.Policy("visitor", 1), limits.time.monotonic()
    for _ in range(2):
        refusal = counter.spend(policy, "late")
    monkeypatch.setattr(limits.time, "monotonic", lambda: now + refusal.seconds - 1)
    assert counter.over(policy, "late")
    monkeypatch.setattr(limits.time, "monotonic", lambda: now + refusal.seconds + 1)
    assert counter.over(policy, "late") is None


def test_a_count_without_an_end_gets_one():
    """As one has that was brought back from a copy of Redis."""
    name = f"{limits.caches['default'].key_prefix}:api:visitor:endless"
    limits._redis().set(name, 100)
    assert limits.Counter().spend(limits.Policy("visitor", 3), "endless").seconds == 60
    assert 0 < limits._redis().ttl(name) <= 60


def test_many_that_are_over_do_not_fill_the_memory():
    counter = limits.Counter()
    for number in range(limits.KEYS + 10):
        counter._remember(str(number), limits.time.monotonic() + 60)
    assert len(counter._over) <= limits.KEYS


def test_a_token_over_its_limit_is_known_without_the_database(ask, django_assert_num_queries):
    for _ in range(9):
        answer = ask("meetings")
    assert answer.status_code == 429
    with django_assert_num_queries(0):
        assert ask("segments").status_code == 429
