"""The page on which one pays, and the desk: plain HTML that says TEST, and buttons that do it."""

import json
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from memberships.gateway import checkout, money
from memberships.gateway.checkout import PlainPrice
from memberships.gateway.client import Patience
from tests.memberships.sandboxed import KEY
from tests.memberships.selling import open_session, sold

WEB = Patience.WEB


class Tags(HTMLParser):
    """Which tags there are, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.found if name == tag]


def path_of(session):
    return f"/c/pay/{session.id}"


def press(sandbox, session, do, email="buyer@example.org"):
    return sandbox.ask(path_of(session), urlencode({"do": do, "email": email}))


def test_the_page_says_what_is_sold_and_that_no_money_moves(sandbox):
    status, text = sandbox.ask(path_of(open_session(key="one")))
    assert status == 200
    assert "TEST – no money" in text
    assert "<h1>Founder</h1>" in text
    assert "149.00 USD" in text
    tags = Tags(text)
    assert [one["value"] for one in tags.all("button")] == ["card", "declined", "later"]
    assert [one["for"] for one in tags.all("label")] == ["email"]
    [email] = tags.all("input")
    assert (email["type"], email["value"]) == ("email", "reader@example.org")
    assert [one["href"] for one in tags.all("a")] == ["http://127.0.0.1:8000/membership/"]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in tags.all(
        "meta"
    )
    assert not tags.all("script")
    assert sandbox.ask("/style.css")[0] == 200


def test_what_others_typed_stays_text(sandbox):
    price = PlainPrice(name="<script>alert(1)</script>\"'", amount=1, currency="usd")
    _status, text = sandbox.ask(path_of(open_session(key="one", price=price)))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_paying_leads_back_with_the_session_s_id(sandbox):
    session = open_session(key="one")
    status, where = press(sandbox, session, "card")
    assert (status, where) == (
        303,
        f"http://127.0.0.1:8000/membership/return/?session_id={session.id}",
    )
    paid = checkout.session(session.id, patience=WEB)
    assert (paid.payment_status, paid.customer_email) == ("paid", "buyer@example.org")
    assert paid.customer_country == "US"


def test_paying_twice_pays_once(sandbox):
    session = open_session(key="one")
    assert press(sandbox, session, "card") == press(sandbox, session, "card")
    intent = checkout.session(session.id, patience=WEB).payment_intent_id
    assert money.payment(intent, patience=WEB).amount_received == 14900


def test_a_declined_buyer_stays_and_is_told(sandbox):
    session = open_session(key="one")
    status, text = press(sandbox, session, "declined")
    assert status == 402
    assert "Your card was declined." in text
    assert press(sandbox, session, "card")[0] == 303


def test_paying_late_leads_back_too(sandbox):
    session = open_session(key="one")
    assert press(sandbox, session, "later")[0] == 303
    assert checkout.session(session.id, patience=WEB).payment_status == "unpaid"


@pytest.mark.parametrize(("do", "email"), [("gold", "a@b"), ("card", ""), ("card", "nobody")])
def test_a_form_filled_in_badly_changes_nothing(sandbox, do, email):
    session = open_session(key="one")
    status, text = press(sandbox, session, do, email)
    assert status == 402
    assert "Enter an e-mail address" in text
    assert checkout.session(session.id, patience=WEB) == session


def test_a_closed_page_says_why_and_takes_no_money(sandbox):
    session = open_session(key="one")
    checkout.expire_session(session.id, patience=WEB)
    assert "This page is closed" in sandbox.ask(path_of(session))[1]
    assert press(sandbox, session, "card") == (303, path_of(session))
    paid = sold(sandbox, purchase="p-2")
    assert "Go on" in sandbox.ask(path_of(paid))[1]


@pytest.mark.parametrize(
    ("amount", "currency", "shown"), [(1, "eur", "0.01 EUR"), (5000, "jpy", "5000 JPY")]
)
def test_prices_read_as_people_write_them(sandbox, amount, currency, shown):
    price = PlainPrice(name="Founder", amount=amount, currency=currency)
    assert shown in sandbox.ask(path_of(open_session(key="one", price=price)))[1]


def at_desk(sandbox, do):
    """Press a button of the only sale that is shown."""
    fields = {one["name"]: one.get("value", "") for one in Tags(sandbox.ask("/")[1]).all("input")}
    return sandbox.ask("/", urlencode({**fields, "do": do}))


def offered(sandbox):
    return [one["value"] for one in Tags(sandbox.ask("/")[1]).all("button")]


def test_an_empty_desk_says_so(sandbox):
    open_session(key="one")
    text = sandbox.ask("/")[1]
    assert "TEST – no money" in text
    assert "Nothing was sold yet" in text


def test_at_the_desk_money_goes_back_and_comes_back(sandbox):
    session = sold(sandbox)
    assert offered(sandbox) == ["refund", "inquire", "dispute", "warn"]
    assert at_desk(sandbox, "refund") == (303, "/")
    [refund] = money.refunds_of(session.payment_intent_id, patience=WEB)
    assert (refund.status, refund.amount, refund.metadata) == ("succeeded", 14900, {})
    at_desk(sandbox, "refund_fails")
    [refund] = money.refunds_of(session.payment_intent_id, patience=WEB)
    assert refund.status == "failed"


@pytest.mark.parametrize("ending", ["won", "lost"])
@pytest.mark.parametrize("beginning", ["inquire", "dispute"])
def test_at_the_desk_banks_dispute_and_decide(sandbox, beginning, ending):
    session = sold(sandbox)
    at_desk(sandbox, beginning)
    assert offered(sandbox)[-2:] == ["won", "lost"]
    at_desk(sandbox, ending)
    [dispute] = money.disputes_of(session.payment_intent_id, patience=WEB)
    assert dispute.status == ending


@pytest.mark.parametrize(("do", "status"), [("arrives", "paid"), ("bounces", "unpaid")])
def test_at_the_desk_late_payments_arrive_or_fail(sandbox, do, status):
    session = sold(sandbox, way="later")
    assert offered(sandbox) == ["arrives", "bounces"]
    at_desk(sandbox, do)
    assert checkout.session(session.id, patience=WEB).payment_status == status
    assert offered(sandbox)[:1] != ["arrives"]


def test_a_button_that_is_gone_does_nothing(sandbox):
    session = sold(sandbox, way="later")
    at_desk(sandbox, "arrives")
    assert at_desk(sandbox, "bounces")[0] == 400
    assert at_desk(sandbox, "shout")[0] == 400
    assert checkout.session(session.id, patience=WEB).payment_status == "paid"


@pytest.mark.parametrize("ending", ["expired", "paid"])
def test_no_way_leads_to_paying_on_a_closed_session(sandbox, ending):
    session = open_session(key="one")
    if ending == "paid":
        sandbox.control("pay", session=session.id)
    else:
        checkout.expire_session(session.id, patience=WEB)
    before = checkout.session(session.id, patience=WEB)
    status, _body = sandbox.ask("/control/pay", json.dumps({"session": session.id}), key=KEY)
    assert status == 400
    assert checkout.session(session.id, patience=WEB) == before
