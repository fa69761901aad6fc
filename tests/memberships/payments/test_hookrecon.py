"""An auditor from outside: hookrecon compares what Stripe has sold with what stands in our rows.

It is told where Stripe is by `stripe.api_base`, in a process of its own, and reads our database
with SQL that knows nothing of our code. Exit status 0: all is there; 1: something is missing.
"""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from memberships.models import Purchase
from memberships.payments import tasks
from tests.memberships.factories import PlanFactory
from tests.memberships.payments.buying import at_checkout, pay, put_in, refund_of, take_up, told
from tests.memberships.sandboxed import KEY

pytestmark = pytest.mark.django_db(transaction=True)

TAKEN_IN = "paid_at IS NOT NULL AND state NOT IN ('created', 'open', 'processing')"
CHECKS = [
    {
        "name": "paid session without a purchase that was paid",
        "event": "checkout.session.completed",
        "sql": f"SELECT 1 FROM memberships_purchase WHERE checkout_session_id = $1 AND {TAKEN_IN}",
        "money": "data.object.amount_total",
    },
    {
        "name": "payment without a membership, unless it went back",
        "event": "payment_intent.succeeded",
        "sql": "SELECT 1 FROM memberships_purchase p LEFT JOIN memberships_membership m"
        " ON m.purchase_id = p.id WHERE p.payment_intent_id = $1"
        " AND (m.id IS NOT NULL OR p.amount_refunded = p.amount_total)",
        "money": "data.object.amount_received",
    },
    {
        "name": "refund that we do not know",
        "event": "refund.created",
        "sql": "SELECT 1 FROM memberships_refund WHERE stripe_refund_id = $1",
        "money": "data.object.amount",
    },
]
RUN = (
    "import sys, stripe; from hookrecon.cli import main;"
    " stripe.api_base = sys.argv[1]; sys.exit(main(['check', '--json']))"
)


@pytest.fixture
def audited(sandbox, tmp_path):
    """The exit status of an audit, and the ids that it misses, by the name of the check."""
    told_to_it = {
        "stripe": {"apiKeyEnv": "AUDITORS_KEY", "lookbackDays": 1},
        "database": {"urlEnv": "AUDITORS_DATABASE"},
        "checks": CHECKS,
    }
    (tmp_path / "hookrecon.config.json").write_text(json.dumps(told_to_it))
    of = connection.settings_dict
    database = f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"

    def audit():
        done = subprocess.run(
            [sys.executable, "-c", RUN, sandbox.url],
            cwd=tmp_path,
            env={**os.environ, "AUDITORS_KEY": KEY, "AUDITORS_DATABASE": database},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        assert report["run"]["eventsScanned"], "nothing was compared"
        missing = {
            check["name"]: [drift["objectId"] for drift in check["drifts"]]
            for check in report["checks"]
            if check["drifts"]
        }
        return done.returncode, missing

    return audit


def sale(sandbox, plan):
    purchase = at_checkout(plan=plan)
    pay(sandbox, purchase)
    return purchase


def hear(*purchases):
    """Every webhook about these arrives, and is taken up."""
    sessions = {one.checkout_session_id for one in purchases}
    for event in told(purchases[0]):
        if event.object_id in sessions:
            put_in(event)
    take_up()


@pytest.mark.slow
def test_auditor_misses_the_one_payment_whose_webhook_was_withheld(sandbox, audited):
    plan = PlanFactory(active=True)
    kept, returned = sale(sandbox, plan), sale(sandbox, plan)
    at_checkout(plan=plan)  # and nobody pays
    hear(kept, returned)
    kept.refresh_from_db()
    returned.refresh_from_db()
    refund_of(kept, amount=500, origin="staff")
    refund_of(returned)
    take_up()
    assert Purchase.objects.filter(state="refunded").get() == returned
    assert audited() == (0, {})

    withheld = sale(sandbox, plan)
    status, missing = audited()
    assert status == 1
    assert list(missing) == [check["name"] for check in CHECKS[:2]]
    assert missing[CHECKS[0]["name"]] == [withheld.checkout_session_id]

    tasks.reconcile()
    assert audited() == (0, {})
