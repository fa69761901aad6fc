"""Every page of signing in that a person can reach is ours, and holds nothing inline."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.template import engines
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from tests.memberships.factories import UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db

INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=\"|javascript:"
    r"|<script(?![^>]*(\ssrc=|type=\"application/json\"))",
    re.IGNORECASE,
)


def check(response, status=200):
    page = response.text
    assert response.status_code == status
    assert '<main id="main"' in page, "not in our look"
    assert page.count("<h1") == 1
    assert not INLINE.search(page), INLINE.search(page).group()
    assert "please" not in page.lower()
    assert "Successfully" not in page
    return page


@pytest.mark.parametrize("address", ["", "code/", "password/"])
def test_pages_of_signing_in(visitor, address):
    assert 'name="robots" content="noindex"' in check(visitor.get(f"/accounts/login/{address}"))


@pytest.mark.parametrize("address", ["signup/", "password/reset/", "inactive/"])
def test_other_pages_for_a_visitor(visitor, address):
    check(visitor.get(f"/accounts/{address}"))


def test_sign_in_page_asks_for_the_address_alone(visitor):
    page = check(visitor.get("/accounts/login/"))
    assert 'type="password"' not in page
    assert 'name="login"' in page


def test_wrong_input_is_told_in_the_same_look(visitor):
    assert "errorlist" in check(visitor.post("/accounts/login/", {"login": "nobody"}))
    assert "errorlist" in check(visitor.post("/accounts/signup/", {"email": "nobody"}))
    data = {"login": "a@example.org", "password": "b"}
    assert "errorlist" in check(visitor.post("/accounts/login/password/", data))


@pytest.mark.parametrize(
    ("ask", "field", "page"),
    [
        ("/accounts/login/", "login", "/accounts/login/code/confirm/"),
        ("/accounts/signup/", "email", "/accounts/confirm-email/"),
        ("/accounts/password/reset/", "email", "/accounts/password/reset/confirm/"),
    ],
)
def test_pages_that_ask_for_the_code(visitor, ask, field, page):
    user = UserFactory()
    email = "somebody@example.org" if field == "email" and "signup" in ask else user.email
    visitor.post(ask, {field: email})
    shown = check(visitor.get(page))
    assert 'autocomplete="one-time-code"' in shown
    check(visitor.post(page, {"code": "000000"}))


@pytest.mark.parametrize(
    "address",
    [
        "logout/",
        "email/",
        "password/set/",
        "2fa/",
        "2fa/totp/activate/",
        "2fa/webauthn/",
        "2fa/webauthn/add/",
    ],
)
def test_pages_of_the_account(member, address):
    check(member.get(f"/accounts/{address}"))


def test_change_of_address_asks_for_the_code_from_the_new_one(member):
    data = {"action_add": "", "email": "new@example.org"}
    page = check(member.post("/accounts/email/", data, follow=True))
    assert "We sent an e-mail to <strong>new@example.org</strong>" in page
    assert member.user.email in check(member.get("/accounts/email/"))


def test_address_that_is_not_proven_can_be_proven_later(member):
    member.user.emailaddress_set.update(verified=False)
    assert "waits for its code" in check(member.get("/accounts/email/"))


def passkey():
    """What a browser sends when it has made a passkey (W3C Web Authentication, section 5.2.1)."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key()
    credential = AttestedCredentialData.create(
        b"\0" * 16, b"the id of it", ES256.from_cryptography_key(numbers)
    )
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    seen = AuthenticatorData.create(b"\0" * 32, flags, 0, bytes(credential))
    origin = CollectedClientData.create("webauthn.create", b"challenge", settings.SITE_URL)
    return {
        "id": websafe_encode(b"the id of it"),
        "rawId": websafe_encode(b"the id of it"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(origin),
            "attestationObject": websafe_encode(AttestationObject.create("none", seen, {})),
        },
        "clientExtensionResults": {},
    }


@pytest.fixture
def guarded():
    """Has a password, an authenticator app, a passkey and recovery codes."""
    user = UserFactory()
    user.set_password("correct horse battery")
    user.save()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    RecoveryCodes.activate(user)
    Authenticator.objects.create(
        user=user,
        type="webauthn",
        data={"name": "My <key>", "credential": passkey()},
    )
    browser = Persona()
    browser.post(
        "/accounts/login/password/", {"login": user.email, "password": "correct horse battery"}
    )
    browser.user = user
    return browser


def test_page_of_the_second_step(guarded):
    page = check(guarded.get("/accounts/2fa/authenticate/"))
    assert "mfa_webauthn_authenticate" in page
    check(guarded.post("/accounts/2fa/authenticate/", {"code": "000000"}))


def test_pages_of_one_who_is_guarded(guarded):
    guarded.force_login(guarded.user)
    key = Authenticator.objects.get(type="webauthn").pk
    check(guarded.get("/accounts/2fa/"))
    assert "My &lt;key&gt;" in check(guarded.get("/accounts/2fa/webauthn/"))
    check(guarded.get("/accounts/password/change/"))
    for address in (
        "2fa/totp/deactivate/",
        "2fa/recovery-codes/generate/",
        "2fa/recovery-codes/",
        "2fa/webauthn/add/",
        f"2fa/webauthn/keys/{key}/edit/",
        f"2fa/webauthn/keys/{key}/remove/",
    ):
        response = guarded.get(f"/accounts/{address}")
        if response.status_code == 302:  # first: is it you?
            assert "reauthenticate" in response.url
            check(guarded.get(response.url))
            check(guarded.get(reverse("mfa_reauthenticate")))
            check(guarded.get(reverse("mfa_reauthenticate_webauthn")))
            guarded.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
            response = guarded.get(f"/accounts/{address}")
        check(response)


def test_too_many_requests_look_like_us(visitor):
    for number in range(21):
        response = visitor.post("/accounts/signup/", {"email": f"reader{number}@example.org"})
    check(response, status=429)


def test_no_template_of_ours_lets_text_through_unescaped():
    for folder in engines["django"].dirs:
        for template in folder.rglob("*.html"):
            assert "|safe" not in template.read_text(), template
