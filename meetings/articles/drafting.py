"""Drafting: a writer is given the words of a meeting, and what it makes waits for review."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from meetings.records.models import Meeting, address
from meetings.transcripts import queries as transcripts
from meetings.transcripts.models import Transcript

from .llm import client
from .llm.client import Alive
from .llm.refusals import NotAnswered
from .llm.spending import Spending
from .models import Article, Evidence, Sentence, State, Writing
from .writers import extractive
from .writers.draft import Chapter, Draft, DraftSentence, Part, Source, TooLittle, Writer
from .writers.hearing import language_of
from .writers.llm import Llm

# The paragraph of the sentence that stands above the article.
LEAD = 0


class NotDraftable(ValueError):
    """No article can be drafted from this meeting. The message is a sentence for staff."""


def silent(done: float = 0.0) -> None:
    """Nobody has to be told that the work goes on."""


def draft(
    *, meeting: Meeting, now: datetime, writer: Writer | None = None, alive: Alive = silent
) -> Article:
    """Write articles from the current transcript, leave them to be reviewed, and give the main one.

    Without a `writer` the language model writes, if one is set, else the extractive writer. Older
    drafts of the same writer from the same version of the transcript are replaced, unless they were
    ever published or a person has worked on them. Raises NotDraftable, and then nothing is stored
    but what a model took.
    """
    transcript = transcripts.current(meeting)
    if transcript is None:
        raise NotDraftable(
            _("This meeting has no transcript yet, so there is nothing to draft from.")
        )
    writer = writer or usual_writer(alive)
    source = source_of(meeting, transcript)
    try:
        drafts = writer.drafts(source)
    except TooLittle as error:
        _note_writing(meeting, transcript, writer, now, error=str(error))
        raise NotDraftable(str(error)) from error
    except NotAnswered as error:
        _note_writing(meeting, transcript, writer, now, error=str(error))
        raise NotDraftable(
            _("%s Run the step again, or have an article drafted without a model.") % error
        ) from error
    language = language_of((line.text for line in source.lines), filed_under=source.language)
    return _store(meeting, transcript, drafts, language=language, writer=writer, now=now)


def draft_without_model(*, meeting: Meeting, now: datetime) -> Article:
    """The same by the extractive writer, which asks nobody. Raises NotDraftable."""
    return draft(meeting=meeting, now=now, writer=extractive)


def usual_writer(alive: Alive) -> Writer:
    """Who writes where nobody was named."""
    if client.is_set():
        return Llm(alive)
    return extractive


def source_of(meeting: Meeting, transcript: Transcript) -> Source:
    """A meeting as writers see it."""
    started = meeting.agenda.filter(start_ms__isnull=False).order_by("start_ms", "position")
    return Source(
        body_name=meeting.body.name,
        title=meeting.title,
        language=transcript.language,
        lines=list(transcripts.segments(transcript)),
        chapters=[Chapter(item.title, item.start_ms or 0) for item in started],
    )


def writing_of(
    transcript: Transcript,
    spending: Spending,
    *,
    purpose: Writing.Purpose,
    prompt: str,
    begun_at: datetime,
    error: str = "",
) -> Writing:
    """Keep what work with the model took."""
    return Writing.objects.create(
        meeting_id=transcript.meeting_id,
        purpose=purpose,
        model_name=settings.LLM_MODEL,
        prompt=prompt,
        transcript_version=transcript.version,
        call_count=spending.calls,
        sent_back_count=spending.sent_back,
        dropped_count=spending.dropped,
        input_tokens=spending.input_tokens,
        output_tokens=spending.output_tokens,
        cost_micros=spending.cost_micros,
        currency=settings.LLM_CURRENCY,
        begun_at=begun_at,
        finished_at=max(timezone.now(), begun_at),
        error=error,
    )


def _note_writing(
    meeting: Meeting, transcript: Transcript, writer: Writer, now: datetime, *, error: str = ""
) -> Writing | None:
    if not isinstance(writer, Llm):
        return None
    return writing_of(
        transcript,
        writer.spending,
        purpose=Writing.Purpose.ARTICLE,
        prompt=writer.version,
        begun_at=now,
        error=error,
    )


@transaction.atomic
def _store(
    meeting: Meeting,
    transcript: Transcript,
    drafts: Sequence[Draft],
    *,
    language: str,
    writer: Writer,
    now: datetime,
) -> Article:
    # Of two writers at once, the second finds what the first has stored.
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    before = Article.objects.filter(
        meeting=meeting, writer=writer.name, transcript_version=transcript.version
    )
    # Whoever works on one of them now is waited for, and only then is it asked who has.
    held = [one.pk for one in before.unpublished().held()]
    before.filter(pk__in=held).unpublished().untouched().delete()
    writing = _note_writing(meeting, transcript, writer, now)
    articles = []
    # What is drafted later stands first among the drafts: the main one comes last.
    for written in reversed(drafts):
        article = Article.objects.create(
            meeting=meeting,
            slug=address(written.headline),
            headline=written.headline,
            standfirst=written.standfirst.text,
            language=language,
            state=State.IN_REVIEW,
            writer=writer.name,
            writer_version=writer.version,
            writing=writing,
            transcript_version=transcript.version,
            created_at=now,
            updated_at=now,
        )
        _store_sentences(article, written)
        articles.append(article)
    return articles[-1]


def _store_sentences(article: Article, written: Draft) -> None:
    paragraphs = [(Part.TELLING, (written.standfirst,)), *written.parts]
    said: list[tuple[Sentence, DraftSentence]] = [
        (
            Sentence(
                article=article,
                paragraph=number,
                position=position,
                text=one.text,
                part=part,
            ),
            one,
        )
        for number, (part, paragraph) in enumerate(paragraphs, start=LEAD)
        for position, one in enumerate(paragraph, start=1)
    ]
    Sentence.objects.bulk_create(sentence for sentence, _one in said)
    Evidence.objects.bulk_create(
        Evidence(
            sentence=sentence,
            kind=Evidence.Kind.QUOTATION if one.is_quoted else Evidence.Kind.SUPPORT,
            first_key=span.first_key,
            last_key=span.last_key,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
        )
        for sentence, one in said
        for span in one.spans
    )
