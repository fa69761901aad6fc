"""Insight: a decision, vote, commitment, sum, date or open question of a meeting, for members."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.records.models import Meeting
from meetings.transcripts.models import Segment, Transcript

from .writing import Writing


class InsightKind(models.TextChoices):
    """What somebody looks for in a meeting, in the order of the page."""

    DECISION = "decision", _("Decisions")
    VOTE = "vote", _("Votes")
    COMMITMENT = "commitment", _("Commitments")
    MONEY = "money", _("Money")
    DATE = "date", _("Dates ahead")
    QUESTION = "question", _("Open questions")


class InsightQuerySet(models.QuerySet["Insight"]):
    def resting_in(self, transcript: Transcript) -> Self:
        """Those that failed no check, that nobody struck, and whose words still stand in this
        version: a cited key that is gone is stale.
        """
        keys = Segment.objects.filter(transcript=transcript).values("key")
        gone = InsightEvidence.objects.filter(insight__meeting=transcript.meeting_id).exclude(
            first_key__in=keys, last_key__in=keys
        )
        rows = self.filter(meeting=transcript.meeting_id, failed=[], struck_at=None)
        return rows.exclude(pk__in=gone.values("insight"))

    def in_order(self) -> Self:
        return self.order_by("position")


class Insight(models.Model):
    """One line about a meeting, with its evidence. `position` is its place in the meeting.

    `who` and `due` belong to commitments, tally and `votes` to votes: `votes` lists objects with
    `name` and `vote` (aye, no, abstained, absent), as the roll was called. `failed` lists the
    checks that failed, each with `kind`, `verdict` and `claim`.
    """

    TEXT_MAX, WHO_MAX, DUE_MAX = 400, 200, 100

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="insights")
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=InsightKind.choices)
    text = models.CharField(_("text"), max_length=TEXT_MAX)
    language = models.CharField(_("language"), max_length=35, help_text=_("BCP 47, such as en."))
    who = models.CharField(_("who promised"), max_length=WHO_MAX, blank=True)
    due = models.CharField(_("by when"), max_length=DUE_MAX, blank=True)
    ayes = models.PositiveSmallIntegerField(_("ayes"), null=True, blank=True)
    noes = models.PositiveSmallIntegerField(_("noes"), null=True, blank=True)
    abstained = models.PositiveSmallIntegerField(_("abstained"), null=True, blank=True)
    votes = models.JSONField(_("who voted how"), default=list, blank=True)
    writer = models.CharField(_("writer"), max_length=50)
    writer_version = models.CharField(_("writer's version"), max_length=50)
    writing = models.ForeignKey(
        Writing, on_delete=models.PROTECT, related_name="insights", null=True, blank=True
    )
    transcript_version = models.PositiveIntegerField(_("transcript version"))
    created_at = models.DateTimeField(_("created"))
    failed = models.JSONField(
        _("failed checks"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("With any of these it is not shown."),
    )
    # What one of the staff said of it: that it stands, or that it is not to be shown.
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True, editable=False)
    struck_at = models.DateTimeField(_("struck"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )

    objects = InsightQuerySet.as_manager()

    class Meta:
        verbose_name = _("insight")
        verbose_name_plural = _("insights")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="insight_position_once"),
            models.CheckConstraint(
                condition=Q(kind__in=InsightKind.values), name="insight_kind_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="insight_has_words"),
            models.CheckConstraint(
                condition=Q(kind="vote")
                | Q(ayes__isnull=True, noes__isnull=True, abstained__isnull=True, votes=[]),
                name="insight_tally_is_of_a_vote",
            ),
            models.CheckConstraint(
                condition=Q(kind="commitment") | Q(who="", due=""),
                name="insight_promise_is_a_commitment",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(struck_at__isnull=True),
                name="insight_accepted_or_struck",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def decided_at(self) -> datetime | None:
        """When one of the staff looked at it."""
        return self.accepted_at or self.struck_at


class InsightEvidence(models.Model):
    """Segments that an Insight rests on, as `Evidence` is for a Sentence."""

    insight = models.ForeignKey(Insight, on_delete=models.CASCADE, related_name="evidence")
    first_key = models.CharField(_("first segment"), max_length=16)
    last_key = models.CharField(_("last segment"), max_length=16)
    start_ms = models.PositiveIntegerField(_("start"))
    end_ms = models.PositiveIntegerField(_("end"))

    class Meta:
        verbose_name = _("evidence of an insight")
        verbose_name_plural = _("evidence of insights")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="insight_evidence_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(first_key="") & ~Q(last_key=""),
                name="insight_evidence_names_segments",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_key}–{self.last_key}"
