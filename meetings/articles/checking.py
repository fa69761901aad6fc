"""Running the checks: each sentence against what was said, and the verdicts as rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from meetings.records.models import Meeting
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Segment, Transcript
from meetings.transcripts.utterances import Spoken

from . import queries
from .checks import evidence, together
from .checks.finding import Finding, Kind
from .checks.heard import Heard
from .models import Article, Check, Evidence, Insight, InsightEvidence, Sentence, State


@dataclass(frozen=True, slots=True)
class Hearing:
    """A meeting's words as they are now, made ready once for all of its sentences."""

    transcript: Transcript | None
    heard: Heard
    places: dict[str, int]
    facts: together.Facts

    def cited(self, one: Evidence | InsightEvidence) -> list[Spoken]:
        """The segments that evidence names; none where one of its ends is gone."""
        first, last = self.places.get(one.first_key), self.places.get(one.last_key)
        if first is None or last is None:
            return []
        return self.heard.segments[first : last + 1]

    def at_the_time(self, one: Evidence) -> list[Spoken]:
        """What is said now when the evidence was: what most likely stands in its place."""
        return [
            segment
            for segment in self.heard.segments
            if segment.start_ms < one.end_ms and one.start_ms < segment.end_ms
        ]


def hearing(meeting: Meeting) -> Hearing:
    """Reads the whole transcript."""
    transcript = transcripts.current(meeting)
    segments = list(transcripts.segments(transcript)) if transcript else []
    agenda = meeting.agenda.values_list("title", flat=True)
    names = [meeting.title, meeting.body.name, meeting.body.place.name, *agenda]
    return Hearing(
        transcript=transcript,
        heard=Heard(segments),
        places={segment.key: place for place, segment in enumerate(segments)},
        facts=together.Facts(
            held_on=meeting.held_on,
            names=names,
            language=transcript.language if transcript else "",
        ),
    )


def as_now(meeting: Meeting, words: Hearing | None) -> Hearing:
    """The words, heard anew where there are newer ones. Called under the lock of what is checked:
    who waited for that may have heard what was corrected meanwhile.
    """
    if words is None or words.transcript != transcripts.current(meeting):
        return hearing(meeting)
    return words


def check_meeting(*, meeting: Meeting, now: datetime) -> None:
    """Check a meeting's insights, and all its articles but those that were withdrawn."""
    articles = list(Article.objects.filter(meeting=meeting).exclude(state=State.WITHDRAWN))
    if not articles and not meeting.insights.exists():
        return
    words = hearing(meeting)
    check_insights(meeting=meeting, words=words)
    for article in articles:
        check_article(article=article, now=now, words=words)


@transaction.atomic
def check_article(*, article: Article, now: datetime, words: Hearing | None = None) -> list[Check]:
    """Check every sentence of an article, and give those checks that failed, in order."""
    if Article.objects.held().filter(pk=article.pk).first() is None:
        return []  # replaced by a newer draft meanwhile
    words = as_now(article.meeting, words)
    for sentence in queries.sentences(article):
        _check(sentence, article, words, now)
    return failed_checks(article)


@transaction.atomic
def check_sentence(
    *, sentence: Sentence, now: datetime, words: Hearing | None = None
) -> list[Check]:
    """Check one sentence, and give those of its checks that failed, in order."""
    article = sentence.article
    Article.objects.held().get(pk=article.pk)
    _check(sentence, article, as_now(article.meeting, words), now)
    return list(sentence.checks.failed().select_related("sentence").in_order())


@transaction.atomic
def check_insights(*, meeting: Meeting, words: Hearing) -> None:
    """Keep with each insight of a meeting which checks of it failed."""
    held = meeting.insights.order_by("pk").select_for_update(no_key=True)
    words = as_now(meeting, words)
    rows = list(held.prefetch_related("evidence"))
    for row in rows:
        cited = [segment for one in row.evidence.all() for segment in words.cited(one)]
        row.failed = [
            {
                "kind": one.kind.value,
                "verdict": str(one.verdict),
                "claim": text[one.start : one.end],
            }
            for text in _claims(row)
            for one in together.check(text, cited, words.heard, facts=words.facts)
            if together.has_failed(one) and (text == row.text or one.kind is not Kind.EVIDENCE)
        ]
    Insight.objects.bulk_update(rows, ["failed"], batch_size=200)


def _claims(insight: Insight) -> Iterator[str]:
    """What an insight says in words: its tally, who voted, who promised and by when included."""
    yield insight.text
    if insight.ayes is not None and insight.noes is not None:
        yield f"The vote was {insight.ayes}–{insight.noes}."
    if insight.votes:
        yield f"The votes are of {', '.join(vote['name'] for vote in insight.votes)}."
    if insight.who:
        yield f"It was promised by {insight.who}."
    if insight.due:
        yield f"It was promised {insight.due}."


def failed_checks(article: Article) -> list[Check]:
    """Each with its sentence at hand."""
    rows = Check.objects.of_article(article).failed()
    return list(rows.select_related("sentence").in_order())


def _check(sentence: Sentence, article: Article, words: Hearing, now: datetime) -> None:
    """Called under the article's lock, so that of two at once the second replaces the first's."""
    rows = list(sentence.evidence.all())
    _note_words(rows, article, words)
    stale = list(_stale(rows, words))
    cited: list[Spoken] = []
    for one in rows:
        cited += words.cited(one) or words.at_the_time(one)
    found = _findings(sentence, rows, cited, words)
    Check.objects.filter(sentence=sentence).delete()
    Check.objects.bulk_create(
        Check(
            sentence=sentence,
            position=position,
            kind=finding.kind.value,
            verdict=str(finding.verdict),
            is_failed=together.has_failed(finding),
            start=finding.start,
            end=finding.end,
            detail=dict(finding.detail),
        )
        for position, finding in enumerate([*stale, *found], start=1)
    )
    sentence.checked_at = now
    sentence.checked_version = words.transcript.version if words.transcript else None
    sentence.stale_since = (sentence.stale_since or now) if stale else None
    sentence.save(update_fields=["checked_at", "checked_version", "stale_since"])


def _findings(
    sentence: Sentence, rows: Sequence[Evidence], cited: Sequence[Spoken], words: Hearing
) -> list[Finding]:
    """What the checks say. What staff call context may rest on anything in the meeting."""
    is_context = sentence.is_context and not rows
    where = words.heard.segments if is_context else cited
    found = together.check(sentence.text, where, words.heard, facts=words.facts)
    if is_context:
        context = Finding(Kind.EVIDENCE, evidence.Verdict.CONTEXT, 0, len(sentence.text))
        return [context, *(one for one in found if one.kind is not Kind.EVIDENCE)]
    if rows and not cited:  # what is gone is told of already
        return [one for one in found if one.verdict != evidence.Verdict.MISSING]
    return found


def _stale(rows: Sequence[Evidence], words: Hearing) -> Iterator[Finding]:
    """A finding for each evidence that does not stand any more: gone, or with other words."""
    for one in rows:
        cited = words.cited(one)
        said = said_in(cited or words.at_the_time(one))
        if not cited or said != one.words:
            verdict = evidence.Verdict.CHANGED if cited else evidence.Verdict.GONE
            detail = {"evidence": one.pk, "was": one.words, "now": said}
            yield Finding(Kind.EVIDENCE, verdict, 0, 0, detail)


def _note_words(rows: Sequence[Evidence], article: Article, words: Hearing) -> None:
    """Keep the words that a sentence was written from, the first time it is checked."""
    fresh = [one for one in rows if not one.words]
    if not fresh:
        return
    for one in fresh:
        one.words = _words_then(one, article, words)
    Evidence.objects.bulk_update(fresh, ["words"])


def _words_then(one: Evidence, article: Article, words: Hearing) -> str:
    transcript = words.transcript
    if transcript is None or transcript.version == article.transcript_version:
        return said_in(words.cited(one))
    older = Segment.objects.filter(
        transcript__meeting=article.meeting_id,
        transcript__language=transcript.language,
        transcript__version=article.transcript_version,
    )
    ends = dict(older.filter(key__in=[one.first_key, one.last_key]).values_list("key", "position"))
    if one.first_key not in ends or one.last_key not in ends:
        return said_in(words.cited(one))
    span = (ends[one.first_key], ends[one.last_key])
    texts = older.filter(position__range=span).in_order().values_list("text", flat=True)
    return " ".join(" ".join(texts).split())


def said_in(segments: Sequence[Spoken]) -> str:
    """The words of some segments as one text."""
    return " ".join(" ".join(segment.text for segment in segments).split())
