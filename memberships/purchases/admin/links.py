"""Links from a row of ours to what it is about in Stripe's dashboard."""

from django.conf import settings
from django.utils.html import format_html

DASHBOARD = "https://dashboard.stripe.com"
# Refunds are shown with their payment, and sessions are found by searching.
PLACES = {"payment": "payments", "dispute": "disputes", "event": "events"}


def at_stripe(stripe_id: str | None, *, place: str = "", livemode: bool) -> str:
    """An id that leads there; the id alone where a stand-in plays Stripe."""
    if not stripe_id:
        return ""
    if settings.STRIPE_API_BASE:
        return stripe_id
    mode = "" if livemode else "/test"
    path = f"{PLACES[place]}/{stripe_id}" if place else f"search?query={stripe_id}"
    return format_html(
        '<a href="{}" rel="noreferrer" target="_blank" class="underline">{}</a>',
        f"{DASHBOARD}{mode}/{path}",
        stripe_id,
    )
