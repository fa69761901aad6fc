"""Links in a message work without signing in; opening one changes nothing, and a POST does."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from meetings.alerts import link
from meetings.alerts.models import Alert, Cadence, Channel
from tests.meetings.alerts.factories import alert
from tests.memberships.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    return alert("rent")


def path(url):
    return urlsplit(url).path


def test_a_link_opens_its_alert_to_whoever_holds_it(visitor, one):
    answer = visitor.get(path(link.to_alert(one.pk)))
    assert answer.status_code == 200
    assert "Pause this alert" in answer.content.decode()
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_an_alert_is_paused_resumed_told_less_often_and_stopped_by_its_link(visitor, one):
    address = path(link.to_alert(one.pk))
    visitor.post(address, {"do": "pause"})
    assert Alert.objects.get().is_paused
    visitor.post(address, {"do": "resume"})
    assert not Alert.objects.get().is_paused
    visitor.post(address, {"do": "cadence", "cadence": "weekly"})
    assert Alert.objects.get().cadence == Cadence.WEEKLY
    assert visitor.post(address, {"do": "stop"}, follow=True).status_code == 200
    assert not Alert.objects.exists()
    assert "This alert is stopped" in visitor.get(address).content.decode()


@pytest.mark.parametrize("form", [{}, {"do": "burn"}, {"do": "cadence", "cadence": "hourly"}])
def test_what_is_no_choice_changes_nothing(visitor, one, form):
    answer = visitor.post(path(link.to_alert(one.pk)), form)
    assert answer.status_code == 422
    assert "Pause this alert" in answer.content.decode()
    one.refresh_from_db()
    assert (one.is_paused, one.cadence) == (False, Cadence.DAILY)


def test_a_link_opens_no_other_alert_and_no_mail(visitor, one):
    token = link.to_alert(one.pk).rstrip("/").rpartition("/")[2]
    _number, _colon, signature = token.partition(":")
    assert visitor.get(f"/alerts/by-link/{one.pk + 1}:{signature}/").status_code == 404
    assert visitor.post(f"/alerts/unsubscribe/{token}/").status_code == 404
    assert not Channel.objects.exists()


def test_a_program_that_opens_every_link_stops_nothing(visitor, one):
    for url in (link.to_alert(one.pk), link.to_stop_mail(one.owner_id)):
        for ask in (visitor.get, visitor.head, visitor.options):
            ask(path(url))
            ask(path(url), {"do": "stop", "List-Unsubscribe": "One-Click"})
    assert not Alert.objects.get().is_paused
    assert not Channel.objects.exists()


def test_one_click_stops_all_mail_without_session_token_or_referrer(one):
    """RFC 8058, 3.2: what a mail program sends, and nothing more."""
    program = Client(enforce_csrf_checks=True)
    address = path(link.to_stop_mail(one.owner_id))
    for _ in range(2):
        answer = program.post(
            address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
    channel = Channel.objects.get()
    assert (channel.owner_id, channel.paused_reason) == (one.owner_id, "You stopped alert mail.")
    assert Alert.objects.exists()


def test_the_alert_page_takes_no_post_from_elsewhere(one):
    program = Client(enforce_csrf_checks=True)
    assert program.post(path(link.to_alert(one.pk)), {"do": "stop"}).status_code == 403
    assert Alert.objects.exists()


def test_a_link_of_somebody_who_is_gone_is_answered_calmly(visitor):
    gone = UserFactory()
    address = path(link.to_stop_mail(gone.pk))
    gone.delete()
    assert "You get no more alert mail" in visitor.post(address).content.decode()
    assert not Channel.objects.exists()
