"""Match: a moment that met an alert. Round and Quiet: what was looked at, and what never is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from meetings.articles.models import Article
from meetings.records.models import Meeting
from meetings.records.models import State as MeetingState
from memberships.gate.entitlement import User

from .alert import Alert

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Stage(models.TextChoices):
    """Whether a meeting was still to come when it was matched."""

    BEFORE = "before", _("Before the meeting")
    AFTER = "after", _("After the meeting")


class Source(models.TextChoices):
    """Where the words stand: the kinds of the search."""

    TRANSCRIPT = "transcripts", _("Transcript")
    AGENDA = "agendas", _("Agenda")
    ARTICLE = "articles", _("Article")


class MatchQuerySet(models.QuerySet["Match"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(alert__owner=user.pk)

    def in_public(self) -> Self:
        """Those whose meeting, and article where it is one, stand before the public now."""
        stands = Q(source=Source.AGENDA, meeting__state=MeetingState.ANNOUNCED) | Q(
            meeting__state=MeetingState.PUBLISHED
        )
        return self.filter(stands).filter(
            ~Q(source=Source.ARTICLE) | Q(article__in=Article.objects.published())
        )

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-found_at", "-pk")


class Match(models.Model):
    """A moment that met an alert, with its words as they were then. Never told twice.

    `lines` is a list of {speaker, start_ms, parts}; parts are pairs of text and whether it matched.
    """

    alert = models.ForeignKey(
        Alert, verbose_name=_("alert"), on_delete=models.CASCADE, related_name="matches"
    )
    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="+"
    )
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    source = models.CharField(_("found in"), max_length=12, choices=Source.choices)
    text_hash = models.CharField(
        max_length=64, editable=False, help_text=_("SHA-256 of the words, without their spelling.")
    )
    first_key = models.CharField(max_length=36, blank=True, editable=False)
    last_key = models.CharField(max_length=36, blank=True, editable=False)
    start_ms = models.PositiveIntegerField(null=True, blank=True)
    end_ms = models.PositiveIntegerField(null=True, blank=True)
    speaker = models.CharField(_("speaker"), max_length=500, blank=True)
    lines = models.JSONField(_("words"), default=list)
    more = models.PositiveIntegerField(
        _("more"), default=0, help_text=_("Moments of the same meeting that were not kept.")
    )
    found_at = models.DateTimeField(_("found"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "meeting", "text_hash"], name="match_once_for_its_words"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["before", "after"]), name="match_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["transcripts", "agendas", "articles"]),
                name="match_source_known",
            ),
            models.CheckConstraint(
                condition=Q(text_hash__regex=r"^[0-9a-f]{64}$"), name="match_text_hash"
            ),
            models.CheckConstraint(
                condition=Q(source="articles", article__isnull=False)
                | (~Q(source="articles") & Q(article__isnull=True)),
                name="match_article_where_it_is_one",
            ),
        ]
        indexes = [
            models.Index(fields=["alert", "-found_at"], name="match_by_alert"),
            models.Index(fields=["-found_at"], name="match_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} in meeting {self.meeting_id}"

    @property
    def url(self) -> str:
        """Where it opens: the meeting page at this moment, or the article."""
        if self.article is not None:
            return self.article.get_absolute_url()
        if self.start_ms is None:
            return self.meeting.get_absolute_url()
        seconds = f"{self.start_ms / 1000:.3f}".rstrip("0").rstrip(".")
        return f"{self.meeting.get_absolute_url()}?t={seconds}#moment"


class Round(models.Model):
    """A part of a meeting that was held against all alerts, and never is again.

    `part` is a transcript's language, the hash of an agenda item's words, or an article's number.
    The row is written with the matches, so both are there or neither.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=12, choices=Source.choices)
    part = models.CharField(max_length=64)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "source", "part"], name="round_once"),
            models.CheckConstraint(
                condition=Q(source__in=["transcripts", "agendas", "articles"]),
                name="round_source_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.part} of meeting {self.meeting_id}"


class Run(models.Model):
    """How one meeting was matched: what staff see of volumes, and of alerts that are slow."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    done_at = models.DateTimeField(_("done"))
    candidates = models.PositiveIntegerField(_("searches that were run"))
    matched = models.PositiveIntegerField(_("searches that were met"))
    matches = models.PositiveIntegerField(_("matches"))
    took_ms = models.PositiveIntegerField(_("took (ms)"))
    slowest = models.JSONField(
        _("slowest"), default=list, help_text=_("Pairs of a stored search and microseconds.")
    )

    class Meta:
        verbose_name = _("matching of a meeting")
        verbose_name_plural = _("matchings of meetings")
        indexes = [models.Index(fields=["-done_at"], name="run_by_time")]

    def __str__(self) -> str:
        return f"meeting {self.meeting_id}, {self.done_at:%Y-%m-%d %H:%M}"


class QuietQuerySet(models.QuerySet["Quiet"]):
    def at(self, instant: datetime) -> Self:
        """The quiet that holds at this instant."""
        ended = Q(ended_at__isnull=True) | Q(ended_at__gt=instant)
        return self.filter(ended, started_at__lte=instant)


class Quiet(models.Model):
    """A time in which staff brought in so much that nothing is sent.

    Of what came in meanwhile nobody is told, ever, unless staff chose before that it `is_kept`.
    """

    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    is_kept = models.BooleanField(_("tell of it afterwards"), default=False, db_default=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )

    objects = QuietQuerySet.as_manager()

    class Meta:
        verbose_name = _("quiet time")
        verbose_name_plural = _("quiet times")
        constraints = [
            models.UniqueConstraint(
                ExpressionWrapper(Q(ended_at__isnull=True), output_field=models.BooleanField()),
                condition=Q(ended_at__isnull=True),
                name="quiet_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="quiet_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="quiet_says_why"),
        ]

    def __str__(self) -> str:
        return self.reason
