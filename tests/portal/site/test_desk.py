"""What staff find when they open the administration."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from memberships.payments import queries
from tests.memberships.factories import (
    MembershipFactory,
    PaidPurchaseFactory,
    PlanFactory,
    RefundFactory,
    StripeEventFactory,
    SucceededRefundFactory,
    UserFactory,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db
DESK = "/admin/"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday


def with_permissions(*names):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return Persona(user)


def counts(answer):
    return {one.title: one.count for one in answer.context["waiting"]}


def queued(answer):
    """How many articles the tab of their queue lists."""
    return len(answer.context["shown"])


def bought(**purchase):
    one = PaidPurchaseFactory(**purchase)
    MembershipFactory(user=one.user, purchase=one, source="purchase")
    return one


def test_desk_counts_what_waits_and_each_count_leads_to_what_it_counts(staff):
    bought(attention="Look here.")
    PaidPurchaseFactory()
    StripeEventFactory(state="parked", error="x")
    StripeEventFactory(state="dead", error="x")
    RefundFactory(
        state="requires_action", stripe_refund_id="re_1", purchase=bought(attention="Here too.")
    )
    answer = staff.get(DESK)
    found = counts(answer)
    assert found["paid without membership"] == 1
    assert found["purchases to look at"] == 2
    assert found["refunds in trouble"] == 1
    assert found["events from Stripe that wait"] == 2
    for one in answer.context["waiting"]:
        assert one.url.replace("&", "&amp;") in answer.text
        listed = staff.get(one.url)
        rows = listed.context["cl"].result_count if "cl" in listed.context else queued(listed)
        assert rows == one.count, one.title


def test_paid_without_membership_is_red_unless_it_is_none(staff):
    [first, *_rest] = staff.get(DESK).context["waiting"]
    assert (first.title, first.count, first.is_grave) == ("paid without membership", 0, False)
    PaidPurchaseFactory()
    [first, *rest] = staff.get(DESK).context["waiting"]
    assert (first.count, first.is_grave) == (1, True)
    assert not any(one.is_grave for one in rest)


def test_desk_costs_the_same_for_many_rows(staff, django_assert_num_queries, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"
    staff.get(DESK)
    with django_assert_num_queries(24):
        staff.get(DESK)
    for _ in range(5):
        bought(attention="Look here.", plan=PlanFactory(currency="eur"))
        SucceededRefundFactory(purchase=bought())
        StripeEventFactory(state="dead", error="x")
    with django_assert_num_queries(24):
        staff.get(DESK)


def test_staff_see_of_money_what_their_permissions_open(staff):
    bought(attention="Look here.")
    assert "Members and money" in staff.get(DESK).text
    editor = with_permissions("view_article", "view_meeting")
    page = editor.get(DESK)
    assert page.context["money"] is None
    assert "$199.00" not in page.text
    assert "Members and money" not in page.text
    assert not {"paid without membership", "refunds in trouble"} & set(counts(page))
    refunds_alone = with_permissions("view_refund")
    page = refunds_alone.get(DESK)
    assert page.context["money"] is None
    assert set(counts(page)) & {"refunds in trouble", "purchases to look at"} == {
        "refunds in trouble"
    }
    assert with_permissions("view_refund", "view_purchase").get(DESK).context["money"]


def test_desk_is_for_staff_alone(visitor, member):
    assert member.get(DESK).status_code == 404
    assert visitor.get(DESK).status_code == 302


# Figures ---------------------------------------------------------------------------------------


def test_sums_of_months_are_kept_apart_by_currency_and_month():
    euros = PlanFactory(currency="eur", amount=18_000)
    for paid_at, plan in (
        (NOW, None),
        (NOW - timedelta(days=22), None),  # November 1
        (NOW, euros),
        (NOW - timedelta(days=23), None),  # October 31
        (NOW - timedelta(days=60), None),  # September
    ):
        PaidPurchaseFactory(paid_at=paid_at, plan=plan or PlanFactory())
    PaidPurchaseFactory(paid_at=NOW, state="refunded", amount_refunded=19_900)
    found = queries.figures(now=NOW)
    assert found.sales_this_month == (
        queries.Sums(count=1, amount=18_000, currency="eur"),
        queries.Sums(count=3, amount=59_700, currency="usd"),
    )
    assert found.sales_last_month == (queries.Sums(count=1, amount=19_900, currency="usd"),)


def test_payment_of_a_clock_that_is_ahead_counts_for_this_month():
    PaidPurchaseFactory(paid_at=NOW + timedelta(days=10))
    assert queries.figures(now=NOW).sales_this_month[0].count == 1


def test_months_and_weeks_are_those_of_the_site_s_time_zone():
    auckland = ZoneInfo("Pacific/Auckland")
    with timezone.override(auckland):
        now = datetime(2026, 11, 2, 8, tzinfo=auckland)  # a Monday
        last_hour_of_october = datetime(2026, 10, 31, 23, tzinfo=auckland)
        purchase = PaidPurchaseFactory(paid_at=last_hour_of_october)
        MembershipFactory(started_at=last_hour_of_october, user=purchase.user)
        MembershipFactory(started_at=datetime(2026, 11, 2, 0, 0, 1, tzinfo=auckland))
        found = queries.figures(now=now)
        assert (found.sales_this_month, found.sales_last_month[0].count) == ((), 1)
        *_before, last, this = queries.weeks(now=now)
    assert (last.new_members, this.new_members) == (1, 1)
    assert this.begins_on.isoformat() == "2026-11-02"


def test_refunds_count_when_they_arrived():
    SucceededRefundFactory(settled_at=NOW, amount=500)
    SucceededRefundFactory(settled_at=NOW - timedelta(days=40))
    RefundFactory(requested_at=NOW)
    assert queries.figures(now=NOW).refunds == (queries.Sums(count=1, amount=500, currency="usd"),)
    weeks = queries.weeks(now=NOW)
    assert [one.refunds for one in weeks] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert len(weeks) == queries.WEEKS


def test_members_are_those_who_read_now():
    MembershipFactory()
    MembershipFactory(lasts_until=NOW - timedelta(seconds=1), started_at=NOW - timedelta(days=9))
    MembershipFactory(status="suspended")
    assert queries.figures(now=timezone.now()).members == 1


def test_oldest_event_is_one_that_nobody_has_looked_into():
    for state, days in (("received", 1), ("parked", 9), ("processed", 20)):
        StripeEventFactory(
            state=state,
            error="x",
            received_at=NOW - timedelta(days=days),
            processed_at=NOW if state == "processed" else None,
        )
    assert queries.figures(now=NOW).oldest_event == NOW - timedelta(days=1)
