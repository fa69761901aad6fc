"""Announcement: one line that staff put on top of every page."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def running(self, *, at: datetime) -> Self:
        """From `active_from` on, and until `active_until` where there is one."""
        return self.filter(active_from__lte=at).filter(
            Q(active_until__isnull=True) | Q(active_until__gt=at)
        )


class Announcement(models.Model):
    """A line of text, with a button where it leads somewhere or switches the experience."""

    class Action(models.TextChoices):
        NONE = "none", _("No button")
        LINK = "link", _("Leads to an address")
        SWITCH = "switch", _("Switches to the new experience")

    text = models.CharField(_("text"), max_length=200)
    action = models.CharField(
        _("button does"), max_length=10, choices=Action.choices, default=Action.NONE
    )
    button = models.CharField(_("button says"), max_length=40, blank=True)
    target = models.CharField(
        _("leads to"),
        max_length=300,
        blank=True,
        help_text=_("An address on this site, such as /membership/, or one with https://."),
    )
    dismissible = models.BooleanField(_("readers can close it"), default=True)
    active_from = models.DateTimeField(_("from"))
    active_until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["none", "link", "switch"]),
                name="announcement_action_known",
            ),
            models.CheckConstraint(
                condition=Q(action="none") | ~Q(button=""), name="announcement_button_says"
            ),
            models.CheckConstraint(
                condition=~Q(action="link") | Q(target__regex=r"^(/[^/\\]|/$|https://)"),
                name="announcement_target_safe",
            ),
            models.CheckConstraint(
                condition=Q(active_until__isnull=True) | Q(active_until__gt=F("active_from")),
                name="announcement_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.text
