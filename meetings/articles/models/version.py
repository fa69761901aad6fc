"""ArticleVersion: what an Article said at one time."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .article import Article


class ArticleVersionQuerySet(models.QuerySet["ArticleVersion"]):
    def public(self) -> Self:
        """Those that readers have seen."""
        return self.filter(is_public=True)

    def in_order(self) -> Self:
        return self.order_by("number")


class ArticleVersion(models.Model):
    """An Article as it was after one change. Versions are added, never changed: see 0009_checks.

    `sentences` lists objects with `id`, `paragraph`, `position`, `part`, `text`, `is_context` and
    `evidence`, a list of objects with `first_key`, `last_key`, `start_ms` and `end_ms`. `failed`
    lists the checks that had failed when it was published, with `sentence`, `kind`, `verdict` and
    `claim`; `reason` says why it was published all the same, and `made_by_name` who says so.
    """

    REASON_MAX = 1_000

    class Change(models.TextChoices):
        DRAFTED = "drafted", _("Drafted")
        EDITED = "edited", _("Edited")
        PUBLISHED = "published", _("Published")
        REVISED = "revised", _("Revised in public")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    change = models.CharField(_("change"), max_length=10, choices=Change.choices)
    is_public = models.BooleanField(_("public"), default=False)
    headline = models.CharField(_("headline"), max_length=Article.HEADLINE_MAX)
    standfirst = models.CharField(_("standfirst"), max_length=400)
    sentences = models.JSONField(_("sentences"))
    transcript_version = models.PositiveIntegerField(_("transcript version"))
    failed = models.JSONField(_("failed checks"), default=list, blank=True)
    reason = models.CharField(
        _("why it was published with failed checks"), max_length=REASON_MAX, blank=True
    )
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    # Kept beside the account, so that the history stays true when the account is closed.
    made_by_name = models.CharField(_("author's name"), max_length=200, blank=True)

    objects = ArticleVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an article")
        verbose_name_plural = _("versions of articles")
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_once"),
            models.CheckConstraint(
                condition=Q(change__in=["drafted", "edited", "published", "revised"]),
                name="article_version_change_known",
            ),
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(failed=[]) | (~Q(reason="") & ~Q(made_by_name="")),
                name="article_version_failed_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.headline}, version {self.number}"

    @property
    def author(self) -> str:
        """Who made it, as readers see it."""
        return public_name(self.made_by_name)


def public_name(name: str) -> str:
    """The name that somebody gave themselves; "" where that is an address, which is not shown."""
    return "" if "@" in name else name
