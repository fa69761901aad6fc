"""What can be done to an article: draft, publish, withdraw, and report what is wrong with it.

Approving from the desk and withdrawing touch other rooms too: those verbs are in `intake`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User

from . import checking, versions
from .changing import (
    NeedsReason,
    NotPublishable,
    NotRevisable,
    Overtaken,
    held,
    named,
)
from .checking import check_article, check_meeting
from .correcting import (
    NotDecidable,
    decide,
    join,
    note_change,
    withdraw,
    withdraw_in_public,
)
from .deciding import accept, accept_insight, show_insight, strike_insight, take_back
from .drafting import LEAD, NotDraftable, draft, draft_without_model
from .gathering import NotGathered, gather
from .llm.client import is_set as asks_a_model
from .models import Article, ArticleVersion, ErrorReport, Sentence, State
from .revising import edit, mark_as_context, replace, rest_again, retitle, strike
from .standing import mark_stale

__all__ = [
    "NeedsReason",
    "NotDecidable",
    "NotDraftable",
    "NotGathered",
    "NotPublishable",
    "NotRevisable",
    "Overtaken",
    "TooManyReports",
    "accept",
    "accept_insight",
    "asks_a_model",
    "check_article",
    "check_meeting",
    "decide",
    "draft",
    "draft_without_model",
    "edit",
    "gather",
    "held",
    "join",
    "mark_as_context",
    "mark_stale",
    "note_change",
    "publish",
    "replace",
    "report_error",
    "rest_again",
    "retitle",
    "show_insight",
    "strike",
    "strike_insight",
    "take_back",
    "withdraw",
    "withdraw_in_public",
]

# How many reports are taken: from one address in an hour and in a day, and from all in an hour.
REPORTS_AN_HOUR, REPORTS_A_DAY, REPORTS_OF_ALL = 5, 20, 200
# One number for all who count reports at the same time (PostgreSQL's advisory locks).
REPORT_LOCK = 0x41525450
# Who sends the same words again within this time has pressed the button twice.
SAME_REPORT = timedelta(days=1)


class TooManyReports(Exception):
    """The limit of reports is reached. The message is a sentence for the reader."""


@transaction.atomic
def publish(
    *, article: Article, by: User, now: datetime, reason: str = "", seen: int | None = None
) -> Article:
    """Put the article before the public under the name of who reviewed it.

    It is checked once more as it is now; where a check fails, it takes a `reason`, which is kept
    with the name. `seen` is the number of the version that was reviewed, 0 before there was one.
    The first time of publishing is kept. Raises NotPublishable, and its kind NeedsReason, and then
    nothing is stored.
    """
    fresh = Article.objects.held().get(pk=article.pk)
    last = versions.newest(fresh)
    if seen is not None and seen != (last.number if last else 0):
        raise NotPublishable(_("This article was changed since you opened it. Look at it again."))
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
def report_error(
    *,
    article: Article,
    sentences: Sequence[Sentence] = (),
    what: str,
    email: str,
    reporter_hash: str,
    now: datetime,
) -> ErrorReport:
    """Keep what a reader says is wrong, for staff to look into.

    `sentences` are those that it is about, as they read now; none for the article as a whole.
    `reporter_hash` stands for the address it came from (`visitors`). The same words about the same
    sentences from there again are the same report, with the address that was left last. Raises
    TooManyReports, and then nothing is kept.
    """
    with connection.cursor() as cursor:
        # To the end of the transaction, so that nobody slips in between.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REPORT_LOCK])
    about = [_as_it_reads(sentence) for sentence in sentences]
    own = ErrorReport.objects.filter(reporter_hash=reporter_hash, article=article)
    same = own.open().filter(what=what, sentences=about, created_at__gt=now - SAME_REPORT).first()
    if same is not None:
        if email and email != same.email:
            same.email = email
            same.save(update_fields=["email"])
        return same
    _count_reports(reporter_hash, now)
    first = sentences[0] if sentences else None
    seen = article.versions.public().order_by("-number").values_list("number", flat=True).first()
    return ErrorReport.objects.create(
        article=article,
        sentence=first,
        sentence_text=first.text if first else "",
        sentences=about,
        version=seen,
        what=what,
        email=email,
        created_at=now,
        reporter_hash=reporter_hash,
    )


def _as_it_reads(sentence: Sentence) -> dict[str, object]:
    starts = [evidence.start_ms for evidence in sentence.evidence.all()]
    return {"id": sentence.pk, "text": sentence.text, "start_ms": min(starts, default=None)}


def _count_reports(reporter_hash: str, now: datetime) -> None:
    """Called under the lock of reports."""
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
