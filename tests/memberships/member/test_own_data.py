"""Own data: everything that the site knows about a person, in one file, and of nobody else."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone

from meetings.alerts.models import Channel, Schedule
from memberships.accounts.services import make_token
from memberships.member import own_data
from portal.post import services as post
from tests.meetings.alerts.factories import alert
from tests.meetings.articles.factories import ArticleFactory, ErrorReportFactory
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import (
    DisputeFactory,
    MembershipFactory,
    PaidPurchaseFactory,
    SucceededRefundFactory,
    UserFactory,
)
from tests.personas import Persona

pytestmark = pytest.mark.django_db
ADDRESS = "/membership/account/data.json"
SECRET = "JBSWY3DPEHPK3PXP"
DESCRIBED = Path(__file__).resolve().parents[3] / "docs" / "own-data.md"


def everything(user, *, of="Juno", number=123):
    """One of each that the file can hold."""
    user.set_password("a password that is long")
    user.save()
    for kind, data in (
        ("totp", {"secret": SECRET}),
        ("recovery_codes", {"seed": SECRET}),
        ("webauthn", {"name": "My phone", "credential": {"id": SECRET}}),
    ):
        Authenticator.objects.create(user=user, type=kind, data=data)
    purchase = PaidPurchaseFactory(
        user=user, amount_refunded=500, receipt_number=number, legal_entity="main", return_to="/a/"
    )
    MembershipFactory(user=user, source="purchase", purchase=purchase, note="Difficult person.")
    SucceededRefundFactory(purchase=purchase, amount=500, reason=f"Too dear, {of}.")
    DisputeFactory(purchase=purchase, status="won", closed_at=timezone.now())
    post.queue(
        key=f"mail-{of}",
        to=user.email,
        subject=f"Your receipt, {of}",
        template="payments/membership_active",
        context={"facts": []},
        person=f"user-{user.pk}",
        now=timezone.now(),
    )
    ErrorReportFactory(
        article=ArticleFactory(), email=user.email.upper(), what=f"The date is wrong, {of}."
    )
    asked = alert("rent", owner=user, name=f"Rent for {of}")
    asked.matches.create(
        meeting=MeetingFactory(),
        stage="after",
        source="transcripts",
        text_hash="0" * 64,
        found_at=timezone.now(),
    )
    Schedule.objects.create(owner=user, time_zone="America/Denver")
    feed = Channel.objects.create(owner=user, kind="feed", secret=f"{SECRET}-{of}")
    feed.digests.create(
        cadence="at_once", key=f"digest-{of}", made_at=timezone.now(), due_at=timezone.now()
    )
    said = {"speaker": "Ruiz", "start_ms": 4_000, "end_ms": 8_000, "text": "Yes.", "key": "k1"}
    clip = ClipFactory(owner=user, note=f"For {of}.", words=[said])
    make_token(
        owner=user, name=f"Notebook of {of}", scopes=["read"], lasts=None, now=timezone.now()
    )
    clip.reports.create(what=f"Cut short, {of}.", email=user.email, created_at=timezone.now())
    return purchase


def fetched(persona):
    answer = persona.get(ADDRESS)
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_file_holds_everything_there_is():
    user = UserFactory(display_name="Ada Reader")
    purchase = everything(user)
    data = fetched(Persona(user))
    assert data["format"] == "citizen-portal-own-data/1"
    assert data["account"]["email"] == user.email
    assert data["account"]["name"] == "Ada Reader"
    assert data["sign_in"]["addresses"] == [{"email": user.email, "is_verified": True}]
    assert data["sign_in"]["has_password"] is True
    assert [one["name"] for one in data["sign_in"]["passkeys"]] == ["My phone"]
    assert data["sign_in"]["has_authenticator_app"] is True
    [membership] = data["memberships"]
    assert (membership["status"], membership["lasts_until"]) == ("active", None)
    [bought] = data["purchases"]
    assert (bought["id"], bought["amount"], bought["currency"]) == (
        str(purchase.pk),
        19_900,
        "usd",
    )
    assert (bought["receipt"], bought["card_last4"], bought["came_from"]) == (
        "R-000123",
        "4242",
        "/a/",
    )
    assert [one["reason"] for one in bought["refunds"]] == ["Too dear, Juno."]
    assert [one["status"] for one in bought["disputes"]] == ["won"]
    assert [one["subject"] for one in data["mails"]] == ["Your receipt, Juno"]
    [report] = data["error_reports"]
    assert report["what"] == "The date is wrong, Juno."
    [asked] = data["alerts"]
    assert (asked["name"], asked["search"], len(asked["matches"])) == ("Rent for Juno", "rent", 1)
    digests, feed = data["ways_of_telling"]
    assert (digests["kind"], digests["zone"]) == ("digests", "America/Denver")
    assert (feed["kind"], len(feed["messages"])) == ("feed", 1)
    [token] = data["tokens"]
    assert (token["name"], token["scopes"]) == ("Notebook of Juno", ["read"])
    assert report["article"].startswith(settings.SITE_URL + "/articles/")


def test_of_somebody_who_has_done_nothing_it_says_so():
    data = fetched(Persona(UserFactory()))
    for key in ("memberships", "purchases", "mails", "error_reports"):
        assert data[key] == []
    assert data["sign_in"]["has_password"] is False
    assert data["account"]["layout"] is None


def test_nothing_of_anybody_else_is_in_it():
    everything(UserFactory(), of="Vesper", number=456)
    own = UserFactory()
    everything(own)
    text = Persona(own).get(ADDRESS).text
    assert "Juno" in text
    assert "Vesper" not in text


def test_no_secret_and_no_note_of_staff_is_in_it():
    user = UserFactory()
    everything(user)
    SucceededRefundFactory(
        purchase=user.purchases.get(), amount=1, origin="staff", reason="He shouted."
    )
    text = Persona(user).get(ADDRESS).text
    assert user.has_usable_password()
    for secret in (SECRET, user.password, "Difficult", "shouted"):
        assert secret not in text


def test_it_is_a_file_with_a_name_and_is_kept_nowhere(member):
    answer = member.get(ADDRESS)
    today = f"{timezone.now():%Y-%m-%d}"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="citizen-portal-{today}.json"'
    )
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_it_is_for_who_is_signed_in_and_is_only_read(visitor, member):
    assert visitor.get(ADDRESS).url == f"/accounts/login/?next={ADDRESS}"
    assert member.post(ADDRESS).status_code == 405


def test_words_of_mail_that_were_dropped_are_gone_here_too():
    user = UserFactory()
    everything(user)
    post.forget(person=f"user-{user.pk}", now=timezone.now())
    from portal.post.models import Mail, State
    from portal.post.retention import empty_old

    later = timezone.now() + timedelta(minutes=1)
    Mail.objects.update(state=State.SENT, ended_at=later)
    empty_old(now=later)
    assert fetched(Persona(user))["mails"] == []


def test_rooms_cannot_write_over_each_other(settings):
    settings.ACCOUNT_DATA_SOURCES = [f"{__name__}.second"] * 2
    with pytest.raises(ValueError, match="is there already"):
        own_data.of(UserFactory(), now=timezone.now())


def second(user):
    return "second", []


def keys(value):
    """Every key, however deep."""
    if isinstance(value, dict):
        return set(value) | {key for one in value.values() for key in keys(one)}
    if isinstance(value, list):
        return {key for one in value for key in keys(one)}
    return set()


def test_every_key_is_described_and_nothing_else_is():
    user = UserFactory()
    everything(user)
    said = DESCRIBED.read_text().partition("|---|---|")[2].partition("\n\n")[0]
    values = {"classic", "new", "digests", "feed", "webhook"}
    words = set(re.findall(r"`([a-z_0-9]+)`", said)) - values
    assert keys(fetched(Persona(user))) == words


def test_it_takes_few_queries_however_much_there_is(django_assert_max_num_queries):
    user = UserFactory()
    everything(user)
    persona = Persona(user)
    for _ in range(3):
        SucceededRefundFactory(
            purchase=PaidPurchaseFactory(user=user, state="refunded", amount_refunded=19_900)
        )
        ErrorReportFactory(article=ArticleFactory(), email=user.email)
    with django_assert_max_num_queries(19):
        persona.get(ADDRESS)
