"""Who deletes an alert while something is found or told of it waits, and undoes nothing."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from django.db import connection, transaction

from meetings.alerts import services, telling
from meetings.alerts.matching import match
from meetings.alerts.models import Alert, Cadence, Channel, ChannelKind, Match, StoredTree, Told
from meetings.alerts.services import Telling, understood
from meetings.transcripts.utterances import Utterance
from portal.post import services as post
from portal.post.models import Mail
from tests.concurrency import until_somebody_waits
from tests.meetings.alerts.factories import alert
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_is_nudged(monkeypatch):
    monkeypatch.setattr(post, "_nudge", lambda: None)


class Meanwhile(Thread):
    """Another person, who comes while a transaction is open, and has to wait for its end."""

    def __init__(self, call):
        super().__init__()
        self._call, self.error = call, None

    def run(self):
        try:
            self._call()
        except Exception as error:  # noqa: BLE001 - whoever reads looks at what came of it
            self.error = error
        finally:
            connection.close()

    def comes(self):
        self.start()
        until_somebody_waits()


def says(words):
    meeting = MeetingFactory(held_on=NOW.date())
    transcribe([Utterance(0, 900, words)], meeting=meeting)
    return meeting


def test_an_alert_that_is_deleted_while_a_meeting_is_matched_costs_nobody_a_match():
    one, other = alert("water"), alert("water")
    deletes = Meanwhile(lambda: services.delete(alert=one))
    with transaction.atomic():
        assert match(meeting=says("water").pk, changed_at=NOW, now=NOW) == 2
        deletes.comes()
    deletes.join()
    assert deletes.error is None
    assert [row.alert for row in Match.objects.all()] == [other]


def test_an_alert_that_is_deleted_while_it_is_told_of_takes_what_was_told_along():
    one = alert("water", cadence=Cadence.AT_ONCE)
    match(meeting=says("water").pk, changed_at=NOW, now=NOW)
    deletes = Meanwhile(lambda: services.delete(alert=one))
    with transaction.atomic():
        assert telling.tell_what_is_due(now=NOW) == 1
        deletes.comes()
    deletes.join()
    assert deletes.error is None
    assert not Alert.objects.exists()
    assert not Told.objects.exists()
    (mail,) = Mail.objects.all()
    assert not telling.is_still_wanted(mail.key, now=NOW)


def test_an_account_that_is_closed_while_its_member_is_told_waits_and_leaves_nothing():
    one = alert("water", cadence=Cadence.AT_ONCE)
    Channel.objects.create(owner=one.owner, kind=ChannelKind.EMAIL)
    match(meeting=says("water").pk, changed_at=NOW, now=NOW)
    forgets = Meanwhile(lambda: services.forget(one.owner))
    with transaction.atomic():
        assert telling.tell_what_is_due(now=NOW) == 1
        forgets.comes()
    forgets.join()
    assert forgets.error is None
    for rows in (Alert, Channel, StoredTree, Match, Told):
        assert not rows.objects.exists()


@pytest.mark.parametrize(
    "go", [services.forget, lambda user: services.delete(alert=user.alerts.get())]
)
def test_a_search_that_somebody_asks_for_just_now_stays(go, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "none"
    leaves, comes = alert("water").owner, MembershipFactory().user
    goes = Meanwhile(lambda: go(leaves))
    with transaction.atomic():
        services.make(owner=comes, wanted=understood("water"), telling=Telling(), now=NOW)
        goes.comes()
    goes.join()
    assert goes.error is None
    assert Alert.objects.get().owner == comes
    assert StoredTree.objects.get().alerts.get() == Alert.objects.get()


def test_who_edits_an_alert_twice_at_once_has_the_latter_and_no_error(settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "none"
    one = alert("water")
    stale = Alert.objects.get()
    again = Meanwhile(
        lambda: services.edit(
            alert=stale, wanted=understood("water"), telling=Telling(), now=NOW, name="Mine"
        )
    )
    with transaction.atomic():
        services.edit(alert=one, wanted=understood("zoning"), telling=Telling(), now=NOW)
        again.comes()
    again.join()
    assert again.error is None
    left = Alert.objects.get()
    assert (left.name, left.tree.canonical, left.query) == ("Mine", "water", "water")
    assert StoredTree.objects.count() == 1
