"""What staff change in an article: each change is checked at once and kept as a version."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from meetings.records.models import address
from memberships.gate.entitlement import User

from . import changing, checking, versions
from .changing import NotRevisable, Overtaken
from .checking import Hearing
from .drafting import LEAD
from .models import Article, Check, Evidence, Sentence
from .spans import Span


def edit(
    *,
    sentence: Sentence,
    text: str,
    by: User,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> list[Check]:
    """Give a sentence other words, and give the checks of it that fail then.

    What is edited in a published article is public at once, so it takes a `reason` where a check
    of the sentence fails. `seen` is the token (`versions.token`) of the sentence as it was read,
    here and below. Raises NotRevisable, its kind Overtaken, and NeedsReason.
    """
    words = " ".join(text.split())

    def change(row: Sentence) -> None:
        _reword(row, words)

    return changing.change(sentence, change, by=by, now=now, reason=reason, seen=seen)


def replace(
    *,
    sentence: Sentence,
    text: str,
    spans: Sequence[Span],
    by: User,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> list[Check]:
    """Put words that were said in the place of a sentence, with the segments that hold them.

    Gives the checks that fail then. Raises as `edit` does.
    """

    def change(row: Sentence) -> None:
        row.is_context = False
        _reword(row, text)
        row.evidence.all().delete()
        for span in spans:
            Evidence.objects.create(
                sentence=row,
                kind=Evidence.Kind.QUOTATION,
                first_key=span.first_key,
                last_key=span.last_key,
                start_ms=span.start_ms,
                end_ms=span.end_ms,
            )

    return changing.change(sentence, change, by=by, now=now, reason=reason, seen=seen)


def _reword(row: Sentence, words: str) -> None:
    if not words:
        raise NotRevisable(_("A sentence has words. To take it out, strike it."))
    most = Article.STANDFIRST_MAX if row.paragraph == LEAD else Sentence.TEXT_MAX
    if len(words) > most:
        raise NotRevisable(
            _("This sentence has at most %(most)d characters. Yours has %(number)d.")
            % {"most": most, "number": len(words)}
        )
    row.text = words
    row.save(update_fields=["text", "is_context"])


def strike(
    *, sentence: Sentence, by: User, now: datetime, reason: str = "", seen: str | None = None
) -> None:
    """Take a sentence out. Raises NotRevisable where it is the last one, or the standfirst."""

    def change(row: Sentence) -> None:
        others = Sentence.objects.filter(article=row.article_id).exclude(pk=row.pk)
        if row.paragraph == LEAD:
            raise NotRevisable(_("The standfirst cannot be struck. Edit it instead."))
        if not others.exclude(paragraph=LEAD).exists():
            raise NotRevisable(_("This is the last sentence. Withdraw the article instead."))
        row.delete()

    changing.change(sentence, change, by=by, now=now, reason=reason, seen=seen)


def mark_as_context(
    *,
    sentence: Sentence,
    is_context: bool,
    by: User,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> list[Check]:
    """Say that a sentence needs nothing to rest on, or that it does after all.

    Gives the checks that fail then. Raises NeedsReason.
    """

    def change(row: Sentence) -> None:
        row.is_context = is_context
        row.save(update_fields=["is_context"])

    return changing.change(sentence, change, by=by, now=now, reason=reason, seen=seen)


def rest_again(
    *, sentence: Sentence, by: User, now: datetime, reason: str = "", seen: str | None = None
) -> list[Check]:
    """Have a stale sentence rest on what is said now at the same time, and check it against that.

    Gives the checks that fail then. Raises NotRevisable where nothing is said there any more, and
    NeedsReason.
    """
    words = checking.hearing(sentence.article.meeting)

    def change(row: Sentence) -> None:
        said = checking.as_now(row.article.meeting, words)
        for one in row.evidence.all():
            _move(one, said)

    return changing.change(sentence, change, by=by, now=now, reason=reason, words=words, seen=seen)


def retitle(
    *,
    article: Article,
    headline: str,
    by: User,
    now: datetime,
    reason: str = "",
    was: str | None = None,
) -> None:
    """Give an article another headline. Before it was published its address follows.

    `was` is the headline as it was read. Raises NotRevisable, Overtaken and NeedsReason.
    """
    words = " ".join(headline.split())
    if not words:
        raise NotRevisable(_("An article has a headline."))
    if len(words) > Article.HEADLINE_MAX:
        raise NotRevisable(
            _("A headline has at most %(most)d characters. This one has %(number)d.")
            % {"most": Article.HEADLINE_MAX, "number": len(words)}
        )
    with transaction.atomic():
        fresh = changing.locked(article)
        if was is not None and was != fresh.headline:
            raise Overtaken(fresh)
        versions.begin(fresh)
        fresh.headline, fresh.updated_at = words, now
        if fresh.published_at is None:
            fresh.slug = address(words)
        fresh.save(update_fields=["headline", "slug", "updated_at"])
        changing.keep(fresh, [], by=by, now=now, reason=reason)


def _move(one: Evidence, words: Hearing) -> None:
    said = words.cited(one) or words.at_the_time(one)
    if not said:
        raise NotRevisable(_("Nothing is said there any more. Edit the sentence, or strike it."))
    one.first_key, one.last_key = said[0].key, said[-1].key
    one.start_ms = said[0].start_ms
    one.end_ms = max(segment.end_ms for segment in said)
    one.words = checking.said_in(said)
    one.save()
