"""Mail: one message to one person, as it was rendered, and what has become of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    REFUSED = "refused", _("Refused by the recipient's side")
    DEAD = "dead", _("Given up")
    SET_ASIDE = "set_aside", _("Set aside by staff")
    UNWANTED = "unwanted", _("Not sent: it was no longer for its recipient")


UNDER_WAY = (State.WAITING, State.SENDING)


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, *, at: datetime) -> Self:
        """Waiting long enough, or taken so long ago that whoever took it must have died."""
        return self.filter(state__in=UNDER_WAY, due_at__lte=at)

    def given_up(self) -> Self:
        """What staff can still send again, and have not set aside."""
        return self.filter(state=State.DEAD, emptied_at__isnull=True)

    def to_empty(self, *, at: datetime) -> Self:
        """Ended, kept long enough, and still with words in it."""
        return self.exclude(state__in=UNDER_WAY).filter(emptied_at__isnull=True, keep_until__lte=at)


class Mail(models.Model):
    """A message in the outbox. The row outlives its words, so that a key is never used twice.

    Address and name are those of the moment when it was queued. Who changes the address later
    finds older mail at the older one, which is where it went.
    """

    KEPT = timedelta(days=396)  # 13 months: "a year ago you wrote to me" can still be answered
    LEASE = timedelta(minutes=10)  # twice what the task that sends may last
    TRIES_MAX = 25  # about four days: RFC 5321, 4.5.4.1, asks for four to five

    key = models.CharField(
        _("key"), max_length=200, unique=True, help_text=_("What it is about. One key, one mail.")
    )
    person = models.CharField(_("person"), max_length=100, blank=True)
    address = models.TextField(_("address"), blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    template = models.CharField(_("template"), max_length=100)
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    message_id = models.CharField("Message-ID", max_length=400)
    unsubscribe_url = models.TextField(_("where to stop such mail"), blank=True)
    only_if = models.CharField(
        _("sent only if"),
        max_length=200,
        blank=True,
        help_text=_("The dotted name of a function that is asked with the key before each try."),
    )

    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.TextField(_("what went wrong"), blank=True)
    queued_at = models.DateTimeField(_("queued"))
    due_at = models.DateTimeField(
        _("due"), help_text=_("When it may be tried, or tried anew if whoever sends it has died.")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    keep_until = models.DateTimeField(_("words kept until"))
    emptied_at = models.DateTimeField(_("words dropped"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        default_permissions = ("view", "change")  # rows come from rooms, and none is deleted
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["waiting", "sending"]),
                name="mail_under_way",
            ),
            models.Index(
                fields=["keep_until"], condition=Q(emptied_at__isnull=True), name="mail_with_words"
            ),
            models.Index(
                fields=["ended_at"],
                condition=Q(state__in=["refused", "dead"]),
                name="mail_that_came_back",
            ),
            models.Index(fields=["person"], condition=~Q(person=""), name="mail_of_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "waiting",
                        "sending",
                        "sent",
                        "refused",
                        "dead",
                        "set_aside",
                        "unwanted",
                    ]
                ),
                name="mail_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending"], ended_at__isnull=True)
                | (~Q(state__in=["waiting", "sending"]) & Q(ended_at__isnull=False)),
                name="mail_ended_or_under_way",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "dead"])
                | ~Q(error="")
                | Q(emptied_at__isnull=False),
                name="mail_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(emptied_at__isnull=True)
                | (
                    ~Q(state__in=["waiting", "sending"])
                    & Q(person="", address="", name="", subject="", text="", html="", error="")
                    & Q(unsubscribe_url="")
                ),
                name="mail_emptied_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(emptied_at__isnull=False) | ~Q(subject="", text=""),
                name="mail_says_something",
            ),
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(message_id=""), name="mail_has_its_names"
            ),
        ]

    def __str__(self) -> str:
        return self.key  # the administration's log keeps it, and it names nobody
