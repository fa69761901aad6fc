"""Insights that a language model finds, window by window, held to what the segments say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from ..llm.answers import Cited, Reader, start_of
from ..llm.client import Alive
from ..llm.conversation import Question, Reading, settled
from ..llm.prompts import prompt
from ..llm.schemas import INSIGHTS
from ..llm.script import Script
from ..llm.spending import Spending
from ..llm.telling import told_of
from ..writers.draft import Source
from ..writers.hearing import language_of
from ..writers.ranking import Vocabulary, overlap
from .found import Cast, Found, Kind, Tally

PROMPT = "insights-2"
LONGEST, LONGEST_NAME, LONGEST_DUE = 300, 200, 100
MOST_IN_A_WINDOW, MOST_VOTES, MOST_COUNTED = 40, 600, 10_000
SAME = 0.8


@dataclass(slots=True)
class Asked:
    """One piece of work: `spending` tells afterwards what it took, whatever came of it."""

    alive: Alive
    spending: Spending = field(default_factory=Spending)
    name: str = "llm"
    version: str = PROMPT

    def find(self, source: Source) -> list[Found]:
        """What the model found, in the meeting's order. Raises NotAnswered."""
        script = Script(source)
        language = language_of((line.text for line in source.lines), filed_under=source.language)
        windows = script.windows(settings.LLM_WINDOW_WORDS)
        found: list[Found] = []
        for number, window in enumerate(windows):

            def alive(done: float = 0.0, number: int = number) -> None:
                self.alive((number + done) / len(windows))

            question = Question(
                prompt(PROMPT),
                told_of(script, window, language),
                INSIGHTS,
                _Lines(script, window, language).read,
            )
            heard = settled(question, spending=self.spending, alive=alive)
            found += heard
        found.sort(key=lambda one: one.spans[0].start_ms)
        return _once(found, Vocabulary(language))


@dataclass(slots=True)
class _Lines:
    """Reads an answer as insights."""

    script: Script
    window: range
    language: str

    def read(self, answer: Mapping[str, Any]) -> Reading[list[Found]]:
        reader = Reader(self.script, self.window, Vocabulary(self.language))
        found = [
            one
            for given in reader.list_of(answer, "insights", most=MOST_IN_A_WINDOW)
            if (one := self._found(reader, given)) is not None
        ]
        return Reading(found, reader.problems)

    def _found(self, reader: Reader, given: object) -> Found | None:
        cited = reader.sentence(given, longest=LONGEST)
        if cited is None or not isinstance(given, dict):
            return None
        if language_of([cited.text], filed_under=self.language) != self.language:
            reader.problems.append(
                _("“%(text)s” is not written in the language %(language)s")
                % {"text": start_of(cited.text), "language": self.language}
            )
            return None
        try:
            kind = Kind(given.get("kind", ""))
        except ValueError:
            reader.problems.append(_("“%s” has no kind that is known") % start_of(cited.text))
            return None
        spans = self.script.spans(cited.positions)
        if kind is Kind.VOTE:
            return self._vote(reader, given, cited)
        if kind is Kind.COMMITMENT:
            who = reader.optional(given.get("who"), longest=LONGEST_NAME)
            due = reader.optional(given.get("due"), longest=LONGEST_DUE)
            return Found(kind, cited.text, spans, who=who, due=due)
        return Found(kind, cited.text, spans)

    def _vote(self, reader: Reader, given: dict[str, Any], cited: Cited) -> Found | None:
        """A vote; None, and a problem noted, where tally and roll call contradict each other."""
        counted = [_count(given.get(name)) for name in ("ayes", "noes", "abstained")]
        votes = []
        for one in reader.list_of(given, "votes", most=MOST_VOTES):
            voter = reader.optional(
                one.get("name") if isinstance(one, dict) else None, longest=LONGEST_NAME
            )
            cast = one.get("vote") if isinstance(one, dict) else None
            if not voter or cast not in list(Cast):
                reader.problems.append(_("a vote of “%s” cannot be read") % start_of(cited.text))
                return None
            votes.append((voter, Cast(cast)))
        cast_so = [
            sum(cast is one for _name, cast in votes) for one in (Cast.AYE, Cast.NO, Cast.ABSTAINED)
        ]
        if len({voter for voter, _cast in votes}) < len(votes) or any(
            said is not None and said < heard for said, heard in zip(counted, cast_so, strict=True)
        ):
            reader.problems.append(
                _("the tally of “%s” and who voted how do not fit") % start_of(cited.text)
            )
            return None
        return Found(
            Kind.VOTE,
            cited.text,
            self.script.spans(cited.positions),
            tally=Tally(*counted),
            votes=tuple(votes),
        )


def _count(given: object) -> int | None:
    if not isinstance(given, int) or isinstance(given, bool):
        return None
    return given if 0 <= given <= MOST_COUNTED else None


def _once(found: list[Found], vocabulary: Vocabulary) -> list[Found]:
    """Without what says the same of the same kind: windows meet, and models repeat themselves."""
    kept: list[Found] = []
    for one in found:
        words = vocabulary.content(one.text)
        if all(
            one.kind is not other.kind or overlap(words, vocabulary.content(other.text)) < SAME
            for other in kept
        ):
            kept.append(one)
    return kept
