"""The writer that asks a language model, and takes of its answer only what cites what was said.

A short meeting is shown whole. Of a long one notes are taken window by window, and the article is
written from the notes and the segments that they cite.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from ..llm.answers import Cited, Reader, Unreadable
from ..llm.client import Alive
from ..llm.conversation import Question, Reading, settled
from ..llm.prompts import prompt
from ..llm.schemas import ARTICLES, NOTES
from ..llm.script import Script
from ..llm.spending import Spending
from ..llm.telling import told_of
from .draft import Draft, DraftSentence, Source, TooLittle
from .hearing import language_of
from .ranking import Vocabulary

PROMPT, NOTES_PROMPT = "article-2", "notes-2"
LONGEST_HEADLINE, LONGEST_STANDFIRST, LONGEST_SENTENCE = 160, 400, 600
MOST_ARTICLES, MOST_PARAGRAPHS, MOST_SENTENCES = 3, 8, 8
MOST_NOTES = 40
FEWEST_WORDS = 80
# Notes are the smaller part of the work that is to be done.
NOTES_SHARE = 0.8
QUOTES = frozenset('“”„«»"')


@dataclass(slots=True)
class Llm:
    """One piece of work: `spending` tells afterwards what it took, whatever came of it."""

    alive: Alive
    spending: Spending = field(default_factory=Spending)
    name: str = "llm"
    version: str = PROMPT

    def drafts(self, source: Source) -> list[Draft]:
        """Up to three articles, the main one first. Raises TooLittle and NotAnswered."""
        if sum(len(line.text.split()) for line in source.lines) < FEWEST_WORDS:
            raise TooLittle(_("This meeting holds too little for an article."))
        script = Script(source)
        language = language_of((line.text for line in source.lines), filed_under=source.language)
        windows = script.windows(settings.LLM_WINDOW_WORDS)
        shown: Sequence[int] = windows[0]
        notes: list[Cited] = []
        if len(windows) > 1:
            notes = self._notes(script, windows, language)
            shown = sorted({position for note in notes for position in note.positions})
        if not shown:
            raise TooLittle(_("The model found nothing in this meeting to write about."))
        question = Question(
            prompt(PROMPT),
            told_of(script, shown, language, notes=notes),
            ARTICLES,
            _Articles(script, shown, language).read,
        )
        self.alive(NOTES_SHARE if notes else 0.0)
        return settled(question, spending=self.spending, alive=self.alive)

    def _notes(self, script: Script, windows: Sequence[range], language: str) -> list[Cited]:
        notes: list[Cited] = []
        for number, window in enumerate(windows):

            def alive(done: float = 0.0, number: int = number) -> None:
                self.alive(NOTES_SHARE * (number + done) / len(windows))

            def read(answer: Mapping[str, Any], window: range = window) -> Reading[list[Cited]]:
                reader = Reader(script, window, Vocabulary(language))
                given = reader.list_of(answer, "notes", most=MOST_NOTES)
                found = [reader.sentence(one, longest=LONGEST_SENTENCE) for one in given]
                return Reading([one for one in found if one], reader.problems)

            question = Question(
                prompt(NOTES_PROMPT), told_of(script, window, language), NOTES, read
            )
            noted = settled(question, spending=self.spending, alive=alive)
            notes += noted
        return notes


@dataclass(slots=True)
class _Articles:
    """Reads an answer as articles; sentences that cannot be used are left out of them."""

    script: Script
    shown: Sequence[int]
    language: str

    def read(self, answer: Mapping[str, Any]) -> Reading[list[Draft]]:
        reader = Reader(self.script, frozenset(self.shown), Vocabulary(self.language))
        drafts = [
            draft
            for given in reader.list_of(answer, "articles", most=MOST_ARTICLES)
            if (draft := self._draft(reader, given)) is not None
        ]
        if not drafts:
            reasons = "; ".join(reader.problems[:3]) or _("there are none in the answer")
            raise Unreadable(_("no article can be used (%s)") % reasons)
        return Reading(drafts, reader.problems)

    def _draft(self, reader: Reader, given: object) -> Draft | None:
        if not isinstance(given, dict):
            reader.problems.append(_("an article is no object"))
            return None
        headline = reader.text(given.get("headline"), longest=LONGEST_HEADLINE)
        standfirst = reader.sentence(given.get("standfirst"), longest=LONGEST_STANDFIRST)
        paragraphs = [
            told
            for paragraph in reader.list_of(given, "paragraphs", most=MOST_PARAGRAPHS)
            if (told := self._sentences(reader, {"sentences": paragraph}, "sentences"))
        ]
        if not headline or standfirst is None or not paragraphs:
            reader.problems.append(_("an article lacks headline, standfirst or paragraphs"))
            return None
        told = [standfirst, *(one for paragraph in paragraphs for one in paragraph)]
        if not reader.rests_on(headline, {at for one in told for at in one.positions}):
            return None
        ends = [
            self._sentences(reader, given, name)
            for name in ("why_it_matters", "what_happens_next", "not_decided")
        ]
        why, coming, left_open = (tuple(map(self._resting, end)) for end in ends)
        draft = Draft(
            headline=headline,
            standfirst=self._resting(standfirst),
            paragraphs=tuple(tuple(map(self._resting, one)) for one in paragraphs),
            why_it_matters=why,
            what_happens_next=coming,
            not_decided=left_open,
        )
        texts = [one.text for _part, told in draft.parts for one in told]
        if language_of([draft.headline, *texts], filed_under=self.language) != self.language:
            reader.problems.append(
                _("“%(headline)s” is not written in the language %(language)s")
                % {"headline": headline, "language": self.language}
            )
            return None
        return draft

    def _sentences(self, reader: Reader, holder: Mapping[str, object], name: str) -> list[Cited]:
        given = reader.list_of(holder, name, most=MOST_SENTENCES)
        found = (reader.sentence(one, longest=LONGEST_SENTENCE) for one in given)
        return [one for one in found if one is not None]

    def _resting(self, cited: Cited) -> DraftSentence:
        first, *also = self.script.spans(cited.positions)
        return DraftSentence(
            text=cited.text,
            first_key=first.first_key,
            last_key=first.last_key,
            start_ms=first.start_ms,
            end_ms=first.end_ms,
            also=tuple(also),
            is_quoted=not QUOTES.isdisjoint(cited.text),
        )
