"""What staff change in an article: each change is checked at once and kept as a version."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from memberships.gate.entitlement import User

from . import checking, versions
from .checking import Hearing
from .drafting import LEAD
from .models import Article, ArticleVersion, Check, Evidence, Sentence, State


class NotRevisable(ValueError):
    """The article cannot be changed so. The message is a sentence for staff."""


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


def edit(
    *, sentence: Sentence, text: str, by: User, now: datetime, reason: str = ""
) -> list[Check]:
    """Give a sentence other words, and give the checks of it that fail then.

    What is edited in a published article is public at once, so it takes a `reason` where a check
    of the sentence fails. Raises NotRevisable and NeedsReason.
    """
    words = " ".join(text.split())
    if not words:
        raise NotRevisable(_("A sentence has words. To take it out, strike it."))
    if len(words) > Sentence.TEXT_MAX:
        raise NotRevisable(
            _("A sentence has at most %(most)d characters. This one has %(number)d.")
            % {"most": Sentence.TEXT_MAX, "number": len(words)}
        )

    def change(row: Sentence) -> None:
        row.text = words
        row.save(update_fields=["text"])

    return _change(sentence, change, by=by, now=now, reason=reason)


def strike(*, sentence: Sentence, by: User, now: datetime) -> None:
    """Take a sentence out. Raises NotRevisable where it is the last one, or the standfirst."""

    def change(row: Sentence) -> None:
        others = Sentence.objects.filter(article=row.article_id).exclude(pk=row.pk)
        if row.paragraph == LEAD:
            raise NotRevisable(_("The standfirst cannot be struck. Edit it instead."))
        if not others.exclude(paragraph=LEAD).exists():
            raise NotRevisable(_("This is the last sentence. Withdraw the article instead."))
        row.delete()

    _change(sentence, change, by=by, now=now)


def mark_as_context(
    *, sentence: Sentence, is_context: bool, by: User, now: datetime, reason: str = ""
) -> list[Check]:
    """Say that a sentence needs nothing to rest on, or that it does after all.

    Gives the checks that fail then. Raises NeedsReason.
    """

    def change(row: Sentence) -> None:
        row.is_context = is_context
        row.save(update_fields=["is_context"])

    return _change(sentence, change, by=by, now=now, reason=reason)


def rest_again(*, sentence: Sentence, by: User, now: datetime, reason: str = "") -> list[Check]:
    """Have a stale sentence rest on what is said now at the same time, and check it against that.

    Gives the checks that fail then. Raises NotRevisable where nothing is said there any more, and
    NeedsReason.
    """
    words = checking.hearing(sentence.article.meeting)

    def change(row: Sentence) -> None:
        for one in row.evidence.all():
            _move(one, words)

    return _change(sentence, change, by=by, now=now, reason=reason, words=words)


def _move(one: Evidence, words: Hearing) -> None:
    said = words.cited(one) or words.at_the_time(one)
    if not said:
        raise NotRevisable(_("Nothing is said there any more. Edit the sentence, or strike it."))
    one.first_key, one.last_key = said[0].key, said[-1].key
    one.start_ms = said[0].start_ms
    one.end_ms = max(segment.end_ms for segment in said)
    one.words = checking.said_in(said)
    one.save()


@transaction.atomic
def _change(
    sentence: Sentence,
    change: Callable[[Sentence], None],
    *,
    by: User,
    now: datetime,
    reason: str = "",
    words: Hearing | None = None,
) -> list[Check]:
    """Change a sentence under its article's lock; check it, and keep the version.

    Of two at once the second changes what the first has stored.
    """
    article = (
        Article.objects.select_for_update(of=("self",))
        .select_related("meeting__body__place")
        .get(pk=sentence.article_id)
    )
    if article.state == State.WITHDRAWN:
        raise NotRevisable(_("A withdrawn article is not changed. Publish it again first."))
    row = article.sentences.filter(pk=sentence.pk).first()
    if row is None:
        raise NotRevisable(_("This sentence was struck meanwhile."))
    row.article = article
    versions.begin(article)
    change(row)
    keep_in_step(article=article, now=now)
    failed: list[Check] = []
    if row.pk is not None:
        failed = checking.check_sentence(sentence=row, now=now, words=words)
    if not article.is_published:
        versions.add(article, change=ArticleVersion.Change.EDITED, by=by, now=now)
        return failed
    _publish_change(article, failed, by=by, now=now, reason=reason.strip())
    return failed


def _publish_change(
    article: Article, failed: Sequence[Check], *, by: User, now: datetime, reason: str
) -> None:
    """What failed elsewhere in the article has the reason that was given then."""
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


@transaction.atomic
def keep_first_version(*, article: Article) -> None:
    """Before an article is changed by other hands than these: keep what is stored of it."""
    versions.begin(Article.objects.select_for_update(of=("self",)).get(pk=article.pk))


@transaction.atomic
def note_edits(*, article: Article, by: User, now: datetime) -> list[Check]:
    """After an unpublished article was changed so: check it, and keep the version.

    Gives the checks that fail.
    """
    keep_in_step(article=article, now=now)
    versions.add(article, change=ArticleVersion.Change.EDITED, by=by, now=now)
    return checking.check_article(article=article, now=now)


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
