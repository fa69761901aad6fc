"""The form for buyers who no longer get into their account."""

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisIsDown

from portal.post.models import Mail
from tests.memberships.factories import PaidPurchaseFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db

FIND = "/membership/refund/find/"


@pytest.fixture
def purchase():
    return PaidPurchaseFactory(
        user__email="ana@example.org", receipt_number=123, legal_entity="main"
    )


def ask(receipt="R-000123", email="ana@example.org", browser=None):
    return (browser or Persona()).post(FIND, {"receipt": receipt, "email": email}, follow=True)


@pytest.mark.parametrize("receipt", ["R-000123", "r-123", "123", " R 000123 ", "R‑000123"])
def test_number_is_read_as_people_write_it(purchase, receipt):
    ask(receipt, "Ana@Example.org ")
    mail = Mail.objects.get()
    assert (mail.address, mail.person) == ("ana@example.org", f"user-{purchase.user_id}")
    assert "/membership/refund/by-link/" in mail.text
    assert "Nothing is refunded before you confirm" in mail.text


def test_answer_is_the_same_whether_it_fits_or_not(purchase):
    fits, other_number, other_address = ask(), ask("R-000124"), ask(email="eve@example.org")
    assert fits.status_code == 200
    assert "If the number and the address belong together" in fits.text

    def plain(page):
        return page.text.partition("<main")[2].partition('name="csrf')[0]

    assert plain(fits) == plain(other_number) == plain(other_address)
    assert Mail.objects.count() == 1


def test_one_mail_an_hour_whoever_asks(purchase):
    for _again in range(3):
        ask()
    assert Mail.objects.count() == 1


def test_closed_account_is_mailed_nothing_and_the_answer_is_the_same(purchase):
    purchase.user.delete()
    assert "If the number and the address belong together" in ask().text
    assert not Mail.objects.exists()


@pytest.mark.parametrize("receipt", ["", "C-000123", "R-", "12a", "9" * 20, "1" * 300])
def test_what_is_no_number_is_said_so(purchase, receipt):
    answer = ask(receipt)
    assert answer.status_code == 422
    assert "R-000123" in answer.text or "stands on your receipt" in answer.text
    assert not Mail.objects.exists()


def test_requests_from_one_place_are_limited(purchase):
    for number in range(20):
        assert ask(f"R-{number + 500}").status_code == 200
    answer = ask()
    assert (answer.status_code, "Try again in an hour" in answer.text) == (429, True)
    assert not Mail.objects.exists()
    elsewhere = Persona(REMOTE_ADDR="203.0.113.7")
    assert ask(browser=elsewhere).status_code == 200
    assert Mail.objects.count() == 1


def test_form_works_while_redis_is_down(purchase, monkeypatch):
    def down(*args, **kwargs):
        raise RedisIsDown

    for verb in ("add", "get", "set"):
        monkeypatch.setattr(cache, verb, down)
    for _again in range(3):
        assert ask().status_code == 200
    assert Mail.objects.count() == 1


def test_opening_the_page_mails_nothing(purchase, personas):
    for persona in personas.values():
        assert persona.get(FIND, {"receipt": "R-000123", "email": "ana@example.org"}).text
    assert not Mail.objects.filter(template="payments/refund_link").exists()
