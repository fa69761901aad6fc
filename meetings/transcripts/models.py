"""Transcript, Speaker and Segment: the words of a Meeting, in versions."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.records.models import Meeting


class TranscriptQuerySet(models.QuerySet["Transcript"]):
    def current(self) -> Self:
        """The version that readers see, one for each meeting and language."""
        return self.filter(is_current=True)


class Transcript(models.Model):
    """All words of a Meeting in one language, at one version. Versions are added, never changed.

    The counts are facts of the version, stored once: the offer names them without reading it.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="transcripts")
    language = models.CharField(_("language"), max_length=35, help_text=_("BCP 47, such as en."))
    version = models.PositiveIntegerField(_("version"))
    is_current = models.BooleanField(_("current"), default=True)
    format = models.CharField(_("format"), max_length=30)
    segment_count = models.PositiveIntegerField(_("segments"))
    word_count = models.PositiveIntegerField(_("words"))
    speaker_count = models.PositiveIntegerField(_("speakers"))
    first_ms = models.PositiveIntegerField(help_text=_("When the first word is said."))
    last_ms = models.PositiveIntegerField(help_text=_("When the last word has been said."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        verbose_name = _("transcript")
        verbose_name_plural = _("transcripts")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "language", "version"], name="transcript_version_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "language"],
                condition=Q(is_current=True),
                name="transcript_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}, {self.language}, version {self.version}"

    @property
    def duration_ms(self) -> int:
        return self.last_ms - self.first_ms


class Speaker(models.Model):
    """Somebody who speaks in a Meeting, by the name that the transcript gives."""

    NAME_MAX = 200

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="speakers")
    name = models.CharField(_("name"), max_length=NAME_MAX)

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "name"], name="speaker_once_per_meeting")
        ]

    def __str__(self) -> str:
        return self.name


class SegmentQuerySet(models.QuerySet["Segment"]):
    def in_order(self) -> Self:
        return self.order_by("position")

    def free(self, transcript: Transcript) -> Self:
        """What anybody may read: the first two minutes from the first word (DESIGN §6).

        A segment that runs past the limit is not free, because its last words are not.
        """
        return self.filter(transcript=transcript, end_ms__lte=transcript.first_ms + FREE_MS)


FREE_MS = 2 * 60 * 1000


class Segment(models.Model):
    """A run of words by one Speaker. `key` names it across versions while it stays the same."""

    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="segments")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=16)
    speaker = models.ForeignKey(Speaker, on_delete=models.RESTRICT, null=True, blank=True)
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    text = models.TextField()
    confidence = models.FloatField(null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(
                fields=["transcript", "position"], name="segment_position_once"
            ),
            models.UniqueConstraint(fields=["transcript", "key"], name="segment_key_once"),
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="segment_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__range=(0, 1)),
                name="segment_confidence_range",
            ),
        ]
        indexes = [models.Index(fields=["transcript", "start_ms"], name="segment_by_time")]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def speaker_name(self) -> str:
        return self.speaker.name if self.speaker else ""
