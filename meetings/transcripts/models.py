"""Transcript, Speaker and Segment: the words of a Meeting, in versions."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.media.models import Recording
from meetings.records.models import Meeting


class TranscriptQuerySet(models.QuerySet["Transcript"]):
    def current(self) -> Self:
        """The version that readers see, one for each meeting and language."""
        return self.filter(is_current=True)

    def recognized(self) -> Self:
        """Heard by a machine, and not touched by anybody since."""
        return self.filter(origin=Origin.RECOGNIZED)

    def doubtful(self) -> Self:
        """The current ones that staff should look at: nobody has said yet that they are right."""
        return self.current().filter(reviewed_at__isnull=True).exclude(doubts=[])


class Origin(models.TextChoices):
    """How a version of a Transcript came to be."""

    TAKEN_IN = "taken_in", _("Taken in")
    RECOGNIZED = "recognized", _("Recognized by a machine")
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
    doubts = models.JSONField(
        _("doubts"),
        default=list,
        blank=True,
        help_text=_("Why somebody should look at these words first, in sentences for staff."),
    )
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
                condition=Q(origin__in=[Origin.TAKEN_IN, Origin.RECOGNIZED])
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
    # One number for each word of `text`, where the words' own times are known.
    word_starts_ms = ArrayField(
        models.PositiveIntegerField(),
        null=True,
        blank=True,
        help_text=_("When each word begins, from the start of the segment."),
    )
    word_confidences = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)]),
        null=True,
        blank=True,
        help_text=_("How sure each word is, in percent."),
    )

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


class Recognition(models.Model):
    """A Recording heard by a speech model: how far that is, and the Transcript that it became.

    What was heard so far lies in its parts, so a worker that takes over goes on where the one
    before was stopped. Once the Transcript is made, the parts are removed; the facts stay.
    """

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="recognitions")
    transcript = models.OneToOneField(
        Transcript, on_delete=models.CASCADE, related_name="recognition", null=True, blank=True
    )
    model_name = models.CharField(_("model"), max_length=200)
    model_sha256 = models.CharField(_("SHA-256 of the model"), max_length=64)
    engine = models.CharField(_("recognized with"), max_length=100)
    language = models.CharField(_("language"), max_length=35)
    language_probability = models.FloatField(
        _("how sure the language is"), null=True, blank=True, help_text=_("Empty: it was set.")
    )
    heard_ms = models.PositiveIntegerField(_("heard so far"), default=0)
    spoken_ms = models.PositiveIntegerField(_("voices are heard for"), default=0)
    left_out_count = models.PositiveIntegerField(_("phrases left out"), default=0)
    begun_at = models.DateTimeField(_("begun"))
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("recognition")
        verbose_name_plural = _("recognitions")
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "model_sha256"],
                condition=Q(finished_at__isnull=True),
                name="recognition_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(transcript__isnull=True) | Q(finished_at__isnull=False),
                name="recognition_with_transcript_has_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording}, {self.model_name}"


class RecognizedPart(models.Model):
    """The phrases that were heard in one stretch of a Recording."""

    recognition = models.ForeignKey(Recognition, on_delete=models.CASCADE, related_name="parts")
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    spoken_ms = models.PositiveIntegerField()
    phrases = models.JSONField()

    class Meta:
        verbose_name = _("recognized part")
        verbose_name_plural = _("recognized parts")
        constraints = [
            models.UniqueConstraint(
                fields=["recognition", "start_ms"], name="recognized_part_once"
            ),
            models.CheckConstraint(
                condition=Q(end_ms__gt=F("start_ms")), name="recognized_part_lasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recognition}, {self.start_ms}–{self.end_ms} ms"
