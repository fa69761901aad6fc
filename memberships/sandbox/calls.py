"""Calls: one request to the API from key to answer: who asks, what was asked before, what fails."""

import hashlib
import json
from dataclasses import dataclass, field

from . import api, controls, objects, selling
from .formdata import decode
from .problems import Problem
from .store import Doc, Record
from .world import NOBODY, World

LONGEST = 255  # characters of an idempotency key


@dataclass(frozen=True)
class Call:
    """What was asked. The caller has checked who asks; `key` may be empty."""

    method: str
    path: str
    form: str
    key: str

    @property
    def is_keyed(self) -> bool:
        """Whether its answer is kept under its key."""
        return self.method == "POST" and bool(self.key)

    @property
    def name(self) -> str:
        """The key, fit for a file's name."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    @property
    def print(self) -> str:
        """What makes two calls the same: the parameters, in whatever order they came."""
        try:
            params: object = decode(self.form)
        except Problem:
            params = self.form
        told = json.dumps([self.method, self.path, params], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass
class Answer:
    """What goes back; or, where `is_cut`, silence and then the end of the connection."""

    status: int
    body: Doc
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    silent_s: float = 0.0


def answer(world: World, call: Call) -> Answer:
    """Answer one call."""
    request_id = objects.new_id("req")
    with world.lock:
        selling.expire_those_in_time(world)
        fault = controls.take_fault(world, f"{call.method} {call.path}")
        world.request = {"id": request_id, "idempotency_key": call.key or None}
        try:
            given = _faulty(world, call, fault) if fault else _once(world, call)
        finally:
            world.request = dict(NOBODY)
    given.headers |= {"Request-Id": request_id, "Stripe-Version": objects.API_VERSION}
    return given


def _faulty(world: World, call: Call, fault: Doc) -> Answer:
    kind, _, when = fault["kind"].partition("_")
    if when == "after":
        _once(world, call)
    if kind in {"drop", "timeout"}:
        silent_s = fault["seconds"] if kind == "timeout" else 0.0
        return Answer(0, {}, is_cut=True, silent_s=silent_s)
    failure = _failure(kind)
    if kind == "500" and call.is_keyed:
        _keep(world, call, failure)
    return failure


def _failure(kind: str) -> Answer:
    told = {
        "429": Problem("Too many requests.", status=429, code="rate_limit"),
        "409": Problem(
            "There is currently another in-progress request using this Idempotent Key.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        ),
    }
    sorry = Problem("Something went wrong.", status=503 if kind == "503" else 500, kind="api_error")
    problem = told.get(kind, sorry)
    headers = {"Stripe-Should-Retry": "false"} if kind == "500" else {}
    return Answer(problem.status, problem.body, headers)


def _once(world: World, call: Call) -> Answer:
    """Do it, or say again what was said under this key."""
    if not call.is_keyed:
        return _do(world, call)
    if len(call.key) > LONGEST:
        return _refusal(Problem("The idempotency key is too long.", kind="idempotency_error"))
    kept = world.store.get("keys", call.name)
    if kept is None:
        return _do(world, call)
    if kept.doc["print"] != call.print:
        return _refusal(
            Problem(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{call.key}'.",
                kind="idempotency_error",
            )
        )
    headers = {**kept.doc["headers"], "Idempotent-Replayed": "true"}
    return Answer(kept.doc["status"], kept.doc["body"], headers)


def _do(world: World, call: Call) -> Answer:
    """What it changes and what is said under the key are kept together, never one alone."""
    try:
        with world.store.change() as change:
            params = decode(call.form)
            given = Answer(200, api.answer(world, change, call.method, call.path, params))
            if call.is_keyed:
                change.put("keys", call.name, _kept(call, given))
    except Problem as problem:
        given = _refusal(problem)
        if call.is_keyed and problem.is_kept:
            _keep(world, call, given)
    return given


def _refusal(problem: Problem) -> Answer:
    return Answer(problem.status, problem.body)


def _keep(world: World, call: Call, given: Answer) -> None:
    with world.store.change() as change:
        change.put("keys", call.name, _kept(call, given))


def _kept(call: Call, given: Answer) -> Record:
    told = {"status": given.status, "body": given.body, "headers": given.headers}
    return Record({"print": call.print, **told})
