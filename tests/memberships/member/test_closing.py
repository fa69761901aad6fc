"""Closing an account: what the page says, what goes, what stays. Numbers are rows of the matrix."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from memberships.gate.entitlement import is_member
from memberships.gateway import checkout
from memberships.gateway.client import Patience
from memberships.member import closing
from memberships.member.leaving import at_stake
from memberships.models import Membership, Purchase, Refund, StripeEvent, User
from memberships.purchases import guarantee
from portal.post import retention
from portal.post.models import Mail, State
from tests.meetings.articles.factories import ArticleFactory, ErrorReportFactory
from tests.memberships.factories import (
    MembershipFactory,
    OpenPurchaseFactory,
    PaidPurchaseFactory,
    PlanStockFactory,
    PurchaseFactory,
    RefundedMembershipFactory,
    RefundFactory,
    StaffFactory,
    StripeEventFactory,
    UserFactory,
)
from tests.memberships.payments.buying import (
    at_checkout,
    bought,
    pay,
    put_in,
    refund_of,
    settled,
    take_up,
    told,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db
ADDRESS = "/membership/account/close/"


def close(user, **how):
    stake = how.pop("told", None) or at_stake(user).told
    return closing.close(user=user, told=stake, now=timezone.now(), **how)


def confirmed(persona, **given):
    """The form of the page, filled in and sent."""
    page = persona.get(ADDRESS)
    said = page.text.partition('name="told" value="')[2].partition('"')[0]
    return persona.post(ADDRESS, {"email": persona.user.email, "told": said, **given})


def is_there(user):
    return User.objects.filter(pk=user.pk).exists()


def session_of(purchase):
    return checkout.session(purchase.checkout_session_id, patience=Patience.WEB)


# The page


def test_page_says_what_is_lost_and_changes_nothing(member):
    page = member.get(ADDRESS).text
    assert "for life" in page
    assert "cannot be undone" in page
    assert 'href="/membership/account/data.json"' in page
    assert is_there(member.user)
    assert is_member(member.user, timezone.now())
    assert Mail.objects.count() == 0


def test_page_shows_the_guarantee_and_its_button_first():
    purchase = PaidPurchaseFactory()
    MembershipFactory(user=purchase.user, source="purchase", purchase=purchase)
    page = Persona(purchase.user).get(ADDRESS).text
    day = f"{guarantee.last_day(purchase.refundable_until):%B %-d, %Y}"
    assert f"until {day}, any time zone" in page
    assert 'href="/membership/refund/"' in page
    assert page.index("/membership/refund/") < page.index("Close my account for good")
    assert "the numbers of its papers" in page


def test_page_offers_no_refund_when_the_guarantee_is_over():
    purchase = PaidPurchaseFactory(
        paid_at=timezone.now() - timedelta(days=60),
        refundable_until=timezone.now() - timedelta(days=29),
    )
    assert "/membership/refund/" not in Persona(purchase.user).get(ADDRESS).text


def test_page_says_what_money_is_moving():
    processing = OpenPurchaseFactory(state="processing")
    page = Persona(processing.user).get(ADDRESS).text
    assert "Your payment of $199.00 is on its way to us" in page
    refund = RefundFactory(amount=500)
    page = Persona(refund.purchase.user).get(ADDRESS).text
    assert "Your refund of $5.00 goes on" in page
    page = Persona(OpenPurchaseFactory().user).get(ADDRESS).text
    assert "We close that payment first" in page


def test_page_of_one_who_never_bought_speaks_of_no_money():
    page = Persona(UserFactory()).get(ADDRESS).text
    for words in ("Money", "payment", "receipts", "membership, which"):
        assert words not in page.partition("<main")[2].partition("<form")[0]


def test_page_costs_few_queries(member, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        member.get(ADDRESS)


# The confirmation


def test_account_is_closed_by_typing_its_address(member):
    answer = confirmed(member)
    assert answer.status_code == 200
    assert "Your account is closed" in answer.text
    assert f"We write to {member.user.email} once more" in answer.text
    assert not is_there(member.user)
    assert "_auth_user_id" not in member.session
    assert member.get("/membership/account/").status_code == 302


def test_address_in_capitals_and_with_a_space_will_do(member):
    assert confirmed(member, email=f" {member.user.email.upper()}").status_code == 200
    assert not is_there(member.user)


@pytest.mark.parametrize("email", ["", "yes", "other@example.org"])
def test_anything_else_closes_nothing(member, email):
    answer = confirmed(member, email=email)
    assert answer.status_code == 422
    assert member.user.email in answer.text
    assert is_there(member.user)
    assert is_member(member.user, timezone.now())


def test_confirmation_of_an_older_page_closes_nothing(member):
    answer = confirmed(member, told="what it said before")
    assert answer.status_code == 409
    assert "Something has changed" in answer.text
    assert is_there(member.user)
    assert confirmed(member, told="").status_code == 409


def test_who_pays_after_reading_the_page_is_told_of_the_guarantee_first(sandbox):
    purchase = at_checkout()
    persona = Persona(purchase.user)
    before = at_stake(purchase.user).told
    pay(sandbox, purchase)
    answer = persona.post(ADDRESS, {"email": purchase.user.email, "told": before})
    assert answer.status_code == 409
    assert "Ask for the money first" in answer.text
    assert is_member(purchase.user, timezone.now())


def test_confirmation_of_an_older_page_closes_no_checkout_either(sandbox):
    purchase = at_checkout()
    with pytest.raises(closing.OtherwiseThanSaid):
        close(purchase.user, told="what it said before")
    assert session_of(purchase).status == "open"


def test_form_of_another_site_closes_nothing(member):
    strict = Client(enforce_csrf_checks=True, HTTP_HOST=member.defaults["HTTP_HOST"])
    strict.force_login(member.user)
    given = {"email": member.user.email, "told": at_stake(member.user).told}
    assert strict.post(ADDRESS, given).status_code == 403
    assert is_there(member.user)


def test_visitor_is_led_to_sign_in_and_closes_nobody(visitor, member):
    given = {"email": member.user.email, "told": at_stake(member.user).told}
    assert visitor.get(ADDRESS).url == f"/accounts/login/?next={ADDRESS}"
    assert visitor.post(ADDRESS, given).status_code == 302
    assert is_there(member.user)


def test_nobody_closes_the_account_of_another(member):
    other = UserFactory()
    given = {"email": other.email, "told": at_stake(other).told}
    assert member.post(ADDRESS, given).status_code == 422
    assert is_there(other)
    assert is_there(member.user)


def test_each_persona_can_leave(member, refunded_member):
    StaffFactory()
    for persona in (member, refunded_member, Persona(StaffFactory())):
        assert confirmed(persona).status_code == 200
        assert not is_there(persona.user)


@pytest.fixture
def guarded(member):
    """A member who has asked to be protected by an authenticator app; `.code()` is its code."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(member.user, secret)
    now = next(totp.yield_hotp_counters_from_time())
    member.code = lambda: totp.format_hotp_value(totp.hotp_value(secret, now))
    return member


def test_second_factor_is_shown_before_the_page(guarded):
    asked = guarded.get(ADDRESS)
    assert asked.url == f"/accounts/2fa/reauthenticate/?next={quote(ADDRESS, safe='')}"
    assert guarded.post(asked.url, {"code": "000000"}).status_code == 200
    assert guarded.get(ADDRESS).status_code == 302
    shown = guarded.post(asked.url, {"code": guarded.code()})
    assert shown.url == ADDRESS
    assert confirmed(guarded).status_code == 200
    assert not is_there(guarded.user)


def test_without_second_factor_the_form_closes_nothing_until_it_is_shown(guarded):
    given = {"email": guarded.user.email, "told": at_stake(guarded.user).told}
    asked = guarded.post(ADDRESS, given)
    assert asked.url.startswith("/accounts/2fa/reauthenticate/?next=")
    assert is_there(guarded.user)
    done = guarded.post(asked.url, {"code": guarded.code()})  # allauth goes on where it stopped
    assert "Your account is closed" in done.text
    assert not is_there(guarded.user)
    assert guarded.get("/membership/account/").url.startswith("/accounts/login/")


def test_password_need_not_be_remembered(member):
    member.user.set_password("a password long forgotten")
    member.user.save()
    member.force_login(member.user)
    assert confirmed(member).status_code == 200


def test_sessions_end_everywhere(member):
    phone = Persona(member.user)
    assert phone.get("/membership/account/").status_code == 200
    confirmed(member)
    assert phone.get("/membership/account/").url == "/accounts/login/?next=/membership/account/"
    assert Session.objects.count() == 1  # the phone's, which nobody is behind


# Staff


def test_last_superuser_stays(staff):
    page = staff.get(ADDRESS)
    assert "the last who can give powers" in page.text
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    UserFactory(is_superuser=True, is_active=False)
    UserFactory(is_staff=True)
    answer = staff.post(ADDRESS, {"email": staff.user.email, "told": at_stake(staff.user).told})
    assert answer.status_code == 409
    assert is_there(staff.user)


def test_what_staff_did_stays_in_the_log_under_a_pseudonym():
    staff, other = StaffFactory(), StaffFactory()
    membership = MembershipFactory(granted_by=staff)
    for person in (staff, other):
        _log(person, membership, "Ended by hand: moved away.")
    close(staff)
    mine, theirs = LogEntry.objects.order_by("pk")
    assert str(mine.user) == f"closed account {staff.pk}"
    assert not mine.user.is_active
    assert not mine.user.is_staff
    assert not mine.user.has_usable_password()
    assert theirs.user == other
    membership.refresh_from_db()
    assert (membership.granted_by, membership.status) == (None, "active")


def _log(by, row, words):
    return LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(type(row)),
        object_id=str(row.pk),
        object_repr=str(row),
        action_flag=CHANGE,
        change_message=words,
    )


# What goes, and what stays


def test_nothing_that_is_left_names_the_person(sandbox, settings):
    marks = ("zenobia", "quillfeather")
    user = UserFactory(email="zenobia@example.org", display_name="Zenobia Quillfeather")
    purchase = bought(sandbox, user=user)
    put_in(told(purchase)[0])
    take_up()
    StripeEvent.objects.update(payload={"customer_email": user.email})
    Purchase.objects.update(return_to="/clips/zenobia/", receipt_url="https://stripe/zenobia")
    Membership.objects.update(note="Mrs Quillfeather called.")
    Refund.objects.create(
        purchase=purchase,
        amount=100,
        origin="staff",
        idempotency_key="refund-1",
        reason="Mrs Quillfeather called.",
    )
    StripeEventFactory(
        object_id=purchase.charge_id,
        payload={"billing_details": {"name": "Zenobia Quillfeather"}},
        state="dead",
        error="KeyError",
    )
    ErrorReportFactory(article=ArticleFactory(), email="Zenobia@example.org")
    admin = StaffFactory()
    rows = (Membership, Purchase, Refund, StripeEvent)
    for row in (user, *(one for model in rows for one in model.objects.all())):
        _log(admin, row, "Mrs Quillfeather called.")
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "zenobia"})
    close(user)
    _mail_went_out()
    left = _everything_in_the_database()
    assert len(left) > 10
    for table, row in left:
        for mark in marks:
            assert mark not in row.lower(), table
    kept = Purchase.objects.get()
    assert (kept.user, kept.state, kept.amount_total) == (None, "paid", 19_900)
    assert (kept.card_last4, kept.checkout_url, kept.return_to) == ("", "", "")
    assert kept.paid_at
    assert kept.payment_intent_id
    assert kept.card_country == purchase.card_country != ""
    ended = Membership.objects.get()
    assert (ended.user, ended.status, ended.end_reason) == (None, "ended", "account_deleted")
    assert LogEntry.objects.count() == 6  # who did it and when stays


def _mail_went_out():
    later = timezone.now() + timedelta(minutes=1)
    Mail.objects.update(state=State.SENT, ended_at=later)
    retention.empty_old(now=later)


def _everything_in_the_database():
    """(table, row) of every row of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [(table, row) for (row,) in cursor.fetchall()]
    return found


def test_settling_afterwards_writes_nothing_back(sandbox):
    purchase = bought(sandbox)
    assert purchase.card_last4
    close(purchase.user)
    kept = settled(purchase)
    assert (kept.state, kept.card_last4, kept.card_brand, kept.receipt_url) == ("paid", "", "", "")
    assert kept.card_country
    assert Membership.objects.get().end_reason == "account_deleted"
    assert not Refund.objects.exists()
    assert not Purchase.objects.paid_without_membership().exists()


def test_nothing_of_anybody_else_changes(sandbox):
    other = bought(sandbox)
    put_in(told(other)[0])
    take_up()
    Membership.objects.update(note="A note.")
    ErrorReportFactory(article=ArticleFactory(), email=other.user.email)
    before = _everything_in_the_database()
    close(UserFactory())
    after = _everything_in_the_database()
    names = [table for table, row in after if (table, row) not in before]
    assert names == ["post_mail"]
    assert [row for row in before if row not in after] == []


def test_membership_that_ran_out_says_so():
    held = MembershipFactory(
        started_at=timezone.now() - timedelta(days=9), lasts_until=timezone.now()
    )
    close(held.user)
    held.refresh_from_db()
    assert (held.status, held.end_reason, held.ended_at) == ("ended", "ran_out", held.lasts_until)


def test_membership_that_ended_before_keeps_its_reason():
    held = RefundedMembershipFactory()
    close(held.user)
    held.refresh_from_db()
    assert (held.end_reason, held.user) == ("refunded", None)


def test_address_can_be_used_for_a_new_account_that_holds_nothing(member):
    email = member.user.email
    confirmed(member)
    assert not EmailAddress.objects.filter(email=email).exists()
    new = UserFactory(email=email)
    assert not is_member(new, timezone.now())


# The last mail


def test_last_mail_confirms_it_and_all_words_are_dropped_after_it(
    member, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks():
        confirmed(member)
    mail = Mail.objects.get()
    assert (mail.address, mail.state) == (member.user.email, State.WAITING)
    assert mail.subject == "Your account was closed"
    assert "we have deleted what named you" in mail.text
    _mail_went_out()
    mail.refresh_from_db()
    assert (mail.address, mail.text, mail.person) == ("", "", "")


def test_last_mail_holds_the_link_to_the_money_while_the_guarantee_holds(sandbox):
    purchase = bought(sandbox)
    user = purchase.user
    assert "that e-mail has a link for it" in confirmed(Persona(user)).text
    mail = Mail.objects.get(key=f"user-{user.pk}-closed")
    path = mail.text.partition("http://")[2].partition("/")[2].partition("\n")[0]
    assert path in mail.html
    page = Persona().get(f"/{path}")
    assert page.status_code == 200
    assert "$199.00" in page.text


def test_last_mail_without_a_purchase_holds_no_link(member):
    close(member.user)
    assert "by-link" not in Mail.objects.get().text


# Money


def test_row_11_open_session_is_closed_at_stripe_first(sandbox):
    purchase = at_checkout()
    close(purchase.user)
    assert session_of(purchase).status == "expired"
    purchase.refresh_from_db()
    assert (purchase.state, purchase.user, purchase.place) == ("expired", None, "none")


def test_row_11_session_that_was_never_written_down_is_found_and_closed(sandbox):
    purchase = at_checkout()
    session_id = purchase.checkout_session_id
    Purchase.objects.update(
        state="created", checkout_session_id=None, checkout_url="", place="none"
    )
    close(purchase.user)
    assert checkout.session(session_id, patience=Patience.WEB).status == "expired"
    assert Purchase.objects.get().state == "expired"


def test_row_11_purchase_that_stripe_never_heard_of_ends(sandbox):
    purchase = PurchaseFactory(expires_at=timezone.now() + timedelta(minutes=31))
    close(purchase.user)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.user) == ("expired", None)


def test_row_11_stripe_is_away_and_nothing_is_deleted(sandbox):
    purchase = at_checkout()
    persona = Persona(purchase.user)
    sandbox.control("fault", kind="503", call="POST /v1/checkout/sessions/", times=9)
    answer = confirmed(persona)
    assert answer.status_code == 503
    assert "A payment of yours is open" in answer.text
    assert "Try again in a few minutes" in answer.text
    assert is_there(purchase.user)
    assert persona.get("/membership/account/").status_code == 200
    sandbox.control("faults_end")
    assert confirmed(persona).status_code == 200
    assert session_of(purchase).status == "expired"


def test_row_11_key_that_stripe_does_not_take_deletes_nothing(sandbox, settings):
    purchase = at_checkout()
    settings.STRIPE_SECRET_KEY = "sk_test_withdrawn"
    with pytest.raises(closing.PaymentOpen):
        close(purchase.user)
    assert is_there(purchase.user)


def test_row_11_session_that_stripe_does_not_know_keeps_nobody_here(sandbox):
    purchase = OpenPurchaseFactory(checkout_session_id="cs_test_gone")
    close(purchase.user)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.user) == ("open", None)


def test_row_11_payment_on_its_way_goes_back_when_it_arrives(sandbox):
    purchase = at_checkout()
    pay(sandbox, purchase, way="later")
    assert settled(purchase).state == "processing"
    answer = confirmed(Persona(purchase.user))
    assert "is still on its way to us" in answer.text
    assert not is_there(purchase.user)
    sandbox.control("settle_payment", session=purchase.checkout_session_id, succeeds=True)
    for event in told(purchase):
        put_in(event)
    take_up()
    refund = Refund.objects.get()
    assert (refund.origin, refund.state, refund.amount) == ("account_deleted", "succeeded", 19_900)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.card_last4) == ("refunded", "")
    assert not Membership.objects.exists()
    assert set(StripeEvent.objects.values_list("payload", flat=True)) == {None}


def test_refund_on_its_way_goes_on(sandbox):
    purchase = bought(sandbox)
    refund = refund_of(purchase)
    settled(purchase)
    answer = confirmed(Persona(purchase.user))
    assert "Your refund of $199.00 goes on" in answer.text
    take_up()
    refund.refresh_from_db()
    purchase.refresh_from_db()
    assert (refund.state, purchase.state) == ("succeeded", "refunded")
    assert Membership.objects.get().end_reason == "account_deleted"


def test_refund_that_fails_afterwards_opens_nothing_and_stays_with_staff(sandbox):
    purchase = bought(sandbox)
    sandbox.control("refund_pending", times=1)
    refund_of(purchase)
    take_up()
    close(purchase.user)
    refund = Refund.objects.get()
    sandbox.control("settle_refund", refund=refund.stripe_refund_id, succeeds=False)
    kept = settled(purchase)
    assert kept.state == "paid"
    assert "A refund failed" in kept.attention
    assert Membership.objects.get().status == "ended"


def test_place_that_was_sold_stays_sold(sandbox):
    stock = PlanStockFactory(capacity=1)
    purchase = bought(sandbox, plan=stock.plan)
    close(purchase.user)
    stock.refresh_from_db()
    assert (stock.held, stock.sold) == (0, 1)
