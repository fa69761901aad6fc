"""The demonstration is loaded once, reads well, and never in production."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone

from meetings.articles.models import Article
from meetings.articles.models import State as ArticleState
from meetings.records.models import Body, Meeting, State
from meetings.transcripts.models import Segment
from memberships.gate.entitlement import is_member
from memberships.models import Plan, PlanStock
from portal.site import demonstration
from portal.site.models import Announcement
from tests.memberships.factories import PlanFactory

pytestmark = pytest.mark.slow


def load() -> str:
    said = StringIO()
    call_command("load_demo", "--no-videos", stdout=said)  # they have tests of their own
    return said.getvalue()


@pytest.mark.django_db
def test_one_meeting_is_published_and_one_article_waits() -> None:
    said = load()

    assert {m.body.slug: m.state for m in Meeting.objects.select_related("body")} == {
        "osier-ferry-city-council": State.PUBLISHED,
        "osier-ferry-school-board": State.DRAFT,
    }
    assert sorted(Article.objects.values_list("state", flat=True)) == [
        ArticleState.IN_REVIEW,
        ArticleState.PUBLISHED,
    ]
    assert Body.objects.filter(slug="demo").exists()
    assert Announcement.objects.get().button == "Switch now"
    for account in demonstration.ACCOUNTS:
        assert account.email in said
        assert account.password in said


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    load()
    before = [list(model.objects.order_by("pk").values()) for model in (Meeting, Article, Plan)]
    segments = Segment.objects.count()

    load()

    after = [list(model.objects.order_by("pk").values()) for model in (Meeting, Article, Plan)]
    assert after == before
    assert Segment.objects.count() == segments


@pytest.mark.django_db
def test_the_accounts_are_who_they_say() -> None:
    load()
    people = {
        account.role: authenticate(None, username=account.email, password=account.password)
        for account in demonstration.ACCOUNTS
    }

    assert all(people.values())
    reads = {role: is_member(user, timezone.now()) for role, user in people.items() if user}
    assert reads == {"member": True, "no membership": False, "staff": True}


@pytest.mark.django_db
def test_a_founder_membership_is_on_offer() -> None:
    assert "Founder Membership, on offer" in load()

    plan = Plan.objects.get()
    assert (plan.amount, plan.currency, plan.guarantee_days) == (19_900, "usd", 30)
    assert plan.active
    assert not PlanStock.objects.exists()


@pytest.mark.django_db
def test_plans_that_are_there_are_left_alone() -> None:
    kept = PlanFactory(active=False)
    load()
    assert list(Plan.objects.all()) == [kept]


@pytest.mark.django_db
@override_settings(STRIPE_LIVEMODE=True)
def test_nothing_is_put_on_offer_for_real_money() -> None:
    load()
    assert not Plan.objects.exists()


@pytest.mark.django_db
@override_settings(PRODUCTION=True)
def test_production_refuses_accounts_with_known_passwords() -> None:
    with pytest.raises(CommandError, match="production"):
        load()
    assert not Meeting.objects.exists()


@pytest.mark.django_db
def test_the_visitor_of_the_demonstration_gets_no_word_beyond_two_minutes(
    visitor: Client, member: Client
) -> None:
    load()
    meeting = Meeting.objects.published().get()
    article = meeting.articles.get()
    in_article = " ".join(article.sentences.values_list("text", flat=True))
    first = Segment.objects.filter(transcript__meeting=meeting).order_by("position")[0]
    beyond = [
        segment.text
        for segment in Segment.objects.filter(
            transcript__meeting=meeting, start_ms__gt=first.start_ms + 120_000
        )
        if len(segment.text) > 40 and segment.text not in in_article
    ]
    assert len(beyond) > 100

    pages = ["/", article.get_absolute_url(), meeting.get_absolute_url(), "/nothing/"]
    pages += [f"{meeting.get_absolute_url()}?t={t}" for t in (0, 100, 121, 1200, 99_999)]
    pages += [f"/meetings/{meeting.pk}/transcript.{e}" for e in ("vtt", "srt", "txt", "json")]
    for page in pages:
        answer = visitor.get(page)
        shown = answer.content.decode() + "".join(map(str, answer.items()))
        assert not [text for text in beyond if text[:40] in shown], page
    full = b"".join(member.get(meeting.get_absolute_url())).decode()
    assert beyond[0].split("’")[0].split("'")[0][:30] in full
