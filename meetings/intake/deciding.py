"""What staff decide about an article on its screen: one wish at a time, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from meetings.articles import offering
from meetings.articles import services as articles
from meetings.articles.models import Article, Check, Insight, Sentence
from memberships.gate.entitlement import User

from . import reviewing


class Do(models.TextChoices):
    """What a button of the screen does."""

    ACCEPT = "accept", gettext_lazy("Accept")
    TAKE_BACK = "take-back", gettext_lazy("Take back")
    EDIT = "edit", gettext_lazy("Save")
    STRIKE = "strike", gettext_lazy("Strike")
    CONTEXT = "context", gettext_lazy("Mark as context")
    NO_CONTEXT = "no-context", gettext_lazy("Not context")
    REST = "rest", gettext_lazy("Let it rest on the new words")
    REPLACE = "replace", gettext_lazy("Take this one")
    RETITLE = "retitle", gettext_lazy("Save the headline")
    PUBLISH = "publish", gettext_lazy("Publish")
    ACCEPT_INSIGHT = "accept-insight", gettext_lazy("Accept the insight")
    STRIKE_INSIGHT = "strike-insight", gettext_lazy("Strike the insight")
    SHOW_INSIGHT = "show-insight", gettext_lazy("Take back")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, and what they had before them.

    `row` is the id of the sentence or insight. `seen` is the sentence's token, the old headline or
    the version's number. `reason` is why it is public although a check fails; `why` is what readers
    are told of a change.
    """

    do: Do
    row: int | None = None
    seen: str = ""
    text: str = ""
    reason: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What happened, in a sentence, and the part of the screen to go on from."""

    said: str
    place: str = ""


def decide(*, article: Article, wish: Wish, by: User, now: datetime) -> Done:
    """Do what somebody asks for.

    Raises articles.NotRevisable, its kind Overtaken, articles.NotPublishable, its kind NeedsReason,
    articles.NotDecidable and records.IllegalMove: then nothing was stored, but what failed where
    publishing takes a reason.
    """
    if wish.do == Do.PUBLISH:
        number = int(wish.seen) if wish.seen.isascii() and wish.seen.isdecimal() else -1
        reviewing.approve_article(article=article, by=by, now=now, reason=wish.reason, seen=number)
        return Done(_("The article is published."))
    with transaction.atomic():
        if wish.do == Do.RETITLE:
            return _retitled(article, wish, by, now)
        if wish.do in {Do.ACCEPT_INSIGHT, Do.STRIKE_INSIGHT, Do.SHOW_INSIGHT}:
            return _insight(article, wish, by, now)
        return _sentence(article, wish, by, now)


def _retitled(article: Article, wish: Wish, by: User, now: datetime) -> Done:
    def retitle() -> None:
        articles.retitle(
            article=article, headline=wish.text, by=by, now=now, reason=wish.reason, was=wish.seen
        )

    if " ".join(wish.text.split()) == wish.seen:
        return Done(_("The headline is as it was."), "headline")
    _in_public(article, wish, retitle, by=by, now=now)
    return Done(_("The headline is changed."), "headline")


def _insight(article: Article, wish: Wish, by: User, now: datetime) -> Done:
    row = Insight.objects.filter(meeting=article.meeting_id, pk=wish.row or 0).first()
    if row is None:
        raise articles.NotRevisable(
            _("The insights of this meeting were gathered anew. Look again.")
        )
    if wish.do == Do.ACCEPT_INSIGHT:
        articles.accept_insight(insight=row, by=by, now=now)
        said = _("The insight is accepted.")
    elif wish.do == Do.STRIKE_INSIGHT:
        articles.strike_insight(insight=row, by=by, now=now)
        said = _("The insight is struck. Members do not see it any more.")
    else:
        articles.show_insight(insight=row)
        said = _("The insight waits to be looked at again.")
    reviewing.tell_of(article.meeting)
    return Done(said, f"i{row.pk}")


def _sentence(article: Article, wish: Wish, by: User, now: datetime) -> Done:
    row = article.sentences.filter(pk=wish.row or 0).first()
    if row is None:
        raise articles.NotRevisable(_("This sentence was struck meanwhile."))
    row.article = article
    place = f"s{row.pk}"
    if wish.do == Do.ACCEPT:
        articles.accept(sentence=row, by=by, now=now, seen=wish.seen)
        return Done(_("Accepted."), place)
    if wish.do == Do.TAKE_BACK:
        articles.take_back(sentence=row)
        return Done(_("It waits to be accepted again."), place)
    if wish.do == Do.EDIT and " ".join(wish.text.split()) == row.text:
        articles.held(sentence=row, seen=wish.seen)
        return Done(_("The sentence is as it was."), place)
    if wish.do == Do.STRIKE:
        after = _neighbor(row)
        _in_public(article, wish, lambda: _strike(row, wish, by, now), by=by, now=now)
        return Done(_("The sentence is struck."), f"s{after}" if after else "")
    failed: list[Check] = []
    _in_public(article, wish, lambda: failed.extend(_changed(row, wish, by, now)), by=by, now=now)
    return Done(_checked(failed), place)


def _strike(row: Sentence, wish: Wish, by: User, now: datetime) -> None:
    articles.strike(sentence=row, by=by, now=now, reason=wish.reason, seen=wish.seen)


def _changed(row: Sentence, wish: Wish, by: User, now: datetime) -> Sequence[Check]:
    """The checks that fail after a change of the sentence."""
    if wish.do == Do.EDIT:
        return articles.edit(
            sentence=row, text=wish.text, by=by, now=now, reason=wish.reason, seen=wish.seen
        )
    if wish.do == Do.REST:
        return articles.rest_again(sentence=row, by=by, now=now, reason=wish.reason, seen=wish.seen)
    if wish.do == Do.REPLACE:
        offer = offering.offered(row, wish.text)
        if offer is None:
            raise articles.NotRevisable(_("This offer does not stand any more. Ask for others."))
        return articles.replace(
            sentence=row,
            text=offer.text,
            spans=offer.spans,
            by=by,
            now=now,
            reason=wish.reason,
            seen=wish.seen,
        )
    return articles.mark_as_context(
        sentence=row,
        is_context=wish.do == Do.CONTEXT,
        by=by,
        now=now,
        reason=wish.reason,
        seen=wish.seen,
    )


def _in_public(
    article: Article, wish: Wish, change: Callable[[], None], *, by: User, now: datetime
) -> None:
    """Make a change; where readers see it, put it into the public log and tell their pages."""
    change()
    articles.note_change(article=article, by=by, now=now, reason=wish.why)
    article.refresh_from_db(fields=["state"])  # somebody may have published it meanwhile
    if article.is_published:
        reviewing.tell_of(article.meeting)


def _neighbor(row: Sentence) -> int | None:
    """The sentence to go on from when this one is struck."""
    order = list(
        row.article.sentences.order_by("paragraph", "position").values_list("pk", flat=True)
    )
    at = order.index(row.pk)
    behind, before = order[at + 1 : at + 2], order[max(at - 1, 0) : at]
    return next(iter([*behind, *before]), None)


def _checked(failed: Sequence[Check]) -> str:
    if not failed:
        return _("Changed, and checked at once: every check holds.")
    number = len(failed)
    return (
        ngettext(
            "Changed, and checked at once: %d check fails.",
            "Changed, and checked at once: %d checks fail.",
            number,
        )
        % number
    )
