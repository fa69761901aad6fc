"""Recording: the video or audio of a Meeting, packaged or not. Upload: its file on the way."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.records.models import Meeting
from memberships.gate.entitlement import User


class State(models.TextChoices):
    """How far packaging has come. Only a ready Recording is played."""

    WAITING = "waiting", _("Waiting")
    PACKAGING = "packaging", _("Being packaged")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class RecordingQuerySet(models.QuerySet["Recording"]):
    def current(self) -> Self:
        """The one that readers see. A meeting has one at most."""
        return self.filter(is_current=True)

    def ready(self) -> Self:
        return self.filter(state=State.READY)

    def to_delete(self, *, before: datetime) -> Self:
        """Taken out before this instant, or given up already by whoever deletes its files."""
        return self.filter(Q(removed_at__lt=before) | Q(original=""))


class Recording(models.Model):
    """The video or audio of a Meeting. A better one is added beside it; the original stays.

    `key` names its folder and stands in playback tokens: it cannot be guessed, and after a restored
    backup it does not name another recording. What players get lies in the folder's subfolder
    `package_version`; 0 means that there is none yet. Without `original` its files are being
    deleted and nobody brings it back.
    """

    NAME_MAX = 255

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.PROTECT, related_name="recordings"
    )
    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    is_current = models.BooleanField(_("current"), default=True)
    original = models.FileField(_("original"), max_length=255)
    original_name = models.CharField(_("file"), max_length=NAME_MAX)
    sha256 = models.CharField("SHA-256", max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    duration_ms = models.PositiveIntegerField(_("duration"), null=True, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    video_codec = models.CharField(_("video codec"), max_length=40, blank=True)
    audio_codec = models.CharField(_("audio codec"), max_length=40, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    error = models.TextField(_("what went wrong"), blank=True)
    progress = models.PositiveSmallIntegerField(_("progress in percent"), default=0)
    package_version = models.PositiveIntegerField(_("package"), default=0)
    segment_ends_ms = ArrayField(
        models.PositiveIntegerField(),
        default=list,
        blank=True,
        help_text=_("When each segment of the package ends, from the start."),
    )
    has_poster = models.BooleanField(_("has a poster"), default=False)
    added_at = models.DateTimeField(_("added"))
    packaged_at = models.DateTimeField(_("packaged"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(is_current=True), name="recording_one_current"
            ),
            models.UniqueConstraint(
                fields=["meeting", "sha256"], name="recording_once_per_meeting"
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="recording_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | ~Q(error=""), name="recording_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.READY)
                | Q(
                    package_version__gt=0,
                    duration_ms__isnull=False,
                    duration_ms__gt=0,
                    segment_ends_ms__len__gt=0,
                    packaged_at__isnull=False,
                ),
                name="recording_ready_can_be_played",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.READY) | ~Q(audio_codec=""),
                name="recording_ready_can_be_heard",
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="recording_progress_percent"
            ),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="recording_is_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="recording_sha256_is_one"
            ),
            models.CheckConstraint(
                condition=Q(width__isnull=True, height__isnull=True)
                | Q(width__isnull=False, width__gt=0, height__isnull=False, height__gt=0),
                name="recording_width_with_height",
            ),
            models.CheckConstraint(
                condition=Q(has_poster=False) | ~Q(video_codec=""),
                name="recording_poster_of_a_video",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(is_current=False),
                name="recording_removed_is_not_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.original_name}: {self.meeting}"

    @property
    def has_video(self) -> bool:
        return self.video_codec != ""

    @property
    def has_audio(self) -> bool:
        return self.audio_codec != ""

    @property
    def is_ready(self) -> bool:
        return self.state == State.READY


class UploadState(models.TextChoices):
    """How far an upload has come. Only one that arrives grows."""

    ARRIVING = "arriving", _("Arriving")
    ARRIVED = "arrived", _("Arrived")
    TAKEN = "taken", _("Taken as a recording")
    REFUSED = "refused", _("Refused")


class UploadQuerySet(models.QuerySet["Upload"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def pending(self) -> Self:
        """What takes room and is no recording yet."""
        return self.exclude(state=UploadState.TAKEN)

    def to_take(self) -> Self:
        """Whole, and it is known for which meeting."""
        return self.filter(state=UploadState.ARRIVED, meeting__isnull=False)


class Upload(models.Model):
    """A file that staff send piece by piece. How much of it is here, the file itself says.

    Without a meeting it belongs to one that is being brought in, and is given to it there. The
    recording that it becomes has its key.
    """

    TRIES_MAX = 3

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    meeting = models.ForeignKey(
        Meeting,
        verbose_name=_("meeting"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="uploads",
    )
    name = models.CharField(_("file"), max_length=Recording.NAME_MAX)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    modified_ms = models.PositiveBigIntegerField(
        _("last changed"),
        default=0,
        help_text=_("In milliseconds since 1970, as the sender's machine says."),
    )
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=UploadState.choices, default=UploadState.ARRIVING
    )
    error = models.TextField(_("what went wrong"), blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    begun_at = models.DateTimeField(_("begun"))
    expires_at = models.DateTimeField(_("kept until"))
    recording = models.ForeignKey(
        Recording,
        verbose_name=_("recording"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UploadState.values), name="upload_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=UploadState.REFUSED) | ~Q(error=""),
                name="upload_refused_says_why",
            ),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="upload_is_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="upload_sha256_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_arriving(self) -> bool:
        return self.state == UploadState.ARRIVING

    def is_over(self, *, at: datetime) -> bool:
        """Nobody went on with it in time. What waits for a worker is kept until that is done."""
        waits = self.state == UploadState.ARRIVED and self.meeting_id is not None
        return not waits and self.expires_at < at
