"""Rendering: files that are made of a Clip in the worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .clip import Clip


class RenderingQuerySet(models.QuerySet["Rendering"]):
    def ready(self) -> Self:
        return self.filter(state=Rendering.State.READY)

    def to_do(self, *, at: datetime) -> Self:
        """Waiting, or left by a worker that fell silent and must have died."""
        silent = Q(state=Rendering.State.RUNNING, alive_at__lt=at - Rendering.SILENCE)
        return self.filter(Q(state=Rendering.State.WAITING) | silent)


class Rendering(models.Model):
    """One file of a Clip, or the end pieces of its playlist. It can be made again.

    `content_key` is a SHA-256 over all that the result depends on: recording, spans, options and
    transcript version. So what was made once is found again, and what has changed is not.
    """

    SILENCE = timedelta(minutes=3)
    TRIES_MAX = 3

    class Kind(models.TextChoices):
        ENDS = "ends", _("End pieces of the playlist")
        PLAIN = "plain", _("Video as it was recorded")
        WIDE = "wide", _("Captions in the picture, 16:9")
        SQUARE = "square", _("Captions in the picture, 1:1")
        TALL = "tall", _("Captions in the picture, 9:16")
        AUDIO = "audio", _("Sound alone")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    clip = models.ForeignKey(
        Clip, verbose_name=_("clip"), on_delete=models.CASCADE, related_name="renderings"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    content_key = models.CharField(max_length=64, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    progress = models.PositiveSmallIntegerField(_("progress in percent"), default=0)
    error = models.TextField(_("what went wrong"), blank=True)
    file_name = models.CharField(
        _("file"), max_length=255, blank=True, help_text=_("Below the folder of media.")
    )
    parts = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Of end pieces: one {span, start_ms, end_ms, name} for each file."),
    )
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    asked_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    alive_at = models.DateTimeField(_("last heard of"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = RenderingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rendering")
        verbose_name_plural = _("renderings")
        constraints = [
            models.UniqueConstraint(
                fields=["clip", "kind", "content_key"], name="rendering_once_of_a_content"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["ends", "plain", "wide", "square", "tall", "audio"]),
                name="rendering_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "ready", "failed", "cancelled"]),
                name="rendering_state_known",
            ),
            models.CheckConstraint(
                condition=Q(content_key__regex=r"^[0-9a-f]{64}$"), name="rendering_content_key"
            ),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="rendering_sha256_is_one",
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="rendering_progress_percent"
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="rendering_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(alive_at__isnull=False),
                name="rendering_running_is_alive",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(kind="ends")
                | (~Q(file_name="") & ~Q(sha256="") & Q(size_bytes__gt=0)),
                name="rendering_ready_has_file",
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="rendering_by_sha256"),
            models.Index(
                fields=["state"],
                condition=Q(state__in=["waiting", "running"]),
                name="rendering_under_way",
            ),
            models.Index(
                fields=["-asked_at"],
                condition=Q(kind="audio", state="ready"),
                name="rendering_newest_audio",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.clip}"

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}
