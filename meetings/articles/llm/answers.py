"""Reading what a model wrote: JSON, and in it plain sentences with the ids of what they rest on.

A model is held to what it was asked for, not believed. What is wrong is put in words that the
model is sent, and that staff can read.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from ..writers.ranking import Vocabulary
from .plaintext import plain
from .script import Script

FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n\s*```\s*\Z", re.DOTALL | re.IGNORECASE)
# Markup of the web and of chats. What was said has none of it.
MARKUP = re.compile(
    r"</?[a-z!][^>]*>|&(?:[a-z]+|#\d+);|\*\*|__|`|\]\(|^\s*(?:#{1,6}|[-*•>])\s|\{\{|\{%",
    re.IGNORECASE,
)
LINK = re.compile(r"\b(?:https?:|www\.|[a-z]+://)\S+|\b\S+@\S+\.\w+", re.IGNORECASE)
MOST_IDS = 24
MOST_PROBLEMS = 20
HANDFUL = 50  # words at a time, because a vocabulary reads no more than one sentence's


class Unreadable(ValueError):
    """The answer as a whole cannot be used. The message says why, to model and staff."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence of a model's, and the positions of the segments that it rests on."""

    text: str
    positions: tuple[int, ...]


def value(text: str, *, is_cut: bool) -> Mapping[str, Any]:
    """The JSON object that an answer is. `Any` is what JSON has. Raises Unreadable."""
    if is_cut:
        raise Unreadable(_("the answer was too long and is cut off"))
    if not text.strip():
        raise Unreadable(_("the answer is empty"))
    if (fenced := FENCE.match(text)) is not None:
        text = fenced[1]
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("the answer is not JSON")) from error
    if not isinstance(found, dict):
        raise Unreadable(_("the answer is no JSON object"))
    return found


@dataclass(slots=True)
class Reader:
    """Reads sentences of one answer, and collects what is wrong with them.

    `shown` are the positions of the segments that the model has seen: it can cite no others.
    """

    script: Script
    shown: Collection[int]
    vocabulary: Vocabulary
    problems: list[str] = field(default_factory=list)

    def list_of(self, holder: object, name: str, *, most: int) -> list[Any]:
        """The list of this name. What is missing is empty. `Any` is what JSON has."""
        found = holder.get(name, []) if isinstance(holder, dict) else []
        if not isinstance(found, list):
            self.problems.append(_("“%s” is no list") % name)
            return []
        if len(found) > most:
            self.problems.append(
                _("“%(name)s” has more than %(most)d entries") % {"name": name, "most": most}
            )
        return found[:most]

    def sentence(self, given: object, *, longest: int) -> Cited | None:
        """A sentence with its segments; None, and a problem noted, where it cannot be used."""
        if not isinstance(given, dict):
            self.problems.append(_("an entry is no object with “text” and “ids”"))
            return None
        text = self.text(given.get("text"), longest=longest)
        if not text:
            return None
        positions = self._positions(given.get("ids"), text)
        if positions is None:
            return None
        return Cited(text, positions) if self.rests_on(text, positions) else None

    def rests_on(self, text: str, positions: Collection[int]) -> bool:
        """Whether these segments could be what a text is about; else a problem is noted."""
        said = self.script.words_at(positions)
        if any(link not in said for link in LINK.findall(text)):
            self.problems.append(_("nobody said the address in “%s”") % start_of(text))
            return False
        if not self._is_about(text, positions):
            self.problems.append(
                _("“%s” has no word in common with the segments that it cites") % start_of(text)
            )
            return False
        return True

    def text(self, given: object, *, longest: int) -> str:
        """A plain text; empty, and a problem noted, where it is none."""
        text = plain(given) if isinstance(given, str) else ""
        if not text:
            self.problems.append(_("a text is missing"))
        elif len(text) > longest:
            self.problems.append(
                _("“%(text)s” is longer than %(longest)d characters")
                % {"text": start_of(text), "longest": longest}
            )
        elif MARKUP.search(text):
            self.problems.append(_("“%s” is not plain text") % start_of(text))
        else:
            return text
        return ""

    def optional(self, given: object, *, longest: int) -> str:
        """A plain text that may be missing, and is taken for missing where it cannot be used."""
        text = plain(given) if isinstance(given, str) else ""
        return "" if len(text) > longest or MARKUP.search(text) or LINK.search(text) else text

    def _positions(self, ids: object, text: str) -> tuple[int, ...] | None:
        if not isinstance(ids, list) or not 0 < len(ids) <= MOST_IDS:
            self.problems.append(_("“%s” does not cite its segments") % start_of(text))
            return None
        found = []
        for name in ids:
            position = self.script.position(name, self.shown)
            if position is None:
                self.problems.append(
                    _("“%(text)s” cites %(id)s, which is no id of the transcript")
                    % {"text": start_of(text), "id": start_of(str(name))}
                )
                return None
            found.append(position)
        return tuple(sorted(set(found)))

    def _is_about(self, text: str, positions: Collection[int]) -> bool:
        """Whether sentence and segments, or who speaks in them, share a word that tells.

        Only where we know the words of the language that tell nothing.
        """
        if not self.vocabulary.stop_words:
            return True
        said: set[str] = set()
        for position in positions:
            line = self.script.lines[position]
            words = f"{line.speaker_name} {line.text}".split()
            for begin in range(0, len(words), HANDFUL):
                said |= self.vocabulary.content(" ".join(words[begin : begin + HANDFUL]))
        return not said.isdisjoint(self.vocabulary.content(text))


def start_of(text: str) -> str:
    """Enough of a text to know it again."""
    text = plain(text)
    return text if len(text) <= 60 else text[:59] + "…"
