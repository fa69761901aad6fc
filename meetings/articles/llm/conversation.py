"""A question to a model: asked, its answer read, sent back once with the reason, then settled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from django.utils.translation import gettext as _

from . import client
from .answers import MOST_PROBLEMS, Unreadable, start_of, value
from .client import Alive, Answer, Message
from .prompts import Prompt
from .refusals import WillNotHelp
from .spending import Spending

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What could be read of an answer, and what was wrong with the rest."""

    found: T
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked. `read` makes something of the JSON, and raises Unreadable where it cannot."""

    prompt: Prompt
    given: str
    schema: Mapping[str, object]
    read: Callable[[Mapping[str, object]], Reading[T]]


def settled(question: Question[T], *, spending: Spending, alive: Alive) -> T:
    """What the model found. An answer with anything wrong is sent back once, with the reasons.

    What is wrong in the second answer is dropped and logged. If that is unreadable as a whole, the
    sound part of the first one stands. Raises NotAnswered.
    """
    messages: list[Message] = [
        {"role": "system", "content": question.prompt.text},
        {"role": "user", "content": question.given},
    ]
    first, answer = _asked(question, messages, spending, alive)
    if isinstance(first, Reading) and not first.problems:
        return first.found
    reasons = [str(first)] if isinstance(first, Unreadable) else first.problems[:MOST_PROBLEMS]
    spending.sent_back += 1
    log.info("answer_sent_back", prompt=question.prompt.name, problems=len(reasons))
    messages += [
        {"role": "assistant", "content": answer.text[:20_000] or "(nothing)"},
        {"role": "user", "content": _returned(reasons)},
    ]
    second, _answer = _asked(question, messages, spending, alive)
    kept = first if isinstance(second, Unreadable) else second
    if isinstance(kept, Unreadable):
        log.warning("answer_dropped", prompt=question.prompt.name, problem=str(second))
        raise WillNotHelp(_("The model did not answer as it was asked to: %s.") % second)
    for problem in kept.problems:
        spending.dropped += 1
        log.warning("sentence_dropped", prompt=question.prompt.name, problem=start_of(problem))
    return kept.found


def _asked(
    question: Question[T], messages: list[Message], spending: Spending, alive: Alive
) -> tuple[Reading[T] | Unreadable, Answer]:
    name = question.prompt.name.rpartition("-")[0]
    answer = client.ask(messages, name=name, schema=question.schema, alive=alive)
    spending.add(answer)
    try:
        return question.read(value(answer.text, is_cut=answer.is_cut)), answer
    except Unreadable as error:
        return error, answer


def _returned(reasons: list[str]) -> str:
    listed = "\n".join(f"- {reason}" for reason in reasons)
    return (
        "This cannot be used as it is:\n"
        f"{listed}\n"
        "Answer once more with the whole JSON. Put right what is named here, or leave it out."
    )
