"""Article, Sentence and Evidence: the free summary, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meetings.records.models import Meeting
from meetings.records.models import State as MeetingState

from .writing import Writing

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from memberships.gate.entitlement import User


class State(models.TextChoices):
    """Where an Article stands between the writer and the reader."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> Self:
        """What anybody may read. A meeting that was withdrawn takes its articles with it."""
        return self.filter(
            state=State.PUBLISHED,
            meeting__state__in=[MeetingState.ANNOUNCED, MeetingState.PUBLISHED],
        )

    def unpublished(self) -> Self:
        """Never shown to readers: still free to be edited or replaced."""
        return self.filter(state__in=[State.DRAFT, State.IN_REVIEW])

    def untouched(self) -> Self:
        """As the writer left it: nobody has edited or accepted anything."""
        accepted = Sentence.objects.filter(article=OuterRef("pk"), accepted_at__isnull=False)
        return self.filter(~Exists(accepted), versions__isnull=True)

    def known_to(self, user: User | AnonymousUser) -> Self:
        """Staff know every article; everybody else those that were published once."""
        if user.is_staff:
            return self
        once = self.filter(state__in=[State.PUBLISHED, State.WITHDRAWN])
        return once.exclude(meeting__state=MeetingState.DRAFT)

    def latest_first(self) -> Self:
        """By the day of the meeting, because that is the day that readers look for."""
        return self.order_by("-meeting__held_on", "-published_at", "-id")

    def with_source(self) -> Self:
        """Together with meeting, body and place, which every line about an article names."""
        return self.select_related("meeting__body__place")

    def held(self) -> Self:
        """The rows as they are now, locked to the end of the transaction, with their source.

        Whoever needs the meeting's row as well locks that first. Reports, which only name the
        row, need not wait.
        """
        return self.with_source().order_by("pk").select_for_update(of=("self",), no_key=True)


class Article(models.Model):
    """A short summary of a Meeting, written by a machine and reviewed by a person."""

    HEADLINE_MAX, STANDFIRST_MAX = 160, 400

    meeting = models.ForeignKey(
        Meeting,
        verbose_name=_("meeting"),
        on_delete=models.PROTECT,
        related_name="articles",
    )
    slug = models.SlugField(_("address"), max_length=100)
    headline = models.CharField(_("headline"), max_length=HEADLINE_MAX)
    standfirst = models.CharField(
        _("standfirst"),
        max_length=STANDFIRST_MAX,
        help_text=_("One sentence that could stand alone."),
    )
    language = models.CharField(_("language"), max_length=35, help_text=_("BCP 47, such as en."))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=State.choices,
        default=State.DRAFT,
        editable=False,
    )
    writer = models.CharField(_("writer"), max_length=50, help_text=_("Such as extractive."))
    writer_version = models.CharField(_("writer's version"), max_length=50)
    transcript_version = models.PositiveIntegerField(_("transcript version"))
    writing = models.ForeignKey(
        Writing,
        verbose_name=_("writing"),
        on_delete=models.PROTECT,
        related_name="articles",
        null=True,
        blank=True,
        editable=False,
        help_text=_("Empty: no language model was asked."),
    )
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("last changed"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    # Kept beside the account, so that the notice stays true when the account is closed.
    reviewed_by_name = models.CharField(_("reviewer's name"), max_length=200, blank=True)
    withdrawn_reason = models.CharField(
        _("reason for withdrawing"), max_length=500, blank=True, editable=False
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="article_state_known"),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLISHED) | Q(published_at__isnull=False),
                name="article_published_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.WITHDRAWN) | ~Q(withdrawn_reason=""),
                name="article_withdrawn_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "-published_at"], name="article_by_state")]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        return reverse("article", args=[self.pk, self.slug])

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back, by itself or with the meeting that it rests on."""
        return self.state == State.WITHDRAWN or self.meeting.state == MeetingState.WITHDRAWN

    @property
    def why_withdrawn(self) -> str:
        return self.withdrawn_reason or self.meeting.withdrawn_reason

    @property
    def is_editable(self) -> bool:
        """Before publication words may still change without a public correction."""
        return self.state in {State.DRAFT, State.IN_REVIEW}


class Part(models.TextChoices):
    """What a paragraph is for. All but the telling stand under a heading of their own."""

    TELLING = "telling", _("What happened")
    WHY = "why", _("Why it matters")
    NEXT = "next", _("What happens next")
    OPEN = "open", _("What was not decided")


class Sentence(models.Model):
    """One sentence of an Article: the unit that evidence supports and readers report."""

    TEXT_MAX = 2_000

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="sentences")
    paragraph = models.PositiveSmallIntegerField(_("paragraph"))
    position = models.PositiveSmallIntegerField(_("position in the paragraph"))
    text = models.TextField(_("text"), max_length=TEXT_MAX)
    part = models.CharField(
        _("part"), max_length=7, choices=Part.choices, default=Part.TELLING, editable=False
    )
    is_context = models.BooleanField(
        _("context"),
        default=False,
        editable=False,
        help_text=_("Staff say that it needs nothing to rest on."),
    )
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    checked_version = models.PositiveIntegerField(
        _("checked against transcript version"), null=True, blank=True, editable=False
    )
    stale_since = models.DateTimeField(
        _("stale since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("What it rests on was changed, and nobody has looked at it yet."),
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("accepted by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )

    class Meta:
        verbose_name = _("sentence")
        verbose_name_plural = _("sentences")
        indexes = [
            models.Index(
                fields=["article"],
                condition=Q(stale_since__isnull=False),
                name="sentence_stale",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "paragraph", "position"],
                name="sentence_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=~Q(text=""), name="sentence_has_words"),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="sentence_part_known"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_accepted(self) -> bool:
        """Whether somebody said that it stands, and what it rests on is still what they saw."""
        return self.accepted_at is not None and self.stale_since is None


class Evidence(models.Model):
    """The segments that a Sentence rests on.

    The keys name segments of the article's meeting, in whatever version has them. `start_ms` is
    the moment that the sentence's time mark opens.
    """

    class Kind(models.TextChoices):
        QUOTATION = "quotation", _("Quotation: the sentence gives these words")
        SUPPORT = "support", _("Support: the sentence says what these words mean")

    sentence = models.ForeignKey(Sentence, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    first_key = models.CharField(_("first segment"), max_length=16)
    last_key = models.CharField(_("last segment"), max_length=16)
    start_ms = models.PositiveIntegerField(_("start"))
    end_ms = models.PositiveIntegerField(_("end"))
    # What was said there when the sentence was written: other words since make it stale.
    words = models.TextField(_("words"), blank=True, editable=False)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["quotation", "support"]),
                name="evidence_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="evidence_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(first_key="") & ~Q(last_key=""),
                name="evidence_names_segments",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_key}–{self.last_key}"
