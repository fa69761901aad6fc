"""How allauth meets our accounts: addresses as we store them, and safe ways back."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from .models import normalised


class AccountAdapter(DefaultAccountAdapter):
    """Named in `ACCOUNT_ADAPTER`."""

    def clean_email(self, email: str) -> str:
        """The address in the one spelling that is stored."""
        return normalised(super().clean_email(email))

    def is_safe_url(self, url: str | None) -> bool:
        """May `next` lead here? Only to a page of this site, under its own name.

        Stricter than allauth, which also takes every name in ALLOWED_HOSTS.
        """
        site = urlsplit(settings.SITE_URL)
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={site.netloc}, require_https=site.scheme == "https"
        )
