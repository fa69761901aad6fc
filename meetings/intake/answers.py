"""What the transcript's editor is told: facts and lines of a version, what met another's edits."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.articles.models import Sentence
from meetings.transcripts.correcting import Outdated
from meetings.transcripts.lines import Line
from meetings.transcripts.models import Transcript

from . import editing


def url(name: str, transcript: Transcript) -> str:
    """A screen of this version."""
    if name in {"edit", "versions"}:
        base = reverse("admin:meetings_transcript_changelist")
        return f"{base}{transcript.pk}/{name}/"
    return reverse(f"admin:meetings_transcript_{name}", args=[transcript.pk])


def facts(transcript: Transcript) -> dict[str, object]:
    """Which version it is, who made it when, and where it is read and saved."""
    made_by = transcript.made_by_name or (str(transcript.made_by) if transcript.made_by else "")
    return {
        "id": transcript.pk,
        "version": transcript.version,
        "by": made_by or _("somebody"),
        "at": date_format(timezone.localtime(transcript.created_at), "DATETIME_FORMAT"),
        "edit": url("edit", transcript),
        "lines_url": url("lines", transcript),
        "save": url("save", transcript),
    }


def row(line: Line) -> list[object]:
    """A line as the editor's script reads it."""
    return [line.id, line.start_ms, line.end_ms, line.text, line.speaker, line.confidence]


def met(outdated: Outdated, submission: editing.Submission) -> dict[str, object]:
    """What the editor needs to go on from the newest version without losing an edit."""
    sorted_out = outdated.sorted_out
    return {
        "newest": facts(outdated.newest),
        "fits": editing.edits_in(sorted_out.edits, submission.edits),
        "conflicts": [
            {
                "edits": editing.edits_in(conflict.edits, submission.edits),
                "was": [row(line) for line in conflict.was],
                "mine": [row(line) for line in conflict.mine],
                "theirs": [row(line) for line in conflict.theirs],
            }
            for conflict in sorted_out.conflicts
        ],
    }


def resting(sentence: Sentence) -> dict[str, object]:
    """A sentence that rests on what was changed, and where it is looked at again."""
    article = sentence.article
    return {
        "text": sentence.text,
        "article": article.headline,
        "url": f"{reverse('admin:meetings_article_review', args=[article.pk])}#s{sentence.pk}",
    }
