"""Office: the site at work. Webhooks come in, workers make their rounds, reconciliation runs."""

import queue
from datetime import timedelta

from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from memberships.gateway.client import Patience
from memberships.gateway.refusals import StripeRefused
from memberships.models import Purchase, Refund, StripeEvent
from memberships.payments import reconciliation, taking_up
from memberships.payments.reduction import IncompleteFacts
from memberships.payments.selling import CannotSellNow
from memberships.payments.settling import StillMoving, settle
from portal.post import rounds
from portal.post.models import UNDER_WAY, Mail

from .weather import Died

LOST = 0.25  # of all webhooks
COPIES = [1, 1, 2, 3]
LATER = (Died, StripeRefused, StillMoving, IncompleteFacts, CannotSellNow)  # what only costs time


class Office:
    """One site, and the post that Stripe sends it."""

    def __init__(self, chance, weather, listener):
        self.chance = chance
        self.weather = weather
        self.lost = self.came_again = 0
        self.died_at_the_post = 0  # each may leave one mail sent and not written down
        self._listener = listener
        self._post = []

    def hear(self):
        """A webhook that is on its way arrives: not the oldest, perhaps again, perhaps never."""
        self._collect()
        if not self._post:
            return
        heard = self._post.pop(self.chance.randrange(len(self._post)))
        self.try_to(lambda: self._post_in(heard))

    def _collect(self):
        while True:
            try:
                heard = self._listener.heard.get_nowait()
            except queue.Empty:
                return
            if self.chance.random() < LOST:
                self.lost += 1
                continue
            copies = self.chance.choice(COPIES)
            self.came_again += copies - 1
            self._post += [heard] * copies

    def _post_in(self, heard):
        answer = Client().post(
            reverse("stripe_webhook"),
            heard.body,
            content_type="application/json",
            headers={"Stripe-Signature": heard.signature},
        )
        if answer.status_code != 200:
            self._post.append(heard)  # Stripe sends it again

    def work(self):
        """A worker's round, or what is left of it."""
        self.try_to(lambda: taking_up.take_up(clock=timezone.now))

    def send_mail(self):
        """A round of the outbox."""
        try:
            self.weather.outdoors(
                lambda: rounds.send_what_is_due(clock=timezone.now, chance=self.chance.random)
            )
        except Died:
            self.died_at_the_post += 1

    def return_page(self, user, session_id):
        """The page that Stripe leads the buyer back to."""
        browser = Client()
        browser.force_login(user)
        address = f"{reverse('checkout_return')}?session_id={session_id}"
        self.try_to(lambda: browser.get(address))

    def settle(self, purchase_id):
        """What any of us does who hears of a sale."""
        self.try_to(lambda: settle(purchase_id, now=timezone.now(), patience=Patience.WEB))

    def reconcile(self):
        """What was found; None where it could not be done."""
        now = timezone.now()
        return self.try_to(lambda: reconciliation.reconcile(since=now - timedelta(days=2), now=now))

    def try_to(self, work):
        """What came of it; None where a process died or Stripe could not be asked."""
        try:
            return self.weather.outdoors(work)
        except LATER:
            return None

    def overtake(self):
        """While somebody waits for Stripe, another does a round, or settles one sale."""
        if self.chance.random() < 0.5:
            self.work()
            return
        asked = Purchase.objects.filter(checkout_session_id__isnull=False).order_by("pk")
        if found := list(asked.values_list("pk", flat=True)):
            self.settle(self.chance.choice(found))

    def time_passes(self):
        """Pauses and leases end. Nobody is at work meanwhile, so nobody loses what is held."""
        past = timezone.now() - timedelta(minutes=1)
        Mail.objects.filter(state__in=UNDER_WAY).update(due_at=past)
        for rows in (StripeEvent.objects, Refund.objects):
            rows.update(next_try_at=past)
            rows.filter(leased_until__gt=past).update(
                leased_until=F("leased_until") - timedelta(hours=1)
            )
