"""The outbox as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostConfig(AppConfig):
    name = "portal.post"
    label = "post"
    verbose_name = _("Outbox")
    default_auto_field = "django.db.models.BigAutoField"
