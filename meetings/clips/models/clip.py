"""Clip and its spans: moments of a Recording under one title, shared by URL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings.media.models import Recording
from meetings.records.models import Meeting
from meetings.records.models import State as MeetingState
from meetings.transcripts.models import Transcript
from memberships.gate.entitlement import User, members

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Visibility(models.TextChoices):
    """Who may open a Clip while its owner is a member."""

    PRIVATE = "private", _("Private")
    UNLISTED = "unlisted", _("Unlisted")
    PUBLIC = "public", _("Public")


STANDS = Q(
    deleted_at__isnull=True,
    taken_down_at__isnull=True,
    meeting__state=MeetingState.PUBLISHED,
    recording__removed_at__isnull=True,
)


class ClipQuerySet(models.QuerySet["Clip"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        """Those of this person that were not deleted."""
        return self.filter(owner=user.pk, deleted_at__isnull=True)

    def standing(self) -> Self:
        """Neither deleted nor taken down, and of a meeting that stands before the public."""
        return self.filter(STANDS)

    def shown(self, *, at: datetime) -> Self:
        """What whoever has the address may open: its owner is a member at this instant."""
        return self.filter(_shown(at))

    def listed(self, *, at: datetime) -> Self:
        """What may be named to people who were not given the address."""
        return self.shown(at=at).filter(visibility=Visibility.PUBLIC)

    def readable_by(self, user: User | AnonymousUser, *, at: datetime) -> Self:
        """What this person may open and play at this instant: the one rule of all clip pages.

        Owners read their own while they stand, members or not; whether others see one, its page
        tells them. Staff read what others read, and what is hidden because of its owner.
        """
        return self.filter(_readable(user, at))

    def known_to(self, user: User | AnonymousUser, *, at: datetime) -> Self:
        """Those whose page has something to say to this person: itself, or what became of it."""
        was_shown = ~Q(visibility=Visibility.PRIVATE)
        if user.is_authenticated:
            was_shown |= Q(owner=user.pk)
        ended = Q(taken_down_at__isnull=False) | Q(meeting__state=MeetingState.WITHDRAWN)
        return self.filter(_readable(user, at) | Q(deleted_at__isnull=False) | (was_shown & ended))

    def with_source(self) -> Self:
        """Together with all that a clip's page names: meeting, body, place, recording."""
        return self.select_related("meeting__body__place", "recording")

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


def _shown(at: datetime) -> Q:
    return STANDS & ~Q(visibility=Visibility.PRIVATE) & Q(owner__in=members(at))


def _readable(user: User | AnonymousUser, at: datetime) -> Q:
    may = _shown(at)
    if user.is_authenticated:
        may |= STANDS & Q(owner=user.pk)
    if user.is_staff:
        may |= STANDS & ~Q(visibility=Visibility.PRIVATE)
    return may


class Clip(models.Model):
    """A titled selection of a Recording, cut by time. What it is cut from is never changed.

    `words` are those that were said in it, as the transcript had them then: a list of
    {speaker, start_ms, end_ms, text, key} on the recording's clock. A clip that was deleted is a
    row without words and without an owner: its address answers that it is gone.
    """

    SLUG_BYTES = 9  # 72 bits, which nobody guesses; written with 12 characters
    TITLE_MAX = 120
    NOTE_MAX = 2_000
    MAKER_MAX = 80
    REASON_MAX = 500

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="clips",
        null=True,
        blank=True,
    )
    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.PROTECT, related_name="clips"
    )
    recording = models.ForeignKey(
        Recording, verbose_name=_("recording"), on_delete=models.PROTECT, related_name="clips"
    )
    transcript = models.ForeignKey(
        Transcript,
        verbose_name=_("transcript"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    transcript_version = models.PositiveIntegerField(_("transcript version"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    slug = models.CharField(_("address"), max_length=22, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=TITLE_MAX, blank=True)
    note = models.TextField(_("note"), max_length=NOTE_MAX, blank=True)
    visibility = models.CharField(
        _("visibility"), max_length=8, choices=Visibility.choices, default=Visibility.PRIVATE
    )
    maker_name = models.CharField(
        _("clipped by"),
        max_length=MAKER_MAX,
        blank=True,
        help_text=_("As the clip's page names whoever made it. Empty: a member."),
    )
    words = models.JSONField(_("words"), default=list, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration"))
    created_at = models.DateTimeField(_("cut"))
    changed_at = models.DateTimeField(_("last changed"))
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    taken_down_at = models.DateTimeField(_("taken down"), null=True, blank=True)
    taken_down_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken down by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    taken_down_reason = models.CharField(
        _("reason for taking it down"), max_length=REASON_MAX, blank=True
    )
    plays = models.PositiveIntegerField(_("plays"), default=0)

    objects = ClipQuerySet.as_manager()

    class Meta:
        verbose_name = _("clip")
        verbose_name_plural = _("clips")
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="clip_visibility_known"
            ),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[A-Za-z0-9_-]{11,22}$"), name="clip_slug_is_one"
            ),
            models.CheckConstraint(condition=Q(duration_ms__gt=0), name="clip_lasts"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=False) | (Q(owner__isnull=False) & ~Q(title="")),
                name="clip_has_owner_and_title",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True)
                | Q(owner__isnull=True, title="", note="", maker_name="", words=[]),
                name="clip_deleted_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(taken_down_at__isnull=True) | ~Q(taken_down_reason=""),
                name="clip_taken_down_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="clip_by_owner"),
            models.Index(fields=["meeting", "-created_at"], name="clip_by_meeting"),
        ]

    def __str__(self) -> str:
        """For staff, who are told no word of a private clip."""
        return self.slug if self.is_private else self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("clip", args=[self.slug])

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def is_taken_down(self) -> bool:
        return self.taken_down_at is not None

    @property
    def is_private(self) -> bool:
        return self.visibility == Visibility.PRIVATE

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC


class ClipSpan(models.Model):
    """One stretch of a Clip: half-open, in milliseconds of the recording.

    Those of a clip stand in order, do not overlap, and lie two seconds apart or more.
    """

    clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="spans")
    position = models.PositiveSmallIntegerField()
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("span")
        verbose_name_plural = _("spans")
        constraints = [
            models.UniqueConstraint(fields=["clip", "position"], name="clip_span_position_once"),
            models.CheckConstraint(
                condition=Q(end_ms__gt=F("start_ms")), name="clip_span_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_ms}–{self.end_ms} ms"

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms
