"""The offer: what it says to whom. Numbers in names are rows of the matrix."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from memberships.models import Membership, Plan
from memberships.purchases import plans
from tests.memberships.factories import (
    MembershipFactory,
    OpenPurchaseFactory,
    PlanFactory,
    PlanStockFactory,
    UserFactory,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return PlanFactory(active=True)


@pytest.fixture
def reader():
    """Has an account, and no membership."""
    return Persona(UserFactory())


def offer(persona, back=""):
    return " ".join(persona.get("/membership/", {"next": back} if back else {}).text.split())


def has_form(page):
    return 'action="/membership/checkout/"' in page


def test_offer_says_to_everybody_what_it_opens_and_costs(visitor, plan):
    page = offer(visitor)
    for words in (
        "Instant access to full meeting videos",
        "Search and clip any phrase from complete transcripts",
        "AI-powered summaries and custom alerts",
        "Lifetime, unrestricted access to the data",
        "30-day money-back guarantee",
        "$199.00",
        "once, tax included",
        "for any reason or for none",
        "The full video of every published meeting that we have a recording of",
        "Open today: full videos, complete transcripts and their downloads",
        "Nothing renews",
        "Your card number goes to Stripe",
    ):
        assert words in page, words
    assert "!" not in page.partition("<main")[2].partition("</main>")[0]


def test_days_of_the_guarantee_are_the_plan_s(visitor):
    PlanFactory(active=True, guarantee_days=14)
    page = offer(visitor)
    assert "14-day money-back guarantee" in page
    assert "within 14 days" in page
    assert "30 day" not in page


def test_offer_names_the_seller(visitor, plan, settings):
    settings.SELLER = {
        **settings.SELLER,
        "name": "Ferry & Sons",
        "address": "1 Ferry Street\nOsier Ferry",
        "country": "United States",
        "vat_id": "EU1",
        "registered": "Register of Osier Ferry, 12345",
    }
    page = offer(visitor)
    for words in ("Ferry &amp; Sons", "1 Ferry Street<br>Osier Ferry", "EU1", "12345"):
        assert words in page
    assert f"mailto:{settings.CONTACT_EMAIL}" in page


def test_visitor_is_led_to_an_account_and_back_to_the_offer_and_then_to_what_they_read(
    visitor, plan
):
    page = offer(visitor, "/meetings/1/?t=5")
    way = "%2Fmembership%2F%3Fnext%3D%252Fmeetings%252F1%252F%253Ft%253D5"
    assert f'href="/accounts/signup/?next={way}"' in page
    assert page.count(f'href="/accounts/login/?next={way}"') == 2  # at the top of the page as well
    assert 'href="/meetings/1/?t=5"' in page
    assert not has_form(page)


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)//evil",
        "/\\evil.example",
        "/evil\nexample",
        "/evil" * 120,
    ],
)
def test_offer_leads_back_only_within_the_site(visitor, reader, plan, evil):
    for persona in (visitor, reader):
        assert "evil" not in offer(persona, evil).replace("canonical", "")


def test_offer_for_visitors_holds_no_token_and_is_kept(
    visitor, plan, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        first = visitor.get("/membership/?next=/meetings/1/")
    assert "csrf" not in first.text
    assert not first.cookies
    assert first.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    with django_assert_num_queries(0):
        assert visitor.get("/membership/?next=/meetings/1/").content == first.content


def test_offer_costs_a_reader_few_queries(reader, plan, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        reader.get("/membership/")


def test_reader_with_an_account_has_one_button_for_the_terms_they_read(reader, plan):
    page = offer(reader, "/meetings/1/")
    form = re.search(r'<form method="post" action="/membership/checkout/">.*?</form>', page)[0]
    assert f'name="plan" value="{plan.pk}"' in form
    assert 'name="terms" value="19900 usd 30"' in form
    assert 'name="next" value="/meetings/1/"' in form
    assert "Pay $199.00 once" in form
    assert form.count("<button") == 1


def test_refunded_member_may_buy_again(refunded_member, plan):
    assert has_form(offer(refunded_member))


def test_row_44_member_is_told_so_and_has_no_button_to_pay(member, plan):
    page = offer(member)
    assert "You are a member" in page
    assert not has_form(page)


def test_paused_member_is_told_so(member, plan):
    member.user.memberships.update(status=Membership.Status.SUSPENDED)
    page = offer(member)
    assert "Your membership is paused" in page
    assert not has_form(page)


def test_member_for_a_time_may_buy_for_life(plan):
    until = timezone.now() + timedelta(days=40)
    page = offer(Persona(MembershipFactory(lasts_until=until).user))
    assert "Buying takes the place of that" in page
    assert has_form(page)


def test_staff_are_told_that_they_read_already(staff, plan):
    assert "because you are staff" in offer(staff)


def test_one_who_has_begun_to_pay_goes_on_and_comes_back_to_where_they_were(reader, plan):
    OpenPurchaseFactory(user=reader.user, plan=plan, return_to="/meetings/7/")
    page = offer(reader)
    assert "Go on with your payment" in page
    assert 'name="next" value="/meetings/7/"' in page
    assert 'name="next" value="/meetings/8/"' in offer(reader, "/meetings/8/")


def test_one_who_began_on_another_plan_is_shown_what_is_on_offer(reader, plan):
    OpenPurchaseFactory(user=reader.user, plan=plan)
    plans.succeed(plan=plan, terms=plans.Terms(name="Next", amount=24_900, currency="usd"))
    page = offer(reader)
    assert "Go on with your payment" not in page
    assert "Pay $249.00 once" in page


def test_row_47_one_whose_money_is_on_its_way_need_not_pay_again(reader, plan):
    purchase = OpenPurchaseFactory(user=reader.user, plan=plan, state="processing")
    page = offer(reader)
    assert "You need not pay again" in page
    assert f"/membership/return/?session_id={purchase.checkout_session_id}" in page
    assert not has_form(page)


def test_nothing_on_offer_is_said_plainly(visitor, reader):
    PlanFactory()
    for persona in (visitor, reader):
        page = offer(persona)
        assert "No membership is on sale at the moment" in page
        assert not has_form(page)
        assert "money-back" not in page


def test_without_a_key_of_stripe_nothing_is_on_offer(reader, plan, settings):
    settings.STRIPE_SECRET_KEY = ""
    assert "No membership is on sale at the moment" in offer(reader)


def test_places_left_are_told_where_there_is_a_cap(visitor, reader):
    stock = PlanStockFactory(plan__active=True, capacity=3, held=1)
    assert "2 places left" in offer(reader)
    stock.held = 2
    stock.save()
    assert "1 place left" in offer(reader)
    assert "1 place left" in offer(visitor)


def test_row_45_sold_out_is_said_kindly(reader):
    plan = PlanStockFactory(plan__active=True, capacity=1, held=1).plan
    page = offer(reader)
    assert "Every place is taken" in page
    assert not has_form(page)
    OpenPurchaseFactory(user=reader.user, plan=plan, place="held")
    assert "Go on with your payment" in offer(reader)


def test_sandbox_says_that_no_money_moves(visitor, plan, settings):
    assert "This is a demonstration" in offer(visitor)
    settings.STRIPE_SANDBOX = False
    assert "Payments are in test mode" in offer(visitor, "/a/")
    settings.STRIPE_LIVEMODE = True
    assert "no money moves" not in offer(visitor, "/b/")
    settings.STRIPE_LIVEMODE, settings.STRIPE_SECRET_KEY = False, ""
    assert "no money moves" not in offer(visitor, "/c/")


def test_names_are_escaped(reader):
    name = "<script>Founder</script>"
    Plan.objects.create(name=name, amount=100, currency="usd", active=True)
    page = offer(reader)
    assert name not in page
    assert escape(name) in page


def test_offer_is_read_only(member):
    assert member.post("/membership/").status_code == 405
