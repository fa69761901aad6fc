"""The signed way to a refund."""

import uuid

import pytest

from memberships.refunds import link


def test_token_names_its_purchase():
    purchase = uuid.uuid4()
    assert link.purchase_id(link.token(purchase)) == purchase


def test_token_of_a_former_key_is_believed(settings):
    purchase = uuid.uuid4()
    token = link.token(purchase)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-came-after-the-first"
    assert link.purchase_id(token) == purchase


@pytest.mark.parametrize("spoil", [str.upper, lambda t: t[:-1], lambda t: "0" * 32 + t[32:]])
def test_token_that_was_tampered_with_opens_nothing(spoil):
    with pytest.raises(link.Forged):
        link.purchase_id(spoil(link.token(uuid.uuid4())))


@pytest.mark.parametrize("token", ["", ":", "no", "x" * 5000, "\x00:a", "é:é"])
def test_token_that_is_none_opens_nothing(token):
    with pytest.raises(link.Forged):
        link.purchase_id(token)


def test_token_of_another_purpose_opens_nothing():
    from django.core import signing

    other = signing.Signer(salt="elsewhere").sign(uuid.uuid4().hex)
    with pytest.raises(link.Forged):
        link.purchase_id(other)
