"""To Stripe's page and back from it. Numbers in names are rows of the matrix."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from memberships.models import Membership, Plan, Purchase, StripeEvent
from memberships.payments import selling
from memberships.purchases import plans
from tests.memberships.factories import (
    MembershipFactory,
    OpenPurchaseFactory,
    PaidPurchaseFactory,
    PlanFactory,
    PlanStockFactory,
    UserFactory,
)
from tests.memberships.payments.buying import (
    access,
    at_checkout,
    bought,
    pay,
    put_in,
    settled,
    take_up,
    told,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db

BACK = "/meetings/1/?t=5"


@pytest.fixture
def plan():
    return PlanFactory(active=True)


@pytest.fixture
def reader():
    """Has an account, and no membership."""
    return Persona(UserFactory())


def press(persona, plan, *, back=BACK, number=None, terms=None):
    """Press the button of the offer, as its form does."""
    form = {
        "plan": plan.pk if number is None else number,
        "terms": terms or selling.terms_of(plan),
        "next": back,
    }
    return persona.post("/membership/checkout/", form)


def at_stripe_s_page(persona, plan, **more):
    """The purchase of one who pressed, and is on Stripe's page now."""
    answer = press(persona, plan, **more)
    assert answer.status_code == 303, answer
    purchase = Purchase.objects.under_way().get(user=persona.user)
    assert answer.url == purchase.checkout_url
    return purchase


def come_back(persona, purchase, **more):
    return persona.get("/membership/return/", {"session_id": purchase.checkout_session_id}, **more)


def words(answer):
    return " ".join(answer.text.partition("<main")[2].partition("</main>")[0].split())


# To Stripe's page


def test_button_leads_to_stripe_s_page(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    assert purchase.checkout_url.startswith(sandbox.url)
    assert (purchase.return_to, purchase.user) == (BACK, reader.user)


def test_row_1_second_press_leads_to_the_same_page(sandbox, reader, plan):
    first, second = press(reader, plan), press(reader, plan)
    assert first.url == second.url
    assert Purchase.objects.count() == 1


def test_visitor_signs_in_first_and_comes_back_to_the_offer(visitor, plan):
    answer = visitor.post(
        "/membership/checkout/",
        {"plan": plan.pk},
        headers={"referer": "http://127.0.0.1:8000/membership/?next=/meetings/1/"},
    )
    assert answer.url == "/accounts/login/?next=/membership/%3Fnext%3D/meetings/1/"
    assert not Purchase.objects.exists()


def test_press_needs_the_token_of_the_form(reader, plan):
    careful = Persona(reader.user, enforce_csrf_checks=True)
    assert press(careful, plan).status_code == 403
    assert not Purchase.objects.exists()


@pytest.mark.parametrize("back", ["//evil.example", "/a\x00b", "/a\nb", "/" * 3, "/a" * 300])
def test_way_back_that_is_no_path_of_ours_is_dropped(sandbox, reader, plan, back):
    assert at_stripe_s_page(reader, plan, back=back).return_to == ""


def refused(persona, answer, sentence):
    """The offer was shown again, with the sentence on it, and the way back is still known."""
    assert answer.status_code == 303
    assert answer.url == "/membership/?next=%2Fmeetings%2F1%2F%3Ft%3D5"
    page = words(persona.get(answer.url))
    assert sentence in page
    return page


def test_row_32_offer_that_changed_while_it_was_read_is_shown_again(sandbox, reader, plan):
    read = selling.terms_of(plan)
    plans.succeed(plan=plan, terms=plans.Terms(name="Next", amount=24_900, currency="usd"))
    page = refused(reader, press(reader, plan, terms=read), "The offer has changed")
    assert "$249.00" in page
    assert not Purchase.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "1" * 40, "٣", "999999"])
def test_form_that_names_no_plan_sells_nothing(sandbox, reader, plan, number):
    refused(reader, press(reader, plan, number=number), "The offer has changed")


def test_nothing_on_offer_is_said(sandbox, reader, plan):
    Plan.objects.update(active=False)
    refused(reader, press(reader, plan), "No membership is on sale")


def test_row_45_sold_out_is_said(sandbox, reader):
    plan = PlanStockFactory(plan__active=True, capacity=1, sold=1).plan
    refused(reader, press(reader, plan), "Every place is sold")


@pytest.mark.parametrize("persona", ["member", "paused"])
def test_row_44_member_is_told_so(sandbox, member, plan, persona):
    if persona == "paused":
        member.user.memberships.update(status=Membership.Status.SUSPENDED)
    sentence = {"member": "You are a member already", "paused": "Your membership is paused"}
    refused(member, press(member, plan), sentence[persona])
    assert not Purchase.objects.exists()


def test_row_47_payment_on_its_way_is_shown_and_not_taken_twice(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase, "later")
    answer = press(reader, plan)
    assert answer.status_code == 303
    assert answer.url == f"/membership/return/?session_id={purchase.checkout_session_id}"
    assert "Your payment is on its way" in words(reader.get(answer.url))


def test_silence_of_stripe_is_said_and_nothing_is_lost(sandbox, reader, plan):
    sandbox.control("fault", kind="503", call="POST", times=9)
    refused(reader, press(reader, plan), "Nothing was taken just now. Try again in a few minutes.")
    sandbox.control("faults_end")
    at_stripe_s_page(reader, plan)


@pytest.mark.parametrize("persona", ["refunded_member", "staff"])
def test_others_who_hold_nothing_may_buy(sandbox, plan, persona, request):
    at_stripe_s_page(request.getfixturevalue(persona), plan)


# And back


def test_row_4_buyer_reads_at_once_where_they_were(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase)
    answer = come_back(reader, purchase)
    assert (answer.status_code, answer.url) == (303, BACK)
    assert access(purchase)
    assert "You are a member now, for life" in words(reader.get("/"))


def test_row_3_webhook_before_the_return_changes_nothing_for_the_buyer(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase)
    put_in(told(purchase)[0])
    take_up()
    assert StripeEvent.objects.get().state == "processed"
    sandbox.control("fault", kind="503", call="GET", times=9)  # and Stripe need not be asked
    assert come_back(reader, purchase).url == BACK


def test_coming_back_again_changes_nothing(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase)
    for _again in range(3):
        assert come_back(reader, purchase).url == BACK
    assert Membership.objects.count() == 1
    purchase.refresh_from_db()
    first = purchase.version
    come_back(reader, purchase)
    purchase.refresh_from_db()
    assert purchase.version == first


def test_buyer_who_came_from_nowhere_is_welcomed(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan, back="")
    pay(sandbox, purchase)
    answer = come_back(reader, purchase)
    assert answer.status_code == 200
    page = words(answer)
    assert "You are a member now, for life" in page
    assert "$199.00" in page
    purchase.refresh_from_db()
    assert re.search(r"until \w+ \d+, 20\d\d, in any time zone", page)


def test_row_4_address_alone_grants_nothing(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    answer = come_back(reader, purchase)
    assert answer.status_code == 200
    assert "You have not paid yet" in words(answer)
    assert f'href="{purchase.checkout_url}"' in words(answer)
    assert not Membership.objects.exists()


def test_row_48_declined_card_leaves_the_way_to_pay_open(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase, "declined")
    assert "Nothing was taken" in words(come_back(reader, purchase))
    pay(sandbox, purchase)
    assert come_back(reader, purchase).url == BACK


def test_row_49_page_of_a_session_that_is_over_leads_to_the_offer(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    sandbox.control("clock", shift_s=3600)
    page = words(come_back(reader, purchase))
    assert "The time for paying is over" in page
    assert 'href="/membership/?next=%2Fmeetings%2F1%2F%3Ft%3D5"' in page


def test_row_47_late_payment_is_awaited_then_read_or_failed(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase, "later")
    assert "Your payment is on its way" in words(come_back(reader, purchase))
    assert not Membership.objects.exists()
    session = purchase.checkout_session_id
    sandbox.control("settle_payment", session=session, succeeds=True)
    assert come_back(reader, purchase).url == BACK


def test_row_47_late_payment_that_fails_is_told(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase, "later")
    session = purchase.checkout_session_id
    sandbox.control("settle_payment", session=session, succeeds=False)
    assert "The payment did not arrive" in words(come_back(reader, purchase))


def test_row_2_payment_of_a_second_tab_goes_back_and_that_is_told(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    MembershipFactory(
        user=reader.user,
        source="purchase",
        purchase=PaidPurchaseFactory(user=reader.user, plan=plan),
    )
    pay(sandbox, purchase)
    for _again in range(2):
        page = words(come_back(reader, purchase))
        assert "You paid twice: this payment goes back" in page
        assert "$199.00" in page
    refund = purchase.refunds.get()
    assert refund.origin == "duplicate"
    assert f'href="/membership/refunds/{refund.pk}/"' in page
    assert reader.get(f"/membership/refunds/{refund.pk}/").status_code == 200


def test_row_45_payment_without_a_place_goes_back_and_that_is_told(sandbox, reader):
    plan = PlanStockFactory(plan__active=True, capacity=1).plan
    purchase = at_stripe_s_page(reader, plan)
    Purchase.objects.update(place="none")
    plan.stock.refresh_from_db()
    plan.stock.held, plan.stock.sold = 0, 1
    plan.stock.save()
    pay(sandbox, purchase)
    assert "The last place was gone" in words(come_back(reader, purchase))
    assert not access(purchase)


def test_row_32_payment_that_is_not_as_expected_is_looked_at(sandbox, reader, plan):
    purchase = at_checkout(user=reader.user, plan=plan, price=100)
    pay(sandbox, purchase)
    for _again in range(2):
        page = words(come_back(reader, purchase))
        assert "We look at your payment" in page
        assert str(purchase.pk) in page
    assert not access(purchase)


def test_session_that_stripe_does_not_know_is_looked_at(sandbox, reader, plan, caplog):
    purchase = OpenPurchaseFactory(user=reader.user, plan=plan)
    assert "We look at your payment" in words(come_back(reader, purchase))


def test_refunded_purchase_leads_to_the_account(sandbox, reader, plan):
    purchase = bought(sandbox, user=reader.user, plan=plan)
    sandbox.control("dashboard_refund", payment_intent=purchase.payment_intent_id)
    settled(purchase)
    page = words(come_back(reader, purchase))
    assert "This payment opens nothing now" in page
    assert 'href="/membership/account/"' in page


def test_row_18_silence_of_stripe_is_said_and_the_page_looks_again(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase)
    sandbox.control("fault", kind="503", call="GET", times=9)
    answer = come_back(reader, purchase)
    assert answer.status_code == 503
    assert answer.headers["Refresh"] == "10"
    page = words(answer)
    assert "We are asking about your payment" in page
    assert f'href="/membership/return/?session_id={purchase.checkout_session_id}"' in page
    assert not access(purchase)
    sandbox.control("faults_end")
    assert come_back(reader, purchase).url == BACK


def test_row_51_address_of_another_buyer_is_nobody_s(sandbox, reader, visitor, staff, plan):
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase)
    sandbox.control("fault", kind="503", call="GET", times=9)  # nobody asks Stripe for them
    for stranger in (Persona(UserFactory()), staff):
        answer = come_back(stranger, purchase)
        assert answer.status_code == 404
        assert reader.user.email not in answer.text
    led = come_back(visitor, purchase)
    assert led.url.startswith("/accounts/login/?next=/membership/return/%3Fsession_id%3D")
    assert "_auth_user_id" not in visitor.session
    purchase.refresh_from_db()
    assert (purchase.state, Membership.objects.count()) == ("open", 0)


@pytest.mark.parametrize("session_id", [None, "", "cs_test_none", "\x00", "x" * 5000])
def test_unknown_session_is_404(reader, session_id):
    given = {} if session_id is None else {"session_id": session_id}
    OpenPurchaseFactory(user=reader.user)
    assert reader.get("/membership/return/", given).status_code == 404


def test_row_50_buyer_whose_address_differs_at_stripe_reads(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    sandbox.control("pay", session=purchase.checkout_session_id, email="other@example.net")
    reader.user.email = "moved@example.org"
    reader.user.save()
    assert come_back(reader, purchase).url == BACK


def test_way_there_and_back_costs_few_queries(sandbox, reader, plan, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase)
    with django_assert_max_num_queries(30):
        come_back(reader, purchase)  # the sale is written down, with its receipt and its mail
    with django_assert_max_num_queries(5):
        come_back(reader, purchase)


def test_pages_of_the_way_back_are_nobody_else_s(sandbox, reader, plan):
    purchase = at_stripe_s_page(reader, plan)
    answer = come_back(reader, purchase)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in answer.text


def test_grant_for_a_time_gives_way_to_what_was_bought(sandbox, plan):
    grant = MembershipFactory(lasts_until=timezone.now() + timedelta(days=9))
    reader = Persona(grant.user)
    purchase = at_stripe_s_page(reader, plan)
    pay(sandbox, purchase)
    assert come_back(reader, purchase).url == BACK
    assert Membership.objects.live().get().purchase == purchase
