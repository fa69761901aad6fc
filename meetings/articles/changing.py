"""Changing an article: one person at a time, checked at once, kept as a version."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from memberships.gate.entitlement import User

from . import checking, versions
from .checking import Hearing
from .drafting import LEAD
from .models import Article, ArticleVersion, Check, Sentence, State


class NotRevisable(ValueError):
    """The article cannot be changed so. The message is a sentence for staff."""


class Overtaken(NotRevisable):
    """Somebody else was quicker, and nothing was stored. The message is a sentence for staff."""

    def __init__(self, article: Article) -> None:
        last = versions.newest(article)
        who = last.made_by_name if last else ""
        super().__init__(
            _("%s changed this meanwhile. Nothing of yours is stored: look at it as it is now.")
            % (who or _("Somebody"))
        )


class NotPublishable(ValueError):
    """The article cannot move where it was sent. The message is a sentence for staff."""


class NeedsReason(NotPublishable):
    """Checks failed, so what readers see changes only with a written reason, and nothing was
    stored. The message is a sentence for staff; `failed` are the checks.
    """

    def __init__(self, failed: Sequence[Check]) -> None:
        number = len(failed)
        self.failed = list(failed)
        super().__init__(
            ngettext(
                "%d check of this article failed. Publishing it all the same takes a reason.",
                "%d checks of this article failed. Publishing it all the same takes a reason.",
                number,
            )
            % number
        )


@transaction.atomic
def change(
    sentence: Sentence,
    make: Callable[[Sentence], None],
    *,
    by: User,
    now: datetime,
    reason: str = "",
    words: Hearing | None = None,
    seen: str | None = None,
) -> list[Check]:
    """Change a sentence under its article's lock; check it, and keep the version.

    Of two at once the second changes what the first has stored, unless it says what was `seen`.
    What somebody accepted before waits to be accepted again.
    """
    row = held(sentence=sentence, seen=seen)
    article = row.article
    versions.begin(article)
    row.accepted_at, row.accepted_by = None, None
    row.save(update_fields=["accepted_at", "accepted_by"])
    make(row)
    keep_in_step(article=article, now=now)
    failed: list[Check] = []
    if row.pk is not None:
        failed = checking.check_sentence(sentence=row, now=now, words=words)
    keep(article, failed, by=by, now=now, reason=reason)
    return failed


def held(*, sentence: Sentence, seen: str | None = None) -> Sentence:
    """The sentence as it is now, its article locked to the end of the transaction.

    Raises NotRevisable where there is nothing to change any more, Overtaken where it reads
    otherwise than it was `seen`.
    """
    article = locked(sentence.article)
    row = article.sentences.filter(pk=sentence.pk).first()
    if row is None:
        raise NotRevisable(_("This sentence was struck meanwhile."))
    row.article = article
    if seen is not None and versions.token(row) != seen:
        raise Overtaken(article)
    return row


def locked(article: Article) -> Article:
    """The article as it is now, for whoever changes it. Raises NotRevisable."""
    fresh = Article.objects.held().filter(pk=article.pk).first()
    if fresh is None:
        raise NotRevisable(_("A newer draft took the place of this one meanwhile."))
    if fresh.state == State.WITHDRAWN:
        raise NotRevisable(_("A withdrawn article is not changed. Publish it again first."))
    return fresh


def keep(
    article: Article, failed: Sequence[Check], *, by: User, now: datetime, reason: str
) -> None:
    """Keep the version. What failed elsewhere in public has the reason that was given then."""
    reason = reason.strip()
    if not article.is_published:
        versions.add(article, change=ArticleVersion.Change.EDITED, by=by, now=now)
        return
    if failed and not reason:
        raise NeedsReason(failed)
    all_failed = checking.failed_checks(article)
    before = article.versions.public().order_by("-number").first()
    if all_failed and not reason:
        reason = before.reason if before else ""
        if not reason:
            raise NeedsReason(all_failed)
    named(by, all_failed)
    versions.add(
        article,
        change=ArticleVersion.Change.REVISED,
        by=by,
        now=now,
        failed=all_failed,
        reason=reason if all_failed else "",
    )


def named(by: User, failed: Sequence[Check]) -> None:
    """Whoever answers for failed checks has a name. Raises NotPublishable."""
    if failed and not by.display_name:
        raise NotPublishable(
            _("Your account has no name yet. What failed a check is published under a name.")
        )


def keep_in_step(*, article: Article, now: datetime) -> Article:
    """After sentences were edited: the standfirst is what its sentence says.

    What lists and other sites show is `Article.standfirst`; what can be checked is the sentence.
    """
    lead = article.sentences.filter(paragraph=LEAD).order_by("position").first()
    if lead is not None:
        article.standfirst = lead.text
    article.updated_at = now
    article.save(update_fields=["standfirst", "updated_at"])
    return article
