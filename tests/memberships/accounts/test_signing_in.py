"""Signing up and in, by code, by password, and past the second factor."""

import re
import uuid

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.auth import SESSION_KEY

from memberships.models import User
from tests.memberships.factories import UserFactory
from tests.personas import Persona

pytestmark = pytest.mark.django_db


def code_in(mail):
    (code,) = re.findall(r"^(\d{6})$", mail.body, re.MULTILINE)
    return code


def signed_in_as(browser):
    return User.objects.filter(pk=browser.session.get(SESSION_KEY)).first()


def ask_for_code(browser, email, back="/membership/account/"):
    return browser.post("/accounts/login/", {"login": email, "next": back})


def enter_code(browser, code, back="/membership/account/"):
    return browser.post("/accounts/login/code/confirm/", {"code": code, "next": back})


def test_sign_in_is_an_address_and_six_digits(visitor, mailoutbox):
    user = UserFactory(email="ada@example.org")
    response = ask_for_code(visitor, "Ada@Example.org")
    assert response.url == "/accounts/login/code/confirm/?next=%2Fmembership%2Faccount%2F"
    assert signed_in_as(visitor) is None
    (mail,) = mailoutbox
    assert mail.to == ["ada@example.org"]
    response = enter_code(visitor, code_in(mail))
    assert response.url == "/membership/account/"
    assert signed_in_as(visitor) == user


def test_sign_up_is_an_address_and_six_digits(visitor, mailoutbox):
    response = visitor.post(
        "/accounts/signup/", {"email": "Grace@Example.ORG", "next": "/meetings/1/"}
    )
    assert response.url.startswith("/accounts/confirm-email/")
    assert signed_in_as(visitor) is None
    response = visitor.post("/accounts/confirm-email/", {"code": code_in(mailoutbox[0])})
    assert response.url == "/meetings/1/"
    user = signed_in_as(visitor)
    assert user.email == "grace@example.org"
    assert not user.has_usable_password()
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == ("grace@example.org", True, True)


def test_account_made_by_staff_signs_in_by_code(visitor, mailoutbox):
    user = User.objects.create_user("new@example.org")
    ask_for_code(visitor, "new@example.org")
    enter_code(visitor, code_in(mailoutbox[0]))
    assert signed_in_as(visitor) == user


def test_wrong_code_three_times_ends_the_attempt(visitor, mailoutbox):
    UserFactory(email="ada@example.org")
    ask_for_code(visitor, "ada@example.org")
    right = code_in(mailoutbox[0])
    for _ in range(3):
        enter_code(visitor, "000000" if right != "000000" else "111111")
    enter_code(visitor, right)
    assert signed_in_as(visitor) is None


def test_code_belongs_to_the_browser_that_asked(visitor, mailoutbox):
    UserFactory(email="ada@example.org")
    ask_for_code(visitor, "ada@example.org")
    thief = Persona()
    enter_code(thief, code_in(mailoutbox[0]))
    assert signed_in_as(thief) is None


def test_code_is_of_use_once(visitor, mailoutbox):
    UserFactory(email="ada@example.org")
    ask_for_code(visitor, "ada@example.org")
    enter_code(visitor, code_in(mailoutbox[0]))
    visitor.post("/accounts/logout/")
    assert signed_in_as(visitor) is None
    enter_code(visitor, code_in(mailoutbox[0]))
    assert signed_in_as(visitor) is None


def test_unknown_address_looks_the_same_and_is_told_by_mail(mailoutbox):
    UserFactory(email="known@example.org")
    pages = []
    for email in ("known@example.org", "unknown@example.org"):
        response = ask_for_code(Persona(), email)
        browser = Persona()
        ask_for_code(browser, email)
        page = browser.get(response.url).text.replace(email, "ADDRESS")
        pages.append((response.status_code, response.url, re.sub(r'value="\w{64}"', "", page)))
    assert pages[0] == pages[1]
    unknown = [mail for mail in mailoutbox if mail.to == ["unknown@example.org"]]
    assert "There is no account with this address" in unknown[0].body
    assert f"{settings.SITE_URL}/accounts/signup/" in unknown[0].body
    assert not User.objects.filter(email="unknown@example.org").exists()


def test_known_address_at_sign_up_looks_the_same_and_is_told_by_mail(mailoutbox):
    UserFactory(email="known@example.org")
    answers = [
        (response.status_code, response.url)
        for email in ("known@example.org", "unknown@example.org")
        for response in [Persona().post("/accounts/signup/", {"email": email})]
    ]
    assert answers[0] == answers[1]
    told = next(mail for mail in mailoutbox if mail.to == ["known@example.org"])
    assert f"{settings.SITE_URL}/accounts/login/" in told.body
    assert User.objects.filter(email="known@example.org").count() == 1


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http://localhost/",
        "http://127.0.0.1:9999/",
        "http:///evil.example",
        "https://127.0.0.1:8000@evil.example/",
        "\thttps://evil.example/",
        "///evil.example",
    ],
)
def test_next_never_leads_to_another_site(visitor, member, mailoutbox, back):
    UserFactory(email="ada@example.org")
    ask_for_code(visitor, "ada@example.org", back)
    response = enter_code(visitor, code_in(mailoutbox[0]), back)
    assert response.url == "/"
    assert signed_in_as(visitor)
    assert member.get("/accounts/login/", {"next": back}).url == "/"
    assert member.post("/accounts/logout/", {"next": back}).url == "/"


def test_mail_does_not_take_its_links_from_the_request(visitor, mailoutbox):
    settings_host = settings.SITE_URL.partition("//")[2]
    visitor.post(
        "/accounts/login/",
        {"login": "unknown@example.org"},
        headers={"Host": "localhost:6666", "X-Forwarded-Host": "evil.example"},
    )
    assert settings_host in mailoutbox[0].body
    assert "6666" not in mailoutbox[0].body
    assert "evil" not in mailoutbox[0].body


def test_mail_is_plain_text_in_our_voice(visitor, mailoutbox):
    UserFactory(email="ada@example.org")
    ask_for_code(visitor, "ada@example.org")
    (mail,) = mailoutbox
    assert mail.alternatives == []
    assert mail.subject == f"Your code to sign in: {code_in(mail)}"
    assert "!" not in mail.body
    assert mail.from_email == settings.DEFAULT_FROM_EMAIL


# Password ---------------------------------------------------------------------------------------


def test_smaller_link_leads_to_sign_in_by_password(visitor):
    user = UserFactory(email="ada@example.org")
    user.set_password("correct horse battery")
    user.save()
    assert "/accounts/login/password/?next=%2Fplaces%2F" in (
        visitor.get("/accounts/login/?next=/places/").text
    )
    wrong = visitor.post(
        "/accounts/login/password/", {"login": "ada@example.org", "password": "wrong"}
    )
    assert wrong.status_code == 200
    assert signed_in_as(visitor) is None
    right = visitor.post(
        "/accounts/login/password/",
        {"login": "ADA@example.org", "password": "correct horse battery", "next": "/places/"},
    )
    assert right.url == "/places/"
    assert signed_in_as(visitor) == user


def test_account_without_password_has_no_password_that_fits(visitor):
    UserFactory(email="ada@example.org")
    for password in ("", "!", "None"):
        visitor.post(
            "/accounts/login/password/", {"login": "ada@example.org", "password": password}
        )
        assert signed_in_as(visitor) is None


def test_password_can_be_set_in_the_account_and_is_told_by_mail(member, mailoutbox):
    word = "correct horse battery"
    member.post("/accounts/password/set/", {"password1": word, "password2": word})
    member.user.refresh_from_db()
    assert member.user.check_password(word)
    assert mailoutbox[0].subject == "Your account has a password now"


def test_new_password_needs_a_code_from_the_mail(visitor, mailoutbox):
    user = UserFactory(email="ada@example.org")
    user.set_password("the old password")
    user.save()
    visitor.post("/accounts/password/reset/", {"email": "ada@example.org"})
    assert "http" not in mailoutbox[0].body.replace(settings.SITE_URL, "")
    visitor.post("/accounts/password/reset/confirm/", {"code": code_in(mailoutbox[0])})
    word = "a wholly new password"
    visitor.post("/accounts/password/reset/complete/", {"password1": word, "password2": word})
    user.refresh_from_db()
    assert user.check_password(word)


# Address ----------------------------------------------------------------------------------------


def test_address_changes_when_the_new_one_is_proven(member, mailoutbox):
    old = member.user.email
    member.post("/accounts/email/", {"action_add": "", "email": "New@Example.org"})
    member.user.refresh_from_db()
    assert member.user.email == old
    code = next(mail for mail in mailoutbox if mail.to == ["new@example.org"])
    member.post("/accounts/confirm-email/", {"code": code_in(code)})
    member.user.refresh_from_db()
    assert member.user.email == "new@example.org"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["new@example.org"]


# Second factor ----------------------------------------------------------------------------------


def test_code_by_mail_is_not_enough_with_a_second_factor(visitor, mailoutbox):
    user = UserFactory(email="ada@example.org")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    ask_for_code(visitor, "ada@example.org")
    response = enter_code(visitor, code_in(mailoutbox[0]))
    assert response.url == "/accounts/2fa/authenticate/"
    assert signed_in_as(visitor) is None
    now = next(totp.yield_hotp_counters_from_time())
    value = totp.format_hotp_value(totp.hotp_value(secret, now))
    visitor.post("/accounts/2fa/authenticate/", {"code": value})
    assert signed_in_as(visitor) == user


@pytest.mark.django_db(transaction=True)  # the mail is sent on commit
def test_authenticator_app_can_be_added(member, mailoutbox):
    page = member.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    value = totp.format_hotp_value(
        totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))
    )
    member.post("/accounts/2fa/totp/activate/", {"code": value})
    assert Authenticator.objects.filter(user=member.user, type="totp").exists()
    assert mailoutbox[0].subject == "An authenticator app was added"


# Rate limits ------------------------------------------------------------------------------------


def ask_often(times, **headers):
    """Each with another address, which has a limit of its own."""
    return [
        Persona().post(
            "/accounts/signup/", {"email": f"{uuid.uuid4().hex}@example.org"}, headers=headers
        )
        for _ in range(times)
    ]


def test_sign_ups_from_one_address_are_limited():
    assert [response.status_code for response in ask_often(21)][-2:] == [302, 429]


def test_forged_header_does_not_move_the_limit():
    for number in range(20):
        (response,) = ask_often(1, **{"X-Forwarded-For": f"198.51.100.{number}"})
        assert response.status_code == 302
    assert ask_often(1, **{"X-Forwarded-For": "198.51.100.99"})[0].status_code == 429


def test_behind_one_proxy_its_own_word_counts_and_the_forged_part_does_not(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(20):
        ask_often(1, **{"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"})
    late = ask_often(1, **{"X-Forwarded-For": "198.51.100.99, 203.0.113.7"})[0]
    other = ask_often(1, **{"X-Forwarded-For": "198.51.100.99, 203.0.113.8"})[0]
    assert (late.status_code, other.status_code) == (429, 302)


def test_codes_for_one_address_are_limited(mailoutbox):
    UserFactory(email="ada@example.org")
    for _ in range(6):
        ask_for_code(Persona(), "ada@example.org")
    assert len(mailoutbox) == 3
