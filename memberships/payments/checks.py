"""System checks: do the settings of Stripe go together, and does Stripe sell what is on offer?

A plain `check` reads settings alone. `check --deploy` also says what a site that sells should have,
and `check --deploy --database default` asks Stripe about the plan on offer. Keys are never shown.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register  # noqa: A004 - its name

from memberships.gateway import checkout
from memberships.gateway.client import API_VERSION, SDK_API_VERSION, Patience
from memberships.gateway.facts import PriceFacts
from memberships.gateway.refusals import NotLetIn, TryAgainLater, WillNotHelp
from memberships.purchases.amounts import written
from memberships.purchases.models import Plan

TAG = "stripe"
KEY = re.compile(r"(sk|rk)_(test|live)_\w+")
KNOWN_TO_ALL = "whsec_sandbox"


@register(TAG)
def key_is_one(**_options: Any) -> list[CheckMessage]:
    """The secret key has its shape, and belongs where the site runs."""
    key = _own_key()
    if not key:
        return []
    if key.startswith("pk_"):
        return [
            Error(
                "STRIPE_SECRET_KEY holds the publishable key.",
                hint="Take the secret key (sk_…) or a restricted one (rk_…) from the same page.",
                id="stripe.E001",
            )
        ]
    if not KEY.fullmatch(key):
        return [
            Error(
                "STRIPE_SECRET_KEY is not a key of Stripe.",
                hint="It begins with sk_test_, sk_live_, rk_test_ or rk_live_, without quotes.",
                id="stripe.E002",
            )
        ]
    return list(_mode(is_live=settings.STRIPE_LIVEMODE))


def _mode(*, is_live: bool) -> Iterator[CheckMessage]:
    if is_live and not settings.PRODUCTION:
        yield Error(
            "A live key is set on a development machine: real money would be taken.",
            hint="Set a test key, or none; without a key the sandbox sells.",
            id="stripe.E003",
        )
    if is_live and settings.STRIPE_API_BASE:
        yield Error(
            "STRIPE_API_BASE is set with a live key, so every call to Stripe is refused.",
            hint="Leave STRIPE_API_BASE empty: a live key goes to Stripe itself.",
            id="stripe.E004",
        )
    if settings.PRODUCTION and not is_live:
        yield Warning(
            "A test key is set in production: memberships are given and no money is taken.",
            hint="Set the live key, with the webhook secret of the live endpoint.",
            id="stripe.W001",
        )


@register(TAG)
def events_can_be_believed(**_options: Any) -> list[CheckMessage]:
    """Where there is a key there is a webhook secret, and each is one that Stripe gave."""
    key, secrets = _own_key(), settings.STRIPE_WEBHOOK_SECRETS
    found: list[CheckMessage] = []
    if key and not secrets:
        found.append(
            Error(
                "No webhook secret is set, so every event that Stripe sends is refused.",
                hint="Set STRIPE_WEBHOOK_SECRETS to the signing secret of the endpoint.",
                id="stripe.E005",
            )
        )
    if secrets and settings.PRODUCTION and not key:
        found.append(
            Warning(
                "A webhook secret is set and STRIPE_SECRET_KEY is not, so nothing is sold.",
                hint="Set both, or neither.",
                id="stripe.W002",
            )
        )
    for number, secret in enumerate(secrets, start=1):
        if not secret.startswith("whsec_"):
            found.append(
                Error(
                    f"The webhook secret number {number} is not one: it begins with whsec_.",
                    hint="Take the signing secret from the endpoint's page, not a key or its id.",
                    id="stripe.E006",
                )
            )
        elif secret == KNOWN_TO_ALL and (key or settings.PRODUCTION):
            found.append(
                Error(
                    "The webhook secret of the sandbox is set: anybody could sign events with it.",
                    hint="Take it out of STRIPE_WEBHOOK_SECRETS.",
                    id="stripe.E007",
                )
            )
    return found


@register(TAG)
def version_is_the_sdk_s(**_options: Any) -> list[CheckMessage]:
    """We read Stripe's answers in the version that the installed SDK was made for."""
    if API_VERSION == SDK_API_VERSION:
        return []
    return [
        Error(
            f"We read Stripe's API of {API_VERSION}, and the installed SDK that of "
            f"{SDK_API_VERSION}.",
            hint="Install from the lock file; or read Stripe's changelog, change API_VERSION in "
            "memberships/gateway/client.py, and give the endpoint the same version.",
            id="stripe.E008",
        )
    ]


@register(TAG, deploy=True)
def seller_is_named(**_options: Any) -> list[CheckMessage]:
    """Who sells in earnest says so on its receipts. Who sells nothing is told that it is so."""
    if not _own_key():
        return (
            [
                Info(
                    "No key of Stripe is set, so nothing is sold.",
                    hint="docs/stripe.md tells how to begin.",
                    id="stripe.I001",
                )
            ]
            if settings.PRODUCTION
            else []
        )
    found: list[CheckMessage] = []
    seller = settings.SELLER
    missing = [part for part in ("name", "address") if not seller[part].strip()]
    if missing:
        names = " and ".join(f"SELLER_{part.upper()}" for part in missing)
        found.append(
            Warning(
                f"Receipts have to say who sells and where, and {names} is not set.",
                hint="Set the legal name and the address of the seller.",
                id="stripe.W003",
            )
        )
    if seller["name"] == settings.SITE_NAME:
        found.append(
            Info(
                f"Receipts name the seller as the site is named, “{settings.SITE_NAME}”.",
                hint="Set SELLER_NAME, if the legal name is another.",
                id="stripe.I003",
            )
        )
    return found


@register(TAG, deploy=True)
def stripe_sells_what_is_on_offer(
    databases: Collection[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """The plan on offer, against Stripe: only where the database and the network may be asked."""
    if not databases or "default" not in databases or not settings.STRIPE_SECRET_KEY:
        return []
    plan = Plan.objects.on_offer().first()
    if plan is None:
        return [
            Info(
                "No plan is on offer, so nothing is sold.",
                hint="Staff put one on offer in the administration, under Plans.",
                id="stripe.I002",
            )
        ]
    if not plan.stripe_price_id:
        return []  # Stripe is told name, amount and currency with each sale
    try:
        price = checkout.price(plan.stripe_price_id, patience=Patience.WEB)
    except NotLetIn:
        return [
            Error(
                "Stripe does not take STRIPE_SECRET_KEY.",
                hint="It was withdrawn, or it is restricted and may not read prices.",
                id="stripe.E009",
            )
        ]
    except TryAgainLater:
        return [
            Warning(
                "Stripe could not be asked about the plan on offer.",
                hint="Run this check again in a while.",
                id="stripe.W004",
            )
        ]
    except WillNotHelp as refusal:
        return [_otherwise(plan, f"Stripe does not know its price: {refusal}")]
    return [_otherwise(plan, difference) for difference in _differences(plan, price)]


def _differences(plan: Plan, price: PriceFacts) -> Iterator[str]:
    if not price.active:
        yield "Stripe's price is archived."
    if not price.is_one_time:
        yield "Stripe's price is a subscription."
    if (price.amount, price.currency) != (plan.amount, plan.currency):
        here = written(plan.amount, plan.currency)
        there = "no fixed amount"
        if price.amount is not None:
            there = written(price.amount, price.currency)
        yield f"It costs {here} here and {there} at Stripe."
    if price.tax == "exclusive":
        yield "Stripe's price is without tax, and ours is with it."
    if price.tax == "unspecified" and settings.STRIPE_TAX:
        yield "Stripe's price does not say that tax is included, so Stripe cannot reckon it."
    if price.livemode is not settings.STRIPE_LIVEMODE:
        yield "Stripe's price is of the other mode, test or live."


def _otherwise(plan: Plan, difference: str) -> CheckMessage:
    return Error(
        f"The plan on offer, “{plan.name}”, cannot be sold as it is. {difference}",
        hint="Succeed it in the administration by a plan with the right price, or with none.",
        id="stripe.E010",
    )


def _own_key() -> str:
    """The key that somebody set; the sandbox's is ours."""
    return "" if settings.STRIPE_SANDBOX else str(settings.STRIPE_SECRET_KEY)
