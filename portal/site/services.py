"""Keeping what readers and staff decide about the site as a whole."""

from django.contrib.auth.models import AnonymousUser

from memberships.gate.entitlement import User


def keep_experience(*, user: User | AnonymousUser, experience: str) -> None:
    """Remember the wish on the account too, so that it follows the reader to other devices."""
    if user.is_authenticated:
        user.experience = experience
        user.save(update_fields=["experience"])
