"""What readers see of an article: publishing it, withdrawing it, and who hears of either."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.articles import services as articles
from meetings.articles.models import Article, Correction, ErrorReport, Outcome
from meetings.records import services as records
from meetings.records.models import Meeting
from meetings.records.models import State as MeetingState
from memberships.gate import pages
from memberships.gate.entitlement import User


def approve_article(
    *, article: Article, by: User, now: datetime, reason: str = "", seen: int | None = None
) -> Article:
    """Publish an article under the name of the person who reviewed it.

    `seen` is the number of the version that they reviewed. A meeting that is not public yet is
    published with it, because each of its sentences leads there. Raises records.IllegalMove where
    the meeting was withdrawn; articles.NeedsReason where a check of the article fails and no
    `reason` is given, and then only what failed is stored.
    """
    try:
        return _approve(article, by=by, now=now, reason=reason, seen=seen)
    except articles.NeedsReason:
        articles.check_article(article=article, now=now)
        raise


@transaction.atomic
def _approve(
    article: Article, *, by: User, now: datetime, reason: str, seen: int | None
) -> Article:
    meeting = article.meeting
    if meeting.state == MeetingState.WITHDRAWN:
        raise records.IllegalMove(_("The meeting was withdrawn. Publish it again first."))
    if meeting.state != MeetingState.PUBLISHED:
        records.publish(meeting=meeting, now=now)
    else:
        records.note_edit(meeting=meeting)
    published = articles.publish(article=article, by=by, now=now, reason=reason, seen=seen)
    pages.drop_all()
    return published


@transaction.atomic
def withdraw_article(*, article: Article, reason: str, by: User, now: datetime) -> Correction:
    """Take an article back. Its address says from then on that it was withdrawn, and why.

    That is put into the public log, and answers all reports of errors in it.
    """
    withdrawn = articles.withdraw_in_public(article=article, reason=reason, by=by, now=now)
    tell_of(article.meeting)
    return withdrawn


@transaction.atomic
def decide_in_public(
    *,
    article: Article,
    reports: Sequence[ErrorReport],
    outcome: Outcome,
    reason: str,
    by: User,
    now: datetime,
    words: Mapping[int, str] | None = None,
    seen: Mapping[int, str] | None = None,
    despite: str = "",
) -> Correction:
    """Decide about an article in public, and answer those who reported errors in it.

    Takes and raises what `articles.correcting.decide` does.
    """
    decision = articles.decide(
        article=article,
        reports=reports,
        outcome=outcome,
        reason=reason,
        by=by,
        now=now,
        words=words,
        seen=seen,
        despite=despite,
    )
    tell_of(article.meeting)
    return decision


def tell_of(meeting: Meeting) -> None:
    """Something of the meeting that readers see was changed: the log and kept pages hear of it."""
    records.note_edit(meeting=meeting)
    pages.drop_all()
