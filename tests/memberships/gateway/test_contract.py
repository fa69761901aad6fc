"""The judge is judged: Stripe's own examples pass, damaged copies and wrong calls do not."""

import copy
import json
from urllib.parse import urlencode

import pytest

from tests.memberships.stripe_contract import BreaksContract, contract, of_the_wheel

KINDS = ["checkout.session", "payment_intent", "charge", "refund", "dispute", "event", "customer"]
SESSIONS = "https://api.stripe.com/v1/checkout/sessions"
REFUNDS = "https://api.stripe.com/v1/refunds"
SESSION = {
    "mode": "payment",
    "line_items[0][price]": "price_1",
    "line_items[0][quantity]": "1",
    "success_url": "https://portal.example/",
    "metadata[purchase]": "p-1",
    "expires_at": "1790000000",
    "adaptive_pricing[enabled]": "false",
}


@pytest.fixture(scope="module")
def examples():
    from django.conf import settings

    path = settings.STRIPE_OPENAPI.with_name("stripe-fixtures.json")
    if not path.exists():
        pytest.skip(f"no examples of Stripe's at {path}")
    return json.loads(path.read_text())["resources"]


@pytest.fixture(params=["named", "wheel"])
def judge(request):
    return contract() if request.param == "named" else of_the_wheel()


@pytest.mark.parametrize("kind", KINDS)
def test_stripe_s_own_examples_pass(judge, examples, kind):
    judge.check_object(kind, examples[kind])


DAMAGE = {
    "an amount in words": ("refund", ["amount"], "a hundred"),
    "half a cent": ("refund", ["amount"], 10.5),
    "no id": ("refund", ["id"], KeyError),
    "another kind": ("charge", ["object"], "refund"),
    "no truth": ("charge", ["paid"], "yes"),
    "a status of its own": ("checkout.session", ["status"], "ajar"),
    "a payment of its own": ("checkout.session", ["payment_status"], "perhaps"),
    "a deep wrong type": ("charge", ["payment_method_details", "card", "exp_year"], "2030"),
    "a list for an object": ("dispute", ["evidence"], []),
    "a dispute of its own": ("dispute", ["status"], "settled"),
    "an event without data": ("event", ["data"], KeyError),
}


@pytest.mark.parametrize(("kind", "path", "value"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_copy_is_caught(judge, examples, kind, path, value):
    damaged = copy.deepcopy(examples[kind])
    inner = damaged
    for step in path[:-1]:
        inner = inner[step]
    if value is KeyError:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    with pytest.raises(BreaksContract):
        judge.check_object(kind, damaged)


def test_a_right_call_passes(judge):
    judge.check_request("POST", SESSIONS, urlencode(SESSION))
    judge.check_request("GET", SESSIONS + "?limit=3&created[gte]=1790000000")
    judge.check_request("GET", "https://api.stripe.com/v1/events?types[0]=refund.failed")
    judge.check_request("POST", REFUNDS, "payment_intent=pi_1&amount=1&reason=duplicate")


WRONG = {
    "a word that is no reason": ("POST", REFUNDS, "payment_intent=pi_1&reason=because"),
    "an amount in words": ("POST", REFUNDS, "payment_intent=pi_1&amount=all"),
    "an unknown name": ("POST", REFUNDS, "payment_intent=pi_1&amuont=1"),
    "an unknown name within": (
        "POST",
        SESSIONS,
        urlencode({**SESSION, "line_items[0][prize]": "1"}),
    ),
    "half a piece": ("POST", SESSIONS, urlencode({**SESSION, "line_items[0][quantity]": "1.5"})),
    "an unknown mode": ("POST", SESSIONS, urlencode({**SESSION, "mode": "gift"})),
    "a text for an object": ("POST", SESSIONS, urlencode({**SESSION, "adaptive_pricing": "off"})),
    "methods of payment": (
        "POST",
        SESSIONS,
        urlencode({**SESSION, "payment_method_types[0]": "card"}),
    ),
    "an unknown question": ("GET", SESSIONS + "?colour=red", None),
    "an unknown bound": ("GET", SESSIONS + "?created[after]=1", None),
    "an address that is not": ("POST", SESSIONS + "/cs_1/open", ""),
}


@pytest.mark.parametrize(("method", "url", "body"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_call_is_caught(judge, method, url, body):
    with pytest.raises(BreaksContract):
        judge.check_request(method, url, body)


def test_a_wrong_answer_is_caught(judge, examples):
    refund = examples["refund"]
    judge.check_answer("POST", REFUNDS, 200, json.dumps(refund))
    with pytest.raises(BreaksContract):
        judge.check_answer("POST", REFUNDS, 200, json.dumps(examples["charge"]))
    with pytest.raises(BreaksContract):
        judge.check_answer("POST", REFUNDS, 400, json.dumps({"error": "no"}))
    with pytest.raises(BreaksContract):
        judge.check_answer("GET", REFUNDS, 200, json.dumps({"data": [refund]}))
