"""From the button to reading and back, over the real parts, with one of them missing at a time.

A real process stands in for Stripe, its webhooks come over HTTP to a real server, Stripe's page is
asked for as a browser does, and the worker that dies is a process. Numbers are rows of the matrix.
"""

import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone
from kombu import pools
from kombu.exceptions import OperationalError

from memberships.models import Membership, Purchase, Refund, StripeEvent
from memberships.payments import selling, tasks
from portal.celery import app
from portal.post.models import Mail
from tests.memberships.factories import PlanFactory, UserFactory
from tests.memberships.payments.buying import access, at_stripe, status, told
from tests.memberships.sandboxed import KEY, ROOT, Sandbox, connected
from tests.personas import Persona

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DEAD_BROKER = "redis://127.0.0.1:9/0"


@pytest.fixture
def shop(tmp_path, settings, monkeypatch, live_server):
    """A sandbox whose webhooks go to this site, by HTTP."""
    settings.ALLOWED_HOSTS = ["*"]
    site = live_server.url.replace("localhost", "127.0.0.1")
    one = Sandbox(tmp_path / "sandbox", f"{site}/stripe/webhook/")
    yield from connected(one, settings, monkeypatch)


@pytest.fixture
def plan():
    return PlanFactory(active=True)


@pytest.fixture
def reader(plan):
    return Persona(UserFactory())


def at_the_till(reader, plan):
    """The reader has pressed the button of the offer, and stands at Stripe's page."""
    form = {"plan": plan.pk, "terms": selling.terms_of(plan), "next": "/search/"}
    answer = reader.post("/membership/checkout/", form)
    purchase = Purchase.objects.get(user=reader.user)
    assert (answer.status_code, answer.url) == (303, purchase.checkout_url)
    return purchase


def pays(sandbox, purchase):
    """On Stripe's page, as a browser does it; the address that it leads back to."""
    form = urlencode({"do": "card", "email": "reader@example.org"})
    code, back = sandbox.ask(urlsplit(purchase.checkout_url).path, form)
    assert code == 303
    return back.partition("//")[2].partition("/")[2]


def muted(sandbox):
    """From here on events wait at Stripe."""
    sandbox.control("mute", is_on=True)


def delivered(sandbox, **how):
    """What the site answered to the events that wait."""
    return sandbox.control("deliver", **how)["statuses"]


def asks_for_the_money_back(reader):
    """In two steps, as the page has them."""
    first = reader.get("/membership/refund/")
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', first.text))
    assert reader.post("/membership/refund/", form).status_code in {302, 303}
    return Refund.objects.get()


def nothing_is_owed():
    assert Purchase.objects.paid_without_membership().count() == 0
    assert not Membership.objects.filter(purchase=None).exclude(source="grant").exists()
    assert len(set(Mail.objects.values_list("key", flat=True))) == Mail.objects.count()


def test_row_4_without_a_webhook_the_way_back_alone_opens_everything(shop, reader, plan):
    muted(shop)
    purchase = at_the_till(reader, plan)
    back = pays(shop, purchase)
    assert not access(purchase)
    answer = reader.get(f"/{back}")
    assert (answer.status_code, answer.url) == (303, "/search/")
    assert access(purchase)
    assert not StripeEvent.objects.exists()
    nothing_is_owed()


def test_row_5_without_webhook_and_way_back_reconciling_alone_does(shop, reader, plan):
    muted(shop)
    purchase = at_the_till(reader, plan)
    pays(shop, purchase)
    tasks.reconcile()
    assert access(purchase)
    asks_for_the_money_back(reader)
    tasks.reconcile()
    assert status(purchase) == ("ended", "refunded")
    nothing_is_owed()


def test_row_3_webhook_arrives_first_and_the_sweeper_does_the_rest(shop, reader, plan):
    muted(shop)
    purchase = at_the_till(reader, plan)
    back = pays(shop, purchase)
    assert delivered(shop) == [200]
    assert not access(purchase)  # kept, and nobody has looked
    tasks.take_up()
    assert access(purchase)
    assert reader.get(f"/{back}").url == "/search/"
    nothing_is_owed()


@pytest.mark.parametrize("how", [{"times": 3}, {"order": "reverse"}])
def test_rows_6_and_7_webhooks_three_times_and_in_reverse(shop, reader, plan, how):
    muted(shop)
    purchase = at_the_till(reader, plan)
    pays(shop, purchase)
    intent = told(purchase)[0].payment_intent_id
    shop.control("dashboard_refund", payment_intent=intent, amount=500)
    shop.control("dashboard_refund", payment_intent=intent)
    assert set(delivered(shop, **how)) == {200}
    assert StripeEvent.objects.count() == 5
    for _again in range(3):
        tasks.take_up()
    purchase.refresh_from_db()
    assert (purchase.state, purchase.amount_refunded) == ("refunded", plan.amount)
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [500, plan.amount - 500]
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {"processed"}
    assert not access(purchase)
    nothing_is_owed()


WORKER = """
import time
import django
django.setup()
from django.utils import timezone
from memberships.payments import attention, taking_up

def sleep(*args, **kwargs):
    print("writing", flush=True)
    time.sleep(60)

attention.write = sleep
taking_up.take_up(clock=timezone.now)
"""


def test_row_42_worker_killed_while_it_writes_is_followed_by_another(shop, reader, plan):
    """A process of its own, killed without a word, with its transaction open."""
    muted(shop)
    purchase = at_the_till(reader, plan)
    pays(shop, purchase)
    delivered(shop)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env={**os.environ, **its_settings(shop)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        assert worker.stdout.readline() == "writing\n"
        assert Purchase.objects.get().state == "open"
        worker.send_signal(signal.SIGKILL)
    assert worker.returncode == -signal.SIGKILL
    tasks.take_up()  # what it had claimed is still its own
    assert not access(purchase)
    StripeEvent.objects.update(leased_until=F("leased_until") - timedelta(minutes=6))
    tasks.take_up()
    assert access(purchase)
    event = StripeEvent.objects.get()
    assert (event.state, event.tries) == ("processed", 2)
    nothing_is_owed()


def its_settings(sandbox):
    """The environment of a process that works on the database of this test."""
    of = connection.settings_dict
    database = f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": database,
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": sandbox.url,
    }


def test_row_41_without_a_broker_webhook_and_refund_are_kept_and_swept(
    shop, reader, plan, monkeypatch, caplog
):
    dead = pools.producers[app.connection_for_write(DEAD_BROKER)]
    monkeypatch.setattr(app.amqp, "_producer_pool", dead)
    with pytest.raises(OperationalError):
        tasks.take_up.apply_async(ignore_result=True)  # so dead it is
    muted(shop)
    purchase = at_the_till(reader, plan)
    pays(shop, purchase)
    assert delivered(shop) == [200]
    tasks.take_up()
    assert access(purchase)
    refund = asks_for_the_money_back(reader)
    assert (refund.state, status(purchase)) == ("requested", ("suspended", None))
    tasks.take_up()
    refund.refresh_from_db()
    assert (refund.state, status(purchase)) == ("succeeded", ("ended", "refunded"))
    nothing_is_owed()


@pytest.mark.parametrize(("kind", "times"), [("500", 1), ("503", 9)])
def test_rows_17_and_18_stripe_answers_500_and_recovers(shop, reader, plan, kind, times):
    """Of a refund, it keeps the 500 under the key; the 503 is over after three rounds."""
    muted(shop)
    purchase = at_the_till(reader, plan)
    back = pays(shop, purchase)
    shop.control("fault", kind=kind, call="GET", times=20)
    assert reader.get(f"/{back}").status_code == 503
    delivered(shop)
    tasks.take_up()
    assert not access(purchase)
    shop.control("faults_end")
    assert reader.get(f"/{back}").url == "/search/"
    shop.control("fault", kind=kind, call="POST /v1/refunds", times=times)
    asks_for_the_money_back(reader)
    for _round in range(5):
        tasks.take_up()
        for waiting in (Refund.objects, StripeEvent.objects):
            waiting.update(next_try_at=timezone.now() - timedelta(minutes=1))
    purchase.refresh_from_db()
    assert (purchase.state, status(purchase)) == ("refunded", ("ended", "refunded"))
    assert [one.amount for one in at_stripe(purchase)] == [plan.amount]
    nothing_is_owed()
