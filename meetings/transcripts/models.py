"""Transcript, Speaker and Segment: the words of a Meeting, in versions."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.records.models import Meeting


class TranscriptQuerySet(models.QuerySet["Transcript"]):
    def current(self) -> Self:
        """The version that readers see, one for each meeting and language."""
        return self.filter(is_current=True)


class Origin(models.TextChoices):
    """How a version of a Transcript came to be."""

    TAKEN_IN = "taken_in", _("Taken in")
    CORRECTED = "corrected", _("Corrected")
    BROUGHT_BACK = "brought_back", _("Brought back")


class Transcript(models.Model):
    """All words of a Meeting in one language, at one version. Versions are added, never changed.

    The counts are facts of the version, stored once: the offer names them without reading it.
    Only the mark that somebody reviewed it is set later. A corrected version inherits the mark of
    the one that it corrects: it was reviewed, and corrected since.
    """

    NOTE_MAX = 300

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
    origin = models.CharField(
        _("origin"), max_length=12, choices=Origin.choices, default=Origin.TAKEN_IN
    )
    made_from = models.PositiveIntegerField(_("made from version"), null=True, blank=True)
    change_count = models.PositiveIntegerField(_("changes"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=NOTE_MAX, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    # Names are kept beside accounts, so that the history stays true when an account is closed.
    made_by_name = models.CharField(_("author's name"), max_length=200, blank=True)
    # Names the set of edits: one that is sent again, because its answer was lost, is known.
    draft = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    reviewed_by_name = models.CharField(_("reviewer's name"), max_length=200, blank=True)

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
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values), name="transcript_origin_known"
            ),
            models.CheckConstraint(
                condition=Q(origin=Origin.TAKEN_IN)
                | Q(made_from__isnull=False, change_count__isnull=False),
                name="transcript_made_from_a_version",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=False)
                | Q(reviewed_by__isnull=True, reviewed_by_name=""),
                name="transcript_reviewed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}, {self.language}, version {self.version}"

    @property
    def duration_ms(self) -> int:
        return self.last_ms - self.first_ms

    @property
    def is_corrected_since(self) -> bool:
        """Whether words were corrected after the review that the mark tells of."""
        return self.reviewed_at is not None and self.created_at > self.reviewed_at


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
