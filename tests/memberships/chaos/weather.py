"""Weather: what goes wrong around the site, by chance.

Processes die before and after any call to Stripe, any statement and any commit; Stripe's answers
are lost or are no answers; and while one worker waits for Stripe, others get ahead of it.
"""

from collections import Counter
from contextlib import contextmanager
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

from django.db import connection, transaction

from memberships.models import Purchase, Refund
from tests.memberships.stripe_contract import Spy

# How likely the process dies at each place that it passes.
ODDS = {
    "before Stripe": 0.03,
    "after Stripe": 0.03,
    "at a statement": 0.004,
    "before a commit": 0.04,
    "after a commit": 0.04,
}
OVERTAKEN = 0.08  # how likely others get their turn while somebody waits for Stripe
FAULTS = ["500", "500_after", "503", "503", "429", "409", "drop_before", "drop_after"]
SLOW = ["timeout_before", "timeout_after"]
CALLS = ["", "", "GET", "POST", "POST /v1/refunds", "POST /v1/refunds", "POST /v1/checkout"]


class Killed(BaseException):
    """The process ends here: nobody catches this, as nobody catches a kill."""


class Died(Exception):
    """What the world outside sees of a process that was killed."""


class Weather:
    """Fair until `is_stormy`. Only what is done `outdoors` is struck."""

    def __init__(self, chance, sandbox):
        self.chance = chance
        self.is_stormy = False
        self.deaths = Counter()
        self.gusts = 0
        self.overtake = None  # what others do while somebody waits for Stripe
        self.held_open = 0  # calls to Stripe from within a transaction: there must be none
        self.unwritten = 0  # refunds and sessions asked for before their row was committed
        self._sandbox = sandbox
        self._depth = 0

    def outdoors(self, work):
        """What came of it. Raises Died where the process was killed, and whatever it raises."""
        self._depth += 1
        try:
            return work()
        except Killed as killed:
            self.deaths[str(killed)] += 1
            raise Died from None
        finally:
            self._depth -= 1

    def gust(self):
        """Something befalls the next calls to Stripe."""
        self.gusts += 1
        kind = self.chance.choice(FAULTS if self.chance.random() < 0.95 else SLOW)
        times = 1 if kind in SLOW else self.chance.randint(1, 4)
        call = self.chance.choice(CALLS)
        self._sandbox.control("fault", kind=kind, call=call, times=times, seconds=0.6)

    def clear_up(self):
        """From here on nothing goes wrong, and everybody is waited for."""
        self.is_stormy = False
        Spy.timeout_s = None
        self._sandbox.control("faults_end")

    @contextmanager
    def over(self):
        """Everything that can be struck is, inside."""
        with (
            mock.patch.object(Spy, "request", self._request()),
            mock.patch.object(Spy, "timeout_s", 0.5),
            mock.patch.object(transaction.Atomic, "__exit__", self._exit()),
            connection.execute_wrapper(self._execute),
        ):
            yield self

    def _strike(self, where):
        if self.is_stormy and self._depth and self.chance.random() < ODDS[where]:
            raise Killed(where)

    def _request(self):
        ask = Spy.request

        def request(spy, method, url, headers, post_data=None):
            self.held_open += connection.in_atomic_block
            if method.upper() == "POST":
                self.unwritten += not self._is_written(urlsplit(url).path, headers, post_data)
            self._strike("before Stripe")
            answer = ask(spy, method, url, headers, post_data)
            self._strike("after Stripe")
            if self.is_stormy and self._depth == 1 and self.chance.random() < OVERTAKEN:
                self.overtake()
            return answer

        return request

    def _is_written(self, path, headers, post_data):
        """Whether the row whose money this is about was there before Stripe is told."""
        sent = dict(parse_qsl(post_data or ""))
        depth, self._depth = self._depth, 0
        try:
            if path == "/v1/refunds":
                key = headers["Idempotency-Key"]
                rows = Refund.objects.filter(pk=sent["metadata[refund_id]"], idempotency_key=key)
                return rows.exists()
            if path == "/v1/checkout/sessions":
                return Purchase.objects.filter(pk=sent["metadata[purchase]"]).exists()
            return True
        finally:
            self._depth = depth

    def _execute(self, execute, sql, params, many, context):
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self._strike("at a statement")
        return execute(sql, params, many, context)

    def _exit(self):
        leave = transaction.Atomic.__exit__

        def exit_(block, kind, error, traceback):
            is_commit = kind is None and connection.in_atomic_block and not connection.savepoint_ids
            if is_commit:
                try:
                    self._strike("before a commit")
                except Killed as killed:
                    leave(block, Killed, killed, None)
                    raise
            leave(block, kind, error, traceback)
            if is_commit:
                self._strike("after a commit")

        return exit_
