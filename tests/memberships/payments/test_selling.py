"""From the button to Stripe's page. Numbers in names are rows of the matrix."""

from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from memberships.gateway import checkout
from memberships.gateway.client import Patience
from memberships.models import Membership, Plan, PlanStock, Purchase
from memberships.payments import openings, selling
from memberships.purchases import plans
from tests.memberships.factories import (
    MembershipFactory,
    OpenPurchaseFactory,
    PlanFactory,
    PlanStockFactory,
    PurchaseFactory,
    UserFactory,
)
from tests.memberships.payments.buying import access, bought, pay, settled
from tests.memberships.sandboxed import impatience

pytestmark = pytest.mark.django_db

HALF_AN_HOUR = timedelta(minutes=31)


@pytest.fixture
def plan():
    return PlanFactory(active=True)


@pytest.fixture
def user():
    return UserFactory()


def begin(user, plan, *, return_to="", now=None, **more):
    return selling.begin(
        user=user, plan_id=plan.pk, return_to=return_to, now=now or timezone.now(), **more
    )


def at_stripe():
    """Every session that Stripe has, oldest first."""
    since = timezone.now() - timedelta(hours=1)
    return checkout.sessions_since(since, patience=Patience.WEB)


def asked(spy):
    """The keys under which sessions were asked for."""
    return [
        headers["Idempotency-Key"]
        for method, path, headers, _body in spy.calls
        if (method, path) == ("POST", "/v1/checkout/sessions")
    ]


def nothing_was_begun():
    return not Purchase.objects.exists() and at_stripe() == []


# The way that goes well


def test_buyer_is_led_to_a_session_for_what_they_read(sandbox, spy, user, plan, settings):
    now = timezone.now()
    begun = begin(user, plan, return_to="/meetings/1/?t=5", now=now, terms="19900 usd 30")
    purchase = Purchase.objects.get()
    [session] = at_stripe()
    assert begun.purchase == purchase
    assert begun.url == purchase.checkout_url == session.url
    assert (purchase.state, purchase.checkout_session_id) == ("open", session.id)
    assert (purchase.amount_total, purchase.currency, purchase.plan) == (19_900, "usd", plan)
    assert (purchase.return_to, purchase.place) == ("/meetings/1/?t=5", "none")
    assert purchase.expires_at == now + HALF_AN_HOUR
    assert purchase.version > 0
    assert (session.amount_total, session.currency) == (19_900, "usd")
    assert session.metadata == {"purchase": str(purchase.pk)}
    assert session.client_reference_id == str(purchase.pk)
    assert session.customer_email == user.email
    assert asked(spy) == [f"checkout-{purchase.pk}-1"]
    sent = parse_qs(spy.calls[0][3])
    back = f"{settings.SITE_URL}/membership/return/?session_id={{CHECKOUT_SESSION_ID}}"
    assert sent["success_url"] == [back]
    assert sent["cancel_url"] == [f"{settings.SITE_URL}/membership/"]


def test_place_is_held_while_the_buyer_is_at_checkout(sandbox, user):
    plan = PlanStockFactory(plan__active=True, capacity=1).plan
    begun = begin(user, plan)
    assert begun.purchase.place == "held"
    pay(sandbox, begun.purchase)
    assert settled(begun.purchase).place == "sold"
    plan.stock.refresh_from_db()
    assert (plan.stock.held, plan.stock.sold) == (0, 1)


def test_row_is_committed_with_its_place_and_times_before_stripe_is_called(
    sandbox, user, monkeypatch
):
    plan = PlanStockFactory(plan__active=True, capacity=1).plan
    seen = []

    def look(purchase, *, email):
        stored = Purchase.objects.get()
        seen.append((stored.state, stored.place, stored.expires_at, stored.checkout_session_id))
        raise KeyboardInterrupt  # killed between the row and the call

    monkeypatch.setattr(openings, "ask", look)
    now = timezone.now()
    with pytest.raises(KeyboardInterrupt):
        begin(user, plan, now=now)
    assert seen == [("created", "held", now + HALF_AN_HOUR, None)]


def test_price_kept_at_stripe_is_asked_for_by_its_id(sandbox, user):
    plan = PlanFactory(active=True, stripe_price_id="price_sandbox_19900_usd")
    begin(user, plan)
    assert at_stripe()[0].amount_total == 19_900


@pytest.mark.parametrize("price", ["price_sandbox_29900_usd", "price_sandbox_19900_eur"])
def test_row_32_price_kept_at_stripe_that_is_not_the_plan_s_is_never_shown(
    sandbox, user, price, caplog
):
    plan = PlanFactory(active=True, stripe_price_id=price)
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)
    assert [one.status for one in at_stripe()] == ["expired"]
    assert Purchase.objects.get().state == "expired"


# Pressing again


def test_row_1_second_click_comes_to_the_same_session(sandbox, spy, user, plan):
    first = begin(user, plan, return_to="/meetings/1/")
    second = begin(user, plan, return_to="/meetings/2/")
    third = begin(user, plan)
    assert first.url == second.url == third.url
    assert len(at_stripe()) == len(asked(spy)) == 1
    assert Purchase.objects.get().return_to == third.purchase.return_to == "/meetings/2/"


def test_session_that_is_open_is_led_to_though_stripe_is_silent(sandbox, user, plan):
    first = begin(user, plan)
    sandbox.control("fault", kind="503", call="GET", times=9)
    again = begin(user, plan, return_to="/meetings/2/")
    assert again.url == first.url
    assert again.purchase.version == first.purchase.version + 1  # whoever settles, fetches again


def test_row_44_press_after_paying_elsewhere_finds_a_member(sandbox, user, plan):
    begun = begin(user, plan)
    pay(sandbox, begun.purchase)
    with pytest.raises(selling.AlreadyMember, match="need not pay again"):
        begin(user, plan)
    assert access(begun.purchase)
    assert len(at_stripe()) == 1


def test_row_47_press_while_the_money_is_on_its_way_buys_nothing_twice(sandbox, user, plan):
    begun = begin(user, plan)
    pay(sandbox, begun.purchase, "later")
    with pytest.raises(selling.PaymentUnderWay) as refusal:
        begin(user, plan)
    assert refusal.value.purchase == begun.purchase
    sandbox.control("fault", kind="503", call="GET", times=9)
    with pytest.raises(selling.PaymentUnderWay):
        begin(user, plan)
    sandbox.control("faults_end")
    session = begun.purchase.checkout_session_id
    sandbox.control("settle_payment", session=session, succeeds=False)
    again = begin(user, plan)
    assert again.purchase != begun.purchase
    assert [one.status for one in at_stripe()] == ["complete", "open"]


def test_row_49_after_the_time_is_over_a_new_session_is_opened(sandbox, user):
    plan = PlanStockFactory(plan__active=True, capacity=1).plan
    first = begin(user, plan)
    sandbox.control("clock", shift_s=3600)
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)  # our clock is an hour behind: Stripe finds the time too short
    later = timezone.now() + timedelta(hours=1)
    second = begin(user, plan, now=later)
    assert second.url != first.url
    first.purchase.refresh_from_db()
    assert (first.purchase.state, first.purchase.place) == ("expired", "none")
    plan.stock.refresh_from_db()
    assert plan.stock.held == 1


def test_row_49_session_past_its_time_that_stripe_cannot_tell_of_is_not_replaced(
    sandbox, user, plan
):
    begun = begin(user, plan)
    Purchase.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    sandbox.control("fault", kind="503", call="GET", times=9)
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)
    assert Purchase.objects.get() == begun.purchase


def test_address_that_a_webhook_did_not_write_down_is_asked_for_again(sandbox, user, plan):
    begun = begin(user, plan)
    Purchase.objects.update(checkout_url="", state="created")
    again = begin(user, plan)
    assert again.url == begun.url
    assert len(at_stripe()) == 1


def test_what_another_person_has_begun_is_theirs(sandbox, user, plan):
    other = begin(UserFactory(), plan)
    assert begin(user, plan).url != other.url


def test_gift_that_is_being_bought_is_not_in_the_way(sandbox, user, plan):
    OpenPurchaseFactory(user=user, kind="gift", plan=plan)
    assert begin(user, plan).purchase.kind == "self"


# What is offered


def test_nothing_on_offer_nothing_begun(sandbox, user):
    with pytest.raises(selling.NothingOnOffer):
        begin(user, PlanFactory())
    assert nothing_was_begun()


def test_without_a_key_nothing_is_on_offer(user, plan, settings):
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(selling.NothingOnOffer):
        begin(user, plan)
    assert not Purchase.objects.exists()


def test_row_32_plan_that_was_succeeded_while_it_was_read_is_not_sold(sandbox, user, plan):
    dearer = plans.succeed(
        plan=plan, terms=plans.Terms(name="Founder", amount=29_900, currency="usd")
    )
    with pytest.raises(selling.OfferChanged, match="read it again"):
        begin(user, plan)
    assert nothing_was_begun()
    assert begin(user, dearer).purchase.amount_total == 29_900


@pytest.mark.parametrize(
    "change", [{"amount": 29_900}, {"currency": "eur"}, {"guarantee_days": 14}]
)
def test_row_32_terms_that_were_edited_while_they_were_read_are_not_sold(
    sandbox, user, plan, change
):
    read = selling.terms_of(plan)
    Plan.objects.update(**change)
    with pytest.raises(selling.OfferChanged):
        begin(user, plan, terms=read)
    assert nothing_was_begun()


def test_row_32_price_is_never_taken_from_the_browser(sandbox, user, plan):
    with pytest.raises(selling.OfferChanged):
        begin(user, plan, terms="1 usd 30")
    with pytest.raises(selling.OfferChanged):
        selling.begin(user=user, plan_id=0, return_to="", now=timezone.now())
    assert nothing_was_begun()


def test_session_of_a_plan_that_is_no_longer_offered_is_closed_and_another_opened(sandbox, user):
    old = PlanStockFactory(plan__active=True, capacity=1).plan
    first = begin(user, old)
    new = plans.succeed(plan=old, terms=plans.Terms(name="Next", amount=24_900, currency="usd"))
    second = begin(user, new)
    assert [(one.status, one.amount_total) for one in at_stripe()] == [
        ("expired", 19_900),
        ("open", 24_900),
    ]
    first.purchase.refresh_from_db()
    assert (first.purchase.state, second.purchase.plan) == ("expired", new)
    old.stock.refresh_from_db()
    assert old.stock.held == 0


def test_session_of_an_old_plan_that_was_paid_meanwhile_is_kept(sandbox, user, plan):
    first = begin(user, plan)
    new = plans.succeed(plan=plan, terms=plans.Terms(name="Next", amount=24_900, currency="usd"))
    pay(sandbox, first.purchase)
    with pytest.raises(selling.AlreadyMember):
        begin(user, new)
    assert access(first.purchase)


def test_unopened_purchase_of_an_old_plan_makes_way(sandbox, user, plan):
    lost, found = PurchaseFactory(user=user, plan=plan, expires_at=timezone.now()), None
    new = plans.succeed(plan=plan, terms=plans.Terms(name="Next", amount=24_900, currency="usd"))
    found = begin(user, new)
    lost.refresh_from_db()
    assert (lost.state, found.purchase.amount_total) == ("expired", 24_900)


def test_lost_session_of_an_old_plan_is_found_and_closed(sandbox, user, plan):
    begin(user, plan)
    Purchase.objects.update(state="created", checkout_session_id=None, checkout_url="")
    new = plans.succeed(plan=plan, terms=plans.Terms(name="Next", amount=24_900, currency="usd"))
    begin(user, new)
    assert [one.status for one in at_stripe()] == ["expired", "open"]


def test_row_45_sold_out_takes_nothing(sandbox, user):
    plan = PlanStockFactory(plan__active=True, capacity=1).plan
    begin(UserFactory(), plan)
    with pytest.raises(selling.SoldOut, match="within half an hour"):
        begin(user, plan)
    PlanStock.objects.update(held=0, sold=1)
    with pytest.raises(selling.SoldOut, match="Every place is sold"):
        begin(user, plan)
    assert Purchase.objects.count() == len(at_stripe()) == 1


# Who may buy


def test_row_44_member_is_refused_before_a_session_is_made(sandbox, plan):
    member = MembershipFactory().user
    with pytest.raises(selling.AlreadyMember, match="member already"):
        begin(member, plan)
    assert nothing_was_begun()


def test_row_44_paused_membership_is_one(sandbox, plan):
    member = MembershipFactory(status=Membership.Status.SUSPENDED).user
    with pytest.raises(selling.AlreadyMember, match="paused"):
        begin(member, plan)
    assert nothing_was_begun()


@pytest.mark.parametrize("days", [-1, 30])
def test_grant_for_a_time_is_bought_over(sandbox, plan, days):
    until = timezone.now() + timedelta(days=days)
    grant = MembershipFactory(started_at=until - timedelta(days=90), lasts_until=until)
    begun = begin(grant.user, plan)
    pay(sandbox, begun.purchase)
    settled(begun.purchase)
    grant.refresh_from_db()
    assert grant.status == "ended"
    assert access(begun.purchase)


def test_gift_for_a_time_is_not_bought_over(sandbox, plan):
    until = timezone.now() + timedelta(days=30)
    gift = MembershipFactory(
        source="gift", lasts_until=until, purchase=PurchaseFactory(kind="gift", plan=plan)
    )
    with pytest.raises(selling.AlreadyMember):
        begin(gift.user, plan)


def test_refunded_member_buys_again(sandbox, user, plan):
    first = bought(sandbox, user=user, plan=plan)
    sandbox.control("dashboard_refund", payment_intent=first.payment_intent_id)
    settled(first)
    begun = begin(user, plan)
    pay(sandbox, begun.purchase)
    assert settled(begun.purchase).state == "paid"
    assert access(begun.purchase)


def test_row_50_address_that_changes_after_the_session_changes_nothing(sandbox, user, plan):
    first = begin(user, plan)
    user.email = "moved@example.org"
    user.save()
    assert begin(user, plan).url == first.url


# When Stripe fails


def unopened(user, plan):
    """The row of a buyer whose try came to nothing that they saw."""
    with pytest.raises(selling.CannotSellNow, match="Nothing was taken"):
        begin(user, plan)
    purchase = Purchase.objects.get()
    assert (purchase.state, purchase.checkout_session_id) == ("created", None)
    return purchase


@pytest.mark.parametrize("kind", ["503", "429", "drop_before", "409"])
def test_row_18_same_key_asks_again_when_stripe_did_nothing(sandbox, spy, user, plan, kind):
    sandbox.control("fault", kind=kind, call="POST", times=9)
    purchase = unopened(user, plan)
    sandbox.control("faults_end")
    begun = begin(user, plan)
    assert begun.purchase == purchase
    assert set(asked(spy)) == {f"checkout-{purchase.pk}-1"}
    assert [one.url for one in at_stripe()] == [begun.url]


def test_row_14_lost_answer_leads_to_the_session_that_was_made(sandbox, user, plan):
    sandbox.control("fault", kind="drop_after", call="POST", times=2)
    unopened(user, plan)
    [session] = at_stripe()
    assert begin(user, plan).url == session.url
    assert len(at_stripe()) == 1


def test_silence_of_stripe_ends_in_a_sentence(sandbox, user, plan):
    sandbox.control("fault", kind="timeout_after", call="POST", times=2, seconds=1)
    with impatience():
        unopened(user, plan)
    [session] = at_stripe()
    assert begin(user, plan).url == session.url


def test_row_17_failure_that_is_kept_under_the_key_is_got_over_by_the_next(
    sandbox, spy, user, plan
):
    sandbox.control("fault", kind="500", call="POST")
    purchase = unopened(user, plan)
    begun = begin(user, plan)
    keys = [f"checkout-{purchase.pk}-{attempt}" for attempt in (1, 1, 2)]
    assert asked(spy) == keys
    assert (begun.purchase.pk, begun.purchase.attempt) == (purchase.pk, 2)
    assert len(at_stripe()) == 1


def test_row_17_session_behind_a_kept_failure_is_adopted(sandbox, user, plan):
    sandbox.control("fault", kind="500_after", call="POST")
    unopened(user, plan)
    [session] = at_stripe()
    begun = begin(user, plan)
    assert (begun.url, begun.purchase.attempt) == (session.url, 1)
    assert len(at_stripe()) == 1


def test_row_49_kept_failure_whose_time_is_too_short_begins_anew(sandbox, user):
    plan = PlanStockFactory(plan__active=True, capacity=1).plan
    sandbox.control("fault", kind="500", call="POST")
    first = unopened(user, plan)
    begun = begin(user, plan, now=timezone.now() + timedelta(minutes=2))
    first.refresh_from_db()
    assert (first.state, first.place) == ("expired", "none")
    assert (begun.purchase.state, begun.purchase.place) == ("open", "held")
    assert begun.purchase.pk != first.pk
    plan.stock.refresh_from_db()
    assert plan.stock.held == 1


def test_row_49_row_that_was_left_before_the_call_begins_anew_when_stripe_finds_it_too_late(
    sandbox, user, plan
):
    left = PurchaseFactory(user=user, plan=plan, expires_at=timezone.now() + timedelta(minutes=20))
    begun = begin(user, plan)
    left.refresh_from_db()
    assert (left.state, begun.purchase.state) == ("expired", "open")
    assert len(at_stripe()) == 1


def test_row_49_answer_that_is_kept_though_the_session_is_over_begins_anew(sandbox, user, plan):
    sandbox.control("fault", kind="drop_after", call="POST", times=2)
    first = unopened(user, plan)
    sandbox.control("clock", shift_s=3600)
    begun = begin(user, plan, now=timezone.now() + timedelta(hours=1))
    first.refresh_from_db()
    assert (first.state, begun.purchase.state) == ("expired", "open")
    assert [one.status for one in at_stripe()] == ["expired", "open"]


def test_address_that_changed_between_two_tries_is_no_error_of_the_buyer_s(
    sandbox, spy, user, plan
):
    sandbox.control("fault", kind="drop_after", call="POST", times=2)
    unopened(user, plan)
    [session] = at_stripe()
    user.email = "moved@example.org"
    user.save()
    assert begin(user, plan).url == session.url
    assert len(at_stripe()) == 1


def test_address_that_changed_after_a_kept_failure_is_no_error_either(sandbox, user, plan):
    sandbox.control("fault", kind="500", call="POST")
    unopened(user, plan)
    user.email = "moved@example.org"
    user.save()
    assert begin(user, plan).purchase.attempt == 2
    assert [one.customer_email for one in at_stripe()] == ["moved@example.org"]


def test_plan_that_stripe_does_not_sell_ends_in_a_sentence_and_holds_no_place(
    sandbox, user, caplog
):
    plan = PlanStockFactory(plan__active=True, plan__stripe_price_id="price_gone", capacity=1).plan
    for _again in range(2):
        with pytest.raises(selling.CannotSellNow):
            begin(user, plan)
    assert [one.state for one in Purchase.objects.all()] == ["expired"] * 2
    plan.stock.refresh_from_db()
    assert plan.stock.held == 0


def test_key_that_stripe_does_not_take_says_nothing_of_the_sale(sandbox, user, plan, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    purchase = unopened(user, plan)
    settings.STRIPE_SECRET_KEY = "sk_test_sandbox"
    assert begin(user, plan).purchase == purchase


def test_stripe_reckons_tax_only_where_it_is_told_to(sandbox, spy, user, plan, settings):
    begin(UserFactory(), plan)
    settings.STRIPE_TAX = True
    sandbox.control("tax", rates=[{"name": "VAT", "percentage": 19, "inclusive": True}])
    purchase = begin(user, plan).purchase
    asked_for = [body for method, path, _headers, body in spy.calls if method == "POST"]
    assert ["automatic_tax" in body for body in asked_for] == [False, True]
    pay(sandbox, purchase)
    paid = settled(purchase)
    assert (paid.state, paid.amount_total, paid.amount_tax) == ("paid", 19_900, 3_177)


def test_session_that_stripe_does_not_know_any_more_ends_in_a_sentence(sandbox, user, plan):
    OpenPurchaseFactory(user=user, plan=plan)
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)


def test_row_11_account_that_is_closed_during_the_call_is_sold_nothing(
    sandbox, user, plan, monkeypatch
):
    ask = openings.ask

    def slowly(purchase, *, email):
        session = ask(purchase, email=email)
        Purchase.objects.update(user=None)
        return session

    monkeypatch.setattr(openings, "ask", slowly)
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)
    assert [one.status for one in at_stripe()] == ["expired"]
    assert Purchase.objects.get().state == "expired"


def test_session_of_a_row_that_ended_during_the_call_is_closed(sandbox, user, plan, monkeypatch):
    ask, ended = openings.ask, []

    def slowly(purchase, *, email):
        session = ask(purchase, email=email)
        if not ended:
            ended.append(openings.end(purchase))
        return session

    monkeypatch.setattr(openings, "ask", slowly)
    begun = begin(user, plan)
    assert ended == [True]
    assert [one.status for one in at_stripe()] == ["expired", "open"]
    assert at_stripe()[1].url == begun.url


def test_row_32_lost_session_of_another_price_is_never_shown(sandbox, user, plan, caplog):
    plan = PlanFactory(stripe_price_id="price_sandbox_100_usd")
    plans.offer(plan=plan, active=True)
    sandbox.control("fault", kind="500_after", call="POST")
    unopened(user, plan)
    with pytest.raises(selling.CannotSellNow):
        begin(user, plan)
    assert [one.status for one in at_stripe()] == ["expired"]
    assert Purchase.objects.get().state == "expired"


def test_row_44_membership_that_begins_between_the_look_and_the_row_is_seen(
    sandbox, user, plan, monkeypatch
):
    look = selling._on_offer

    def slowly(plans, plan_id, terms):
        found = look(plans, plan_id, terms)
        if not Membership.objects.exists():
            MembershipFactory(user=user)
        return found

    monkeypatch.setattr(selling, "_on_offer", slowly)
    with pytest.raises(selling.AlreadyMember):
        begin(user, plan)
    assert nothing_was_begun()
