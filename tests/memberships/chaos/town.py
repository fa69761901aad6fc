"""Town: one run of the chaos loop, from the first buyer to the judgement, driven by a seed."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from structlog.testing import capture_logs

from memberships.models import Purchase, Refund, StripeEvent
from memberships.payments.selling import SoldOut
from tests.memberships.factories import PlanFactory, PlanStockFactory, StaffFactory, UserFactory
from tests.memberships.stripe_contract import Spy

from .books import Books
from .buyers import NEEDS_PLACES, SCENARIOS, WHOLE, Buyer
from .office import Office
from .oracle import verdicts
from .weather import Weather

BUYERS = 25
TOO_FEW = 6  # so many places are missing where places are scarce
TURNS_MAX = 1_500  # who is not through by then waits for what does not come
ROUNDS_MAX = 20  # within so many rounds of quiet there must be nothing left to do


@dataclass
class Report:
    """What one seed came to."""

    seed: int
    wrong: list
    violations: list  # of Stripe's specification, by us or by the sandbox
    turns: int
    deaths: Counter
    gusts: int
    lost: int
    came_again: int
    turned_away: int  # because every place was taken
    took_s: float
    scenarios: Counter = field(default_factory=Counter)

    def __str__(self):
        return (
            f"seed {self.seed:>3}: {sum(self.scenarios.values())} buyers in"
            f" {len(self.scenarios)} scenarios, {self.turns} turns, {sum(self.deaths.values())}"
            f" deaths, {self.gusts} gusts, {self.lost} webhooks lost, {self.came_again} repeated,"
            f" {self.turned_away} turned away:"
            f" {len(self.wrong)} wrong, {len(self.violations)} violations ({self.took_s:.1f} s)"
        )


class Town:
    """Buyers, the site, Stripe, and the weather over them."""

    def __init__(self, seed, sandbox, listener):
        self.seed = seed
        self.chance = random.Random(seed)
        self.sandbox = sandbox
        self.books = Books(sandbox.data)
        self.weather = Weather(self.chance, sandbox)
        self.office = Office(self.chance, self.weather, listener)
        self.weather.overtake = self.office.overtake
        is_scarce = self.chance.random() < 0.5  # there are fewer places than buyers
        self.plan = PlanStockFactory(
            plan=PlanFactory(amount=WHOLE, active=True),
            capacity=BUYERS - TOO_FEW if is_scarce else 2 * BUYERS,
        ).plan
        self.turned_away = 0
        staff = StaffFactory()
        possible = [one for one in SCENARIOS if one not in NEEDS_PLACES or not is_scarce]
        wishes = possible + self.chance.choices(possible, k=BUYERS - len(possible))
        self.buyers = {
            Buyer(number, UserFactory(), staff, self): wish for number, wish in enumerate(wishes)
        }
        self.turns = 0

    def run(self):
        """Storm until most are through, then fair weather until all are, then quiet."""
        began = time.monotonic()
        with self.weather.over(), capture_logs() as self.log:
            under_way = {buyer: wish(buyer) for buyer, wish in self.buyers.items()}
            self.weather.is_stormy = True
            self._live(under_way, until=len(under_way) // 5)
            self.weather.clear_up()
            self._live(under_way, until=0)
            rest = self._come_to_rest()
        wrong = rest + [f"{self.buyers[one].__name__} never ended" for one in under_way]
        wrong += list(verdicts(self))
        return Report(
            seed=self.seed,
            wrong=wrong,
            violations=list(Spy.violations),
            turns=self.turns,
            deaths=self.weather.deaths,
            gusts=self.weather.gusts,
            lost=self.office.lost,
            came_again=self.office.came_again,
            turned_away=self.turned_away,
            took_s=time.monotonic() - began,
            scenarios=Counter(wish.__name__ for wish in self.buyers.values()),
        )

    def _live(self, under_way, *, until):
        """Turn by turn, somebody does something, until so few buyers are left."""
        turns_max = self.turns + TURNS_MAX
        while len(under_way) > until and self.turns < turns_max:
            self.turns += 1
            draw = self.chance.random()
            if draw < 0.45:
                self._step(under_way)
            elif draw < 0.7:
                self.office.hear()
            elif draw < 0.84:
                self.office.work()
            elif draw < 0.92:
                self.office.time_passes()
            elif draw < 0.93:
                self.office.reconcile()
            elif draw < 0.94:
                self._banks_work()
            elif draw < 0.96:
                self.office.send_mail()
            elif self.weather.is_stormy:
                self.weather.gust()

    def _step(self, under_way):
        buyer = self.chance.choice(list(under_way))
        try:
            next(under_way[buyer])
        except StopIteration as through:
            buyer.endings = through.value
            del under_way[buyer]
        except SoldOut:
            buyer.endings = []
            del under_way[buyer]
            self.turned_away += 1

    def _banks_work(self):
        """What took its time arrives."""
        for refund in self.books.all("refunds"):
            if refund["status"] == "pending":
                self.sandbox.control("settle_refund", refund=refund["id"], succeeds=True)

    def _come_to_rest(self):
        """No more news from outside: reconciling and taking up until nothing is due."""
        self.sandbox.control("clock", shift_s=3_600)
        Purchase.objects.filter(state__in=["created", "open"]).update(
            expires_at=timezone.now() - timedelta(minutes=1)
        )
        for _round in range(ROUNDS_MAX):
            self._banks_work()
            self.office.time_passes()
            self.office.work()
            self.office.send_mail()
            found = self.office.reconcile()
            if found and not (found.new_events or found.settled or found.troubled or is_due()):
                return []
        return [f"it does not come to rest: {found}, due: {is_due()}"]


def is_due():
    """Whether anything waits for a worker."""
    events = StripeEvent.objects.filter(state__in=["received", "processing"])
    refunds = Refund.objects.filter(state__in=["requested", "sending"])
    return events.exists() or refunds.exists()
