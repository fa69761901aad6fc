"""What `manage.py check` says about the settings of Stripe: each incoherence in a sentence."""

import pytest
from django.core import checks as django_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from memberships.gateway import checkout, client
from memberships.gateway.facts import PriceFacts
from memberships.payments import checks
from tests.memberships.factories import PlanFactory

# No whole key stands here: what looks like one would be taken for one by whoever searches for them.
TEST, LIVE = "sk_test_" + "a1B2" * 6, "sk_live_" + "a1B2" * 6
SECRET = "whsec_" + "c3D4" * 6


@pytest.fixture(autouse=True)
def site(settings):
    """A production site that sells in earnest, as it should be."""
    settings.PRODUCTION = True
    settings.STRIPE_SANDBOX = False
    settings.STRIPE_API_BASE = ""
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    settings.SELLER = {**settings.SELLER, "name": "Portal Inc.", "address": "1 Ferry Street"}
    use(settings, LIVE)
    return settings


def use(settings, key):
    settings.STRIPE_SECRET_KEY = key
    settings.STRIPE_LIVEMODE = key.startswith(("sk_live_", "rk_live_"))


def found(*, deploy=False, databases=None):
    messages = django_checks.run_checks(
        tags=[checks.TAG], include_deployment_checks=deploy, databases=databases
    )
    return [one.id.removeprefix("stripe.") for one in messages]


def said(**how):
    messages = django_checks.run_checks(tags=[checks.TAG], include_deployment_checks=True, **how)
    return " ".join(f"{one.msg} {one.hint}" for one in messages)


def test_site_that_sells_as_it_should_hears_nothing():
    assert found(deploy=True) == []


@pytest.mark.parametrize("key", [TEST, TEST.replace("sk_", "rk_")])
def test_development_machine_with_a_test_key_hears_nothing(site, key):
    site.PRODUCTION = False
    use(site, key)
    assert found() == []


def test_sandbox_hears_nothing(site):
    site.PRODUCTION, site.STRIPE_SANDBOX = False, True
    use(site, "sk_test_sandbox")
    site.STRIPE_WEBHOOK_SECRETS, site.STRIPE_API_BASE = ["whsec_sandbox"], "http://127.0.0.1:8001"
    assert found(deploy=True) == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (LIVE.replace("sk_", "pk_"), "E001"),
        (TEST.replace("sk_", "pk_"), "E001"),
        ("whsec_abc", "E002"),
        ("sk_live_-", "E002"),
        (f'"{LIVE}"', "E002"),
        (LIVE + " ", "E002"),
        ("rk_live_abc def", "E002"),
        ("acct_123", "E002"),
    ],
)
def test_what_is_no_secret_key_is_named_and_never_shown(site, key, expected):
    use(site, key)
    assert found() == [expected]
    assert key.strip('" ') not in said()


def test_live_key_on_a_development_machine_is_an_error(site):
    site.PRODUCTION = False
    assert found() == ["E003"]


def test_live_key_that_would_go_elsewhere_is_an_error(site):
    site.STRIPE_API_BASE = "http://127.0.0.1:8001"
    assert found() == ["E004"]


def test_test_key_in_production_is_a_warning(site):
    use(site, TEST)
    assert found() == ["W001"]


@pytest.mark.parametrize(
    ("key", "secrets", "expected"),
    [
        (LIVE, [], ["E005"]),
        ("", [SECRET], ["W002"]),
        (LIVE, ["we_123"], ["E006"]),
        (LIVE, [SECRET, LIVE], ["E006"]),
        (LIVE, [SECRET, SECRET + "2"], []),
        (LIVE, ["whsec_sandbox"], ["E007"]),
        (LIVE, [SECRET, "whsec_sandbox"], ["E007"]),
        ("", [], []),
    ],
)
def test_webhook_secrets_fit_the_key(site, key, secrets, expected):
    use(site, key)
    site.STRIPE_WEBHOOK_SECRETS = secrets
    assert found() == expected
    assert not [one for one in secrets if one in said() and one != "whsec_sandbox"]


def test_second_secret_is_named_by_its_number(site):
    site.STRIPE_WEBHOOK_SECRETS = [SECRET, "we_123"]
    assert "secret number 2 is not one" in said()


def test_version_of_the_api_is_that_of_the_sdk(monkeypatch):
    assert checks.API_VERSION == client.SDK_API_VERSION
    monkeypatch.setattr(checks, "SDK_API_VERSION", "2027-01-01.other")
    assert found() == ["E008"]
    assert "2027-01-01.other" in said()


def test_production_without_a_key_is_told_that_it_sells_nothing(site):
    use(site, "")
    site.STRIPE_WEBHOOK_SECRETS = []
    assert found() == []
    assert found(deploy=True) == ["I001"]
    site.PRODUCTION = False
    assert found(deploy=True) == []


@pytest.mark.parametrize(
    ("seller", "expected"),
    [
        ({"address": " "}, ["W003"]),
        ({"name": ""}, ["W003"]),
        ({"name": "Citizen Portal"}, ["I003"]),
    ],
)
def test_receipts_name_the_seller(site, seller, expected):
    site.SITE_NAME = "Citizen Portal"
    site.SELLER = {**site.SELLER, **seller}
    assert found() == []
    assert found(deploy=True) == expected


# The plan on offer


@pytest.fixture
def price(monkeypatch):
    """What Stripe says about the price on offer, and how often it was asked."""
    right = {
        "id": "price_1",
        "active": True,
        "is_one_time": True,
        "amount": 19_900,
        "currency": "usd",
        "tax": "unspecified",
        "livemode": True,
    }
    asked = []

    def answers(price_id, *, patience):
        asked.append(price_id)
        return PriceFacts(**right)

    monkeypatch.setattr(checkout, "price", answers)
    return right, asked


@pytest.mark.django_db
def test_price_that_fits_is_left_alone(price):
    PlanFactory(active=True, stripe_price_id="price_1")
    PlanFactory(stripe_price_id="price_2")
    assert found(deploy=True, databases=["default"]) == []
    assert price[1] == ["price_1"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("otherwise", "sentence"),
    [
        ({"active": False}, "is archived"),
        ({"is_one_time": False}, "is a subscription"),
        ({"amount": 14_900}, "It costs $199.00 here and $149.00 at Stripe."),
        ({"currency": "eur"}, "It costs $199.00 here and €199.00 at Stripe."),
        ({"amount": None}, "and no fixed amount at Stripe"),
        ({"tax": "exclusive"}, "is without tax"),
        ({"livemode": False}, "of the other mode"),
    ],
)
def test_price_that_differs_is_an_error_in_a_sentence(price, otherwise, sentence):
    price[0].update(otherwise)
    PlanFactory(active=True, stripe_price_id="price_1")
    assert found(deploy=True, databases=["default"]) == ["E010"]
    assert sentence in said(databases=["default"])


@pytest.mark.django_db
def test_where_stripe_reckons_the_tax_the_price_says_that_it_is_included(price, site):
    PlanFactory(active=True, stripe_price_id="price_1")
    site.STRIPE_TAX = True
    assert "cannot reckon it" in said(databases=["default"])
    price[0]["tax"] = "inclusive"
    assert found(deploy=True, databases=["default"]) == []


@pytest.mark.django_db
def test_stripe_is_not_asked_by_a_plain_check_nor_before_a_migration(price):
    PlanFactory(active=True, stripe_price_id="price_1")
    found()
    found(deploy=True)
    found(databases=["default"])
    assert price[1] == []


@pytest.mark.django_db
def test_plan_without_a_price_of_stripe_s_is_told_with_each_sale(price):
    PlanFactory(active=True)
    assert found(deploy=True, databases=["default"]) == []
    assert price[1] == []


@pytest.mark.django_db
def test_without_a_plan_on_offer_nothing_is_sold(price):
    PlanFactory()
    assert found(deploy=True, databases=["default"]) == ["I002"]


@pytest.mark.django_db
def test_sandbox_answers_as_stripe_does(sandbox, site):
    site.STRIPE_API_BASE = sandbox.url
    site.PRODUCTION = False
    use(site, "sk_test_sandbox")
    plan = PlanFactory(active=True, stripe_price_id="price_sandbox_19900_usd")
    assert found(deploy=True, databases=["default"]) == []
    for name, expected in (("price_sandbox_14900_usd", "E010"), ("price_gone", "E010")):
        type(plan).objects.update(stripe_price_id=name)
        assert found(deploy=True, databases=["default"]) == [expected]
    assert "Stripe does not know its price" in said(databases=["default"])
    use(site, TEST)
    assert found(deploy=True, databases=["default"]) == ["E009"]
    sandbox.kill()
    assert found(deploy=True, databases=["default"]) == ["W004"]
    sandbox.start()


@pytest.mark.django_db
def test_command_runs_them(site, capsys):
    call_command("check", "--tag", "stripe")
    site.STRIPE_WEBHOOK_SECRETS = []
    with pytest.raises(SystemCheckError, match="every event that Stripe sends is refused"):
        call_command("check")
