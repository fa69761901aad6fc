"""What can be done to an article: draft, publish, withdraw, and report what is wrong with it.

Approving from the desk and withdrawing touch other rooms too: those verbs are in `intake`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User

from . import checking, reporting, versions
from .accepting import accept, accept_insight, show_insight, strike_insight, take_back
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
from .drafting import LEAD, NotDraftable, draft, draft_without_model
from .gathering import NotGathered, gather
from .llm.client import is_set as asks_a_model
from .models import Article, ArticleVersion, ErrorReport, Sentence, State
from .reporting import TooManyReports
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

# One number for all who count reports at the same time (PostgreSQL's advisory locks).
REPORT_LOCK = 0x41525450
# Who sends the same words again within this time has pressed the button twice.
SAME_REPORT = timedelta(days=1)


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
    reporting.wait_for_turn(REPORT_LOCK)
    about = [_as_it_reads(sentence) for sentence in sentences]
    own = ErrorReport.objects.filter(reporter_hash=reporter_hash, article=article)
    same = own.open().filter(what=what, sentences=about, created_at__gt=now - SAME_REPORT).first()
    if same is not None:
        if email and email != same.email:
            same.email = email
            same.save(update_fields=["email"])
        return same
    reporting.count(ErrorReport.objects.all(), reporter_hash=reporter_hash, now=now)
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
