"""Import and Step: what was taken in, and the work that leads from there to an article."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.records.models import Body, Meeting


class Import(models.Model):
    """One caption file as it was taken in. The newest row of a name says what is stored."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="imports")
    version = models.PositiveIntegerField(_("transcript version"))
    format = models.CharField(_("format"), max_length=30)
    encoding = models.CharField(_("encoding"), max_length=40)
    cue_count = models.PositiveIntegerField(_("cues"))
    repairs = models.JSONField(_("repairs"), default=list, help_text=_("Sentences for staff."))
    imported_at = models.DateTimeField(_("taken in"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["body", "name", "-id"], name="import_newest_of_name")]

    def __str__(self) -> str:
        return self.name


class StepQuerySet(models.QuerySet["Step"]):
    def to_do(self, *, at: datetime) -> Self:
        """Waiting, or left by a worker that must have died.

        Work that says now and then that it goes on has died when it falls silent; other work, when
        it has lasted longer than it may.
        """
        silent = Q(alive_at__isnull=True, started_at__lt=at - Step.LEASE) | Q(
            alive_at__lt=at - Step.SILENCE
        )
        return self.filter(Q(state=Step.State.WAITING) | (Q(state=Step.State.RUNNING) & silent))


class Step(models.Model):
    """One piece of work on the way from a recording to an article. It can be run again.

    Held up is what lacks something that somebody must bring; it waits again once that is asked for.
    """

    LEASE = timedelta(minutes=20)
    SILENCE = timedelta(minutes=3)
    TRIES_MAX = 3

    class Name(models.TextChoices):
        PACKAGED = "packaged", _("Recording packaged")
        TRANSCRIBED = "transcribed", _("Speech recognized")
        DRAFTED = "drafted", _("Article drafted")
        EXCERPTED = "excerpted", _("Article drafted without a model")
        GATHERED = "gathered", _("Insights gathered")
        CHECKED = "checked", _("Articles checked")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        HELD = "held", _("Held up")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=20, choices=Name.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    tries = models.PositiveIntegerField(_("tries"), default=0)
    progress = models.PositiveSmallIntegerField(_("progress in percent"), default=0)
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    alive_at = models.DateTimeField(_("last heard of"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    error = models.TextField(_("what went wrong"), blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "name"], name="step_once_per_meeting"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "held", "done", "failed"]),
                name="step_state_known",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="step_progress_percent"),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="step_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | ~Q(error=""), name="step_held_says_for_what"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.meeting}"

    @property
    def duration(self) -> timedelta | None:
        if self.started_at and self.finished_at:
            return self.finished_at - self.started_at
        return None
