"""What can be done to an article: draft, publish, withdraw, and report what is wrong with it.

Approving from the desk and withdrawing touch other rooms too: those verbs are in `intake`.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User

from . import checking, versions
from .checking import check_article, check_meeting
from .drafting import LEAD, NotDraftable, draft, draft_without_model
from .gathering import NotGathered, gather
from .llm.client import is_set as asks_a_model
from .models import Article, ArticleVersion, ErrorReport, Sentence, State
from .revising import (
    NeedsReason,
    NotPublishable,
    NotRevisable,
    edit,
    keep_first_version,
    keep_in_step,
    mark_as_context,
    named,
    note_edits,
    rest_again,
    strike,
)
from .standing import mark_stale

__all__ = [
    "NeedsReason",
    "NotDraftable",
    "NotGathered",
    "NotPublishable",
    "NotRevisable",
    "TooManyReports",
    "asks_a_model",
    "check_article",
    "check_meeting",
    "draft",
    "draft_without_model",
    "edit",
    "gather",
    "keep_first_version",
    "keep_in_step",
    "mark_as_context",
    "mark_stale",
    "note_edits",
    "publish",
    "report_error",
    "rest_again",
    "strike",
    "withdraw",
]

# How many reports are taken: from one address in an hour and in a day, and from all in an hour.
REPORTS_AN_HOUR, REPORTS_A_DAY, REPORTS_OF_ALL = 5, 20, 200
# One number for all who count reports at the same time (PostgreSQL's advisory locks).
REPORT_LOCK = 0x41525450


class TooManyReports(Exception):
    """The limit of reports is reached. The message is a sentence for the reader."""


@transaction.atomic
def publish(*, article: Article, by: User, now: datetime, reason: str = "") -> Article:
    """Put the article before the public under the name of who reviewed it.

    It is checked once more as it is now; where a check fails, it takes a `reason`, which is kept
    with the name. The first time of publishing is kept. Raises NotPublishable, and its kind
    NeedsReason, and then nothing is stored.
    """
    fresh = _locked(article)
    if fresh.is_published:
        raise NotPublishable(_("This article is published already."))
    sentences = fresh.sentences.all()
    if not sentences.exclude(paragraph=LEAD).exists():
        raise NotPublishable(_("This article has no sentences, so there is nothing to publish."))
    if sentences.filter(evidence__isnull=True, is_context=False).exists():
        raise NotPublishable(_("A sentence of this article rests on nothing that was said."))
    failed = checking.check_article(article=fresh, now=now)
    reason = reason.strip()
    if failed and not reason:
        raise NeedsReason(failed)
    named(by, failed)
    versions.begin(fresh)
    fresh.state = State.PUBLISHED
    fresh.published_at = fresh.published_at or now
    fresh.updated_at = now
    fresh.reviewed_by, fresh.reviewed_by_name = by, by.display_name
    fresh.withdrawn_reason = ""
    fresh.save()
    versions.add(
        fresh,
        change=ArticleVersion.Change.PUBLISHED,
        by=by,
        now=now,
        failed=failed,
        reason=reason if failed else "",
    )
    return fresh


@transaction.atomic
def withdraw(*, article: Article, reason: str) -> Article:
    """Take the article back. Its address says from then on that it was withdrawn, and why.

    Raises NotPublishable where it is not public, or no reason is given.
    """
    fresh = _locked(article)
    if not reason.strip():
        raise NotPublishable(_("Withdrawing takes a reason. It is shown to readers."))
    if not fresh.is_published:
        raise NotPublishable(_("Only a published article can be withdrawn."))
    fresh.state = State.WITHDRAWN
    fresh.withdrawn_reason = reason.strip()
    fresh.save(update_fields=["state", "withdrawn_reason"])
    return fresh


def _locked(article: Article) -> Article:
    """The article as it is now, so that of two at once the second sees what the first did."""
    return (
        Article.objects.select_for_update(of=("self",))
        .select_related("meeting__body__place")
        .get(pk=article.pk)
    )


@transaction.atomic
def report_error(
    *,
    article: Article,
    sentence: Sentence | None,
    what: str,
    email: str,
    reporter_hash: str,
    now: datetime,
) -> ErrorReport:
    """Keep what a reader says is wrong, for staff to look into.

    `reporter_hash` stands for the address it came from (`visitors`). Raises TooManyReports, and
    then nothing is kept.
    """
    _count_reports(reporter_hash, now)
    return ErrorReport.objects.create(
        article=article,
        sentence=sentence,
        sentence_text=sentence.text if sentence else "",
        what=what,
        email=email,
        created_at=now,
        reporter_hash=reporter_hash,
    )


def _count_reports(reporter_hash: str, now: datetime) -> None:
    """Under a lock that lasts to the end of the transaction, so that nobody slips in between."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REPORT_LOCK])
    reports = ErrorReport.objects.all()
    own = reports.filter(reporter_hash=reporter_hash)
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    if own.filter(created_at__gt=hour).count() >= REPORTS_AN_HOUR:
        raise TooManyReports(
            _("You have sent %d reports in the last hour. The next one is welcome in an hour.")
            % REPORTS_AN_HOUR
        )
    if own.filter(created_at__gt=day).count() >= REPORTS_A_DAY:
        raise TooManyReports(
            _("You have sent %d reports in the last day. The next one is welcome tomorrow.")
            % REPORTS_A_DAY
        )
    if reports.filter(created_at__gt=hour).count() >= REPORTS_OF_ALL:
        raise TooManyReports(
            _("We have received very many reports in the last hour. Send yours again in an hour.")
        )
