"""The one door to a language model: how it is asked, how long we wait, what its errors mean.

The SDK's own defaults are ten minutes of silence and a body of any size. A step that is silent for
three minutes counts as dead, so we say that the work goes on before every try, with all that is
read, and before every pause. What the service writes about an error is not passed on: it may repeat
the key.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypedDict

import httpx2
import openai
import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from .refusals import NotAnswered, TryAgainLater, WillNotHelp

log = structlog.get_logger(__name__)

CONNECT_S = 10.0
# A whole try, however busily its bytes trickle.
LONGEST_TRY_S = 150.0
# How long we wait before the second try and the third; a service may ask for longer than that.
PAUSES_S = (1.0, 5.0)
LONGEST_PAUSE_S = 30.0
MOST_BYTES = 2_000_000
# What is read of an error, of which the SDK wants all. With the wait for it that is under the three
# minutes of silence.
MOST_ERROR_BYTES, LONGEST_ERROR_S = 100_000, 15.0


class Alive(Protocol):
    """Said by long work now and then: it goes on, and so much of it is done, from 0 to 1."""

    def __call__(self, done: float = 0.0) -> None: ...


class Message(TypedDict):
    """One message of a conversation; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote, as it stands, and what that took. `is_cut` if it ran out of room."""

    text: str
    is_cut: bool
    input_tokens: int
    output_tokens: int


def is_set() -> bool:
    """Whether there is a model to ask."""
    return bool(settings.LLM_MODEL and settings.LLM_BASE_URL)


def ask(
    messages: Sequence[Message], *, name: str, schema: Mapping[str, object], alive: Alive
) -> Answer:
    """The model's answer, tried three times. `schema` is a JSON schema, `name` what it is called.

    Raises TryAgainLater and WillNotHelp.
    """
    if not is_set():
        raise WillNotHelp(_("No language model is set. Name one with LLM_BASE_URL and LLM_MODEL."))
    shaped = {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}
    for pause_s in (*PAUSES_S, None):
        alive()
        try:
            return _tried(messages, shaped, alive)
        except TryAgainLater as error:
            if pause_s is None:
                raise
            alive()
            refused = getattr(error.__cause__, "response", None)
            time.sleep(max(pause_s, min(_wanted_s(refused), LONGEST_PAUSE_S)))
    raise AssertionError  # the last try answers or raises


def _tried(messages: Sequence[Message], shaped: Mapping[str, object], alive: Alive) -> Answer:
    try:
        return _read(_sent(messages, shaped, alive))
    except openai.BadRequestError as error:
        # Smaller servers know no schemas; the prompt says in words what the answer looks like.
        if "response_format" not in str(error) and "json_schema" not in str(error):
            raise _meaning(error) from error
    except openai.OpenAIError as error:
        raise _meaning(error) from error
    alive()
    try:
        return _read(_sent(messages, {"type": "json_object"}, alive))
    except openai.OpenAIError as error:
        raise _meaning(error) from error


def _sent(
    messages: Sequence[Message], response_format: Mapping[str, object], alive: Alive
) -> bytes:
    """The bytes of the answer, so many and so long as we are willing to read."""
    began = time.monotonic()
    # `Any`: the SDK's types know OpenAI's own models and shapes, and ours come from settings.
    completions: Any = _client(
        settings.LLM_BASE_URL, settings.LLM_API_KEY, settings.LLM_TIMEOUT_S
    ).chat.completions
    read = bytearray()
    try:
        with completions.with_streaming_response.create(
            model=settings.LLM_MODEL, messages=list(messages), response_format=response_format
        ) as answer:
            for piece in answer.iter_bytes():
                read += piece
                alive()
                if len(read) > MOST_BYTES:
                    raise WillNotHelp(
                        _("The model's answer is larger than %d MB.") % (MOST_BYTES // 1_000_000)
                    )
                if time.monotonic() - began > LONGEST_TRY_S:
                    raise TryAgainLater(_("The model did not finish its answer in time."))
    except httpx2.HTTPError as error:
        # While a body is read, errors of the transport below the SDK come as they are.
        raise TryAgainLater(_("The model broke off in the middle of its answer.")) from error
    return bytes(read)


@lru_cache(maxsize=4)
def _client(base_url: str, key: str, timeout_s: float) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=base_url,
        api_key=key or "none",  # a server of one's own may ask for no key; the SDK insists
        timeout=openai.Timeout(min(timeout_s, LONGEST_TRY_S), connect=CONNECT_S),
        max_retries=0,
        http_client=openai.DefaultHttpxClient(event_hooks={"response": [_bound]}),
    )


def _bound(response: httpx2.Response) -> None:
    if not response.is_success and isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx2.SyncByteStream):
    """The body of an error, so much and so long as we are willing to read."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        began, size = time.monotonic(), 0
        for piece in self.stream:
            size += len(piece)
            if size > MOST_ERROR_BYTES or time.monotonic() - began > LONGEST_ERROR_S:
                raise httpx2.ReadError("The error does not end.")
            yield piece

    def close(self) -> None:
        self.stream.close()


def _read(body: bytes) -> Answer:
    """A chat completion. Raises WillNotHelp for anything else, and where the model refused."""
    try:
        completion = json.loads(body)
        choice = completion["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content"), message.get("refusal")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise WillNotHelp(
            _("What answers at LLM_BASE_URL does not speak OpenAI's protocol.")
        ) from error
    if refusal or choice.get("finish_reason") == "content_filter":
        raise WillNotHelp(_("The model refused to answer."))
    usage = completion.get("usage")
    return Answer(
        text=_whole(text) if isinstance(text, str) else "",
        is_cut=choice.get("finish_reason") == "length",
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
    )


def _whole(text: str) -> str:
    """A text without halves of characters: JSON can name them, and no request can hold them."""
    return text.encode("utf-8", "replace").decode()


MOST_TOKENS = 100_000_000


def _count(usage: object, name: str) -> int:
    """A number of tokens as the service counted; 0 where it did not, or counts what cannot be."""
    number = usage.get(name) if isinstance(usage, dict) else 0
    return number if isinstance(number, int) and 0 <= number <= MOST_TOKENS else 0


def _meaning(error: openai.OpenAIError) -> NotAnswered:
    status = error.status_code if isinstance(error, openai.APIStatusError) else 0
    log.warning("model_refused", kind=type(error).__name__, status=status)
    if isinstance(error, openai.APITimeoutError):
        return TryAgainLater(_("The model did not answer in time."))
    if isinstance(error, openai.APIConnectionError):
        return TryAgainLater(_("The model cannot be reached."))
    if status == 429:
        return TryAgainLater(_("The model's service has too much to do, or our limit is reached."))
    if status in {408, 409, 425} or status >= 500:
        return TryAgainLater(_("The model's service has trouble (HTTP %d).") % status)
    if status in {401, 403}:
        return WillNotHelp(_("The model's service does not let us in. Look at LLM_API_KEY."))
    if status == 404:
        return WillNotHelp(
            _("The model's service knows no such model. Look at LLM_MODEL and LLM_BASE_URL.")
        )
    return WillNotHelp(_("The model's service refused the question (HTTP %d).") % status)


def _wanted_s(response: Any) -> float:
    """`Any`: the SDK's answer, if there was one. How long it asks us to wait, in seconds."""
    try:
        return max(0.0, float(response.headers.get("retry-after", 0)))
    except (AttributeError, ValueError):
        return 0.0
