"""Articles as readers see them, with what they rest on and how they were checked."""

from collections.abc import Sequence

from meetings.articles.models import (
    Article,
    ArticleQuerySet,
    ArticleVersion,
    Check,
    Correction,
    Evidence,
    Sentence,
)

from ..columns import column
from .table import INSIDE, STAFF, Table


def _articles(meetings: Sequence[int]) -> ArticleQuerySet:
    return Article.objects.published().filter(meeting__in=meetings)


TABLES = (
    Table(
        "articles",
        "Short summaries that are published, written by a machine and reviewed by a person.",
        Article,
        (
            column("id", "integer", "Number of the article."),
            column("meeting_id", "integer", "The meeting that it is about."),
            column("slug", "text", "The readable part of its address: /articles/<id>/<slug>/."),
            column("headline", "text", "Its headline."),
            column("standfirst", "text", "One sentence that could stand alone."),
            column("language", "text", "Language tag (BCP 47)."),
            column("writer", "text", "What wrote it, such as extractive."),
            column("writer_version", "text", "The version of that writer."),
            column("model_name", "text?", "The language model.", lookup="writing__model_name"),
            column("prompt", "text?", "By which prompt it was asked.", lookup="writing__prompt"),
            column("transcript_version", "integer", "The version that it was written from."),
            column("published_at", "instant", "When it was published."),
            column("updated_at", "instant", "When it was last changed."),
            column("reviewed_by_name", "text", "Who read it before it was published."),
        ),
        lambda meetings, _at: Article.objects.published().filter(meeting__in=meetings),
        without={
            "state": "all are published",
            "created_at": INSIDE,
            "writing": "what of it is public stands in two columns",
            "reviewed_by": "an account",
            "withdrawn_reason": "none is withdrawn",
        },
    ),
    Table(
        "sentences",
        "The sentences of articles.",
        Sentence,
        (
            column("id", "integer", "Number of the sentence."),
            column("article_id", "integer", "Its article."),
            column("paragraph", "integer", "The paragraph, in order."),
            column("position", "integer", "Its place in the paragraph."),
            column("part", "text", "telling, why, next or open."),
            column("text", "text", "The sentence."),
            column("is_context", "boolean", "Whether it needs nothing to rest on."),
            column("checked_at", "instant?", "When its checks ran last."),
            column("checked_version", "integer?", "Against which version of the transcript."),
            column("stale_since", "instant?", "Since when the words that it rests on are others."),
        ),
        lambda meetings, _at: Sentence.objects.filter(article__in=_articles(meetings)),
        without={"accepted_at": "for staff", "accepted_by": STAFF},
    ),
    Table(
        "evidence",
        "The segments that a sentence rests on.",
        Evidence,
        (
            column("id", "integer", "Number of the evidence."),
            column("sentence_id", "integer", "The sentence that rests on it."),
            column("kind", "text", "quotation or support."),
            column("first_key", "text", "The first segment."),
            column("last_key", "text", "The last segment."),
            column("start_ms", "integer", "When it begins in the recording."),
            column("end_ms", "integer", "When it ends."),
        ),
        lambda meetings, _at: Evidence.objects.filter(sentence__article__in=_articles(meetings)),
        without={"words": "the segments have them"},
    ),
    Table(
        "checks",
        "What became of each claim of a sentence: figures, dates, names, votes, quotations.",
        Check,
        (
            column("id", "integer", "Number of the check."),
            column("sentence_id", "integer", "The sentence."),
            column("position", "integer", "Its place among the sentence's checks."),
            column("kind", "text", "evidence, quotation, figure, date, money, vote or name."),
            column("verdict", "text", "What the check found, such as verbatim."),
            column("is_failed", "boolean", "Whether the claim failed it."),
            column("start", "integer", "The claim in the sentence: its first character, from 0."),
            column("end", "integer", "The character after its last."),
        ),
        lambda meetings, _at: Check.objects.filter(sentence__article__in=_articles(meetings)),
        without={"detail": "its form changes with the checks"},
    ),
    Table(
        "article_versions",
        "What an article said at each time at which readers could see it.",
        ArticleVersion,
        (
            column("id", "integer", "Number of the version's row."),
            column("article_id", "integer", "The article."),
            column("number", "integer", "The version, counted from 1; drafts count too."),
            column("change", "text", "published or revised."),
            column("headline", "text", "The headline then."),
            column("standfirst", "text", "The standfirst then."),
            column("sentences", "json", "The sentences then, each with its evidence."),
            column("transcript_version", "integer", "The version of the transcript then."),
            column("made_at", "instant", "When it was made."),
        ),
        lambda meetings, _at: ArticleVersion.objects.public().filter(
            article__in=_articles(meetings)
        ),
        without={
            "is_public": "all are",
            "failed": "for staff",
            "reason": "for staff",
            "made_by": STAFF,
            "made_by_name": STAFF,
        },
    ),
    Table(
        "corrections",
        "What was decided about errors in articles, with the reasons.",
        Correction,
        (
            column("id", "integer", "Number of the decision: /corrections/<id>/."),
            column("article_id", "integer", "The article."),
            column("outcome", "text", "corrected, clarified, no_change or withdrawn."),
            column("reason", "text", "Why it was decided so."),
            column("before_id", "integer?", "The article's version before; empty: no new words."),
            column("version_id", "integer?", "The article's version after."),
            column("reported_at", "instant?", "When a reader first reported it."),
            column("decided_at", "instant", "When it was decided."),
        ),
        lambda meetings, _at: Correction.objects.filter(article__in=_articles(meetings)),
        without={"decided_by": STAFF, "decided_by_name": STAFF},
    ),
)
