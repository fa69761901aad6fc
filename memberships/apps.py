"""The app as Django sees it."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    name = "memberships"
