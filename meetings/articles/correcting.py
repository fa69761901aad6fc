"""Correcting in public: a decision about an article, with its reason, its versions and its answers.

All of a decision is one transaction: the words, the log, and the mails to those who reported.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User

from . import notices, revising, versions
from .changing import NotPublishable
from .models import (
    CHANGING,
    Article,
    ArticleVersion,
    Correction,
    ErrorReport,
    Outcome,
    ReportState,
    State,
)


class NotDecidable(ValueError):
    """The decision cannot be made so, and nothing was stored. The message is for staff."""


@transaction.atomic
def decide(
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
    """Decide about an article, and answer the reports that led to it.

    `words` are the new texts by the sentences' ids, as `versions.differences` numbers them: 0 is
    the headline, and an empty text strikes the sentence. Those that are as they were change
    nothing. `seen` are the texts that they were written over: where somebody was quicker, nothing
    is stored. `despite` says why the article stays public although a check fails. Without reports
    it is a correction on the staff's own account.

    Raises NotDecidable, and with changing.NotRevisable, changing.NotPublishable and its kind
    NeedsReason what `revising` raises.
    """
    said = _said(reason)
    fresh = _locked(article)
    answered = _still_open(fresh, reports)
    versions.begin(fresh)
    before = _last_public(fresh)
    changed = _changed(fresh, words or {}, seen or {})
    if changed and outcome not in CHANGING:
        raise NotDecidable(
            _("You changed words, and the decision says that none were. Choose another one.")
        )
    if outcome in CHANGING and not changed:
        raise NotDecidable(_("No word is changed yet. Change the words that were wrong."))
    if changed and not fresh.is_published:
        raise NotDecidable(_("This article is not public, so nothing in it is corrected now."))
    if outcome == Outcome.WITHDRAWN:
        withdraw(article=fresh, reason=said)
    for number, text in changed.items():
        _revise(fresh, number, text, by=by, now=now, reason=despite)
    correction = Correction.objects.create(
        article=fresh,
        outcome=outcome,
        reason=said,
        before=before if changed else None,
        version=_last_public(fresh) if changed else None,
        reported_at=min((one.created_at for one in answered), default=None),
        decided_at=now,
        decided_by=by,
        decided_by_name=by.display_name,
    )
    _answer(answered, correction, now=now)
    return correction


@transaction.atomic
def join(
    *, reports: Sequence[ErrorReport], correction: Correction, now: datetime
) -> list[ErrorReport]:
    """Answer reports with what was decided before about the same article. Raises NotDecidable."""
    fresh = _locked(correction.article)
    answered = _still_open(fresh, reports)
    _answer(answered, correction, now=now)
    return answered


@transaction.atomic
def withdraw_in_public(*, article: Article, reason: str, by: User, now: datetime) -> Correction:
    """Take an article back with everything that was reported of it: that answers it.

    Raises changing.NotPublishable where it is not public, or no reason is given.
    """
    withdraw(article=article, reason=reason)
    waiting = list(article.reports.open().oldest_first().select_for_update())
    correction = Correction.objects.create(
        article=article,
        outcome=Outcome.WITHDRAWN,
        reason=" ".join(reason.split()),
        reported_at=min((one.created_at for one in waiting), default=None),
        decided_at=now,
        decided_by=by,
        decided_by_name=by.display_name,
    )
    _answer(waiting, correction, now=now)
    return correction


@transaction.atomic
def withdraw(*, article: Article, reason: str) -> Article:
    """Take the article back. Its address says from then on that it was withdrawn, and why.

    Raises changing.NotPublishable where it is not public, or no reason is given.
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


@transaction.atomic
def note_change(
    *, article: Article, by: User, now: datetime, reason: str = ""
) -> Correction | None:
    """Put into the log what was changed in a public article without a report of it.

    `reason` is for readers; without one the log says that staff did it on their own account. None
    where readers see the same words as before, or the log has it already. Raises NotDecidable.
    """
    fresh = _locked(article)
    if not fresh.is_published:
        return None
    logged = fresh.corrections.changing().order_by("-version__number").first()
    version = _last_public(fresh)
    before = logged.version if logged else fresh.versions.public().order_by("number").first()
    if before is None or version is None or not versions.differences(before, version):
        return None
    return Correction.objects.create(
        article=fresh,
        outcome=Outcome.CORRECTED,
        reason=_said(reason or _("Our staff changed these words on their own account.")),
        before=before,
        version=version,
        decided_at=now,
        decided_by=by,
        decided_by_name=by.display_name,
    )


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise NotDecidable(_("A decision takes a reason. It is shown to readers."))
    if len(said) > Correction.REASON_MAX:
        raise NotDecidable(
            _("A reason has at most %(most)d characters. This one has %(number)d.")
            % {"most": Correction.REASON_MAX, "number": len(said)}
        )
    return said


def _locked(article: Article) -> Article:
    """The article as it is now, so that of two at once the second sees what the first did."""
    return Article.objects.held().get(pk=article.pk)


def _still_open(article: Article, reports: Sequence[ErrorReport]) -> list[ErrorReport]:
    wanted = {one.pk for one in reports}
    rows = article.reports.open().filter(pk__in=wanted).oldest_first().select_for_update()
    found = list(rows)
    if len(found) < len(wanted):
        raise NotDecidable(_("Somebody else has decided about a report meanwhile. Look again."))
    return found


def _last_public(article: Article) -> ArticleVersion | None:
    return article.versions.public().order_by("-number").first()


def _changed(article: Article, words: Mapping[int, str], seen: Mapping[int, str]) -> dict[int, str]:
    """Those of the texts that are new, without needless blanks."""
    now = {0: article.headline} | dict(article.sentences.values_list("pk", "text"))
    told = {number: " ".join(text.split()) for number, text in words.items()}
    if told.keys() - now.keys():
        raise NotDecidable(_("A sentence was struck meanwhile. Look again."))
    if any(" ".join(text.split()) != now.get(number) for number, text in seen.items()):
        raise NotDecidable(_("Somebody else changed these words meanwhile. Look again."))
    return {number: text for number, text in told.items() if text != now[number]}


def _revise(
    article: Article, number: int, text: str, *, by: User, now: datetime, reason: str
) -> None:
    if number == 0:
        revising.retitle(article=article, headline=text, by=by, now=now, reason=reason)
        return
    sentence = article.sentences.select_related("article__meeting").get(pk=number)
    if text:
        revising.edit(sentence=sentence, text=text, by=by, now=now, reason=reason)
    else:
        revising.strike(sentence=sentence, by=by, now=now, reason=reason)


def _answer(reports: Sequence[ErrorReport], correction: Correction, *, now: datetime) -> None:
    ErrorReport.objects.filter(pk__in=[one.pk for one in reports]).update(
        correction=correction, state=ReportState.CLOSED, closed_at=now
    )
    notices.decided(correction, reports, now=now)
