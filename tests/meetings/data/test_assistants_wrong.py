"""What assistants send that is wrong, too large or not theirs is told them, and nothing is done."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from django.db import connections
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from meetings.clips.models import Clip
from meetings.data.api import limits
from meetings.data.assistants import SEGMENTS
from meetings.records.models import State
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.data.api.world import PAID_FOR, world
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import token_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SECRET = "quince"
MANY = 10_000


@pytest.fixture(autouse=True)
def _counts_of_its_own(monkeypatch):
    monkeypatch.setattr(limits, "counter", limits.Counter())


@pytest.fixture
def town(live_server, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"
    yield world()
    connections.close_all()


def hidden(state):
    """A meeting that is not public, with words and an article."""
    meeting = MeetingFactory(state=state)
    transcribe([Utterance(0, 4_000, SECRET, SECRET)], meeting=meeting)
    ArticleFactory(meeting=meeting, headline=SECRET)
    return meeting


def told(live_server, token, calls) -> list[Any]:
    """What the official client was answered, call by call."""

    async def asked():
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            address = f"{live_server.url}/mcp/"
            async with Client(streamable_http_client(address, http_client=http)) as client:
                return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(asked())


def said(answer) -> str:
    return json.dumps(answer.structured_content) + " ".join(part.text for part in answer.content)


def test_what_is_wrong_is_said_and_nothing_is_done(town, live_server, settings):
    here, silent = town.meeting.pk, MeetingFactory().pk
    draft, withdrawn = hidden(State.DRAFT), hidden(State.WITHDRAWN)
    in_review = ArticleFactory(meeting=town.meeting, state="in_review", headline=SECRET)
    rebuild(Folder(settings.INDEX_ROOT))
    span = {"meeting": here, "start_seconds": 1, "end_seconds": 5, "title": "x"}
    calls = [
        ("search", {}),
        ("search", {"query": ""}),
        ("search", {"query": "x" * 501}),
        ("search", {"query": "x" * 900_000}),
        ("search", {"query": ["budget"]}),
        ("search", {"query": "budget", "page": 0}),
        ("search", {"query": "budget", "page": 10**30}),
        ("read_transcript", {"meeting": "forty-two"}),
        ("read_transcript", {"meeting": -1}),
        ("read_transcript", {"meeting": 10**40}),
        ("read_transcript", {"meeting": silent}),
        ("read_transcript", {"meeting": draft.pk}),
        ("read_transcript", {"meeting": withdrawn.pk}),
        ("read_transcript", {"meeting": here, "from_seconds": -1}),
        ("read_transcript", {"meeting": here, "from_seconds": 1e308}),
        ("read_transcript", {"meeting": here, "from_seconds": "soon"}),
        ("read_transcript", {"meeting": here, "to_seconds": {"$gt": 0}}),
        ("get_article", {"article": None}),
        ("get_article", {"article": 10**40}),
        ("get_article", {"article": in_review.pk}),
        ("get_article", {"article": draft.articles.get().pk}),
        ("get_article", {"article": withdrawn.articles.get().pk}),
        ("make_clip", span | {"meeting": draft.pk}),
        ("make_clip", span | {"meeting": silent}),
        ("make_clip", span | {"start_seconds": 9}),
        ("make_clip", span | {"end_seconds": 10**6}),
        ("make_clip", span | {"start_seconds": 290, "end_seconds": 400}),
        ("make_clip", span | {"title": ""}),
        ("make_clip", span | {"title": "x" * 100_000}),
        ("make_clip", span | {"visibility": "everybody"}),
        ("drop_tables", {}),
    ]
    clips = Clip.objects.count()
    for call, answer in zip(calls, told(live_server, town.token, calls), strict=True):
        assert answer.is_error, str(call)[:80]
        assert SECRET not in said(answer), str(call)[:80]
        assert "Traceback" not in said(answer)
    assert Clip.objects.count() == clips


def test_odd_words_are_searched_as_words(town, live_server, settings):
    hidden(State.DRAFT)
    rebuild(Folder(settings.INDEX_ROOT))
    odd = [
        "'; DROP TABLE meetings_meeting; --",
        '"',
        "((((",
        "-",
        "OR OR",
        "speaker:",
        SECRET,
        "\0",
    ]
    for word, answer in zip(
        odd, told(live_server, town.token, [("search", {"query": one}) for one in odd]), strict=True
    ):
        assert answer.is_error or not answer.structured_content["data"], word


def test_ten_thousand_hits_come_in_pieces(town, live_server, settings):
    meeting = MeetingFactory()
    spoken = [Utterance(n * 1_000, n * 1_000 + 900, "The budget.", "Chair") for n in range(MANY)]
    transcribe(spoken, meeting=meeting)
    rebuild(Folder(settings.INDEX_ROOT))
    found, first, last, beyond = told(
        live_server,
        town.token,
        [
            ("search", {"query": "budget"}),
            ("read_transcript", {"meeting": meeting.pk}),
            ("read_transcript", {"meeting": meeting.pk, "from_seconds": MANY - 50}),
            ("read_transcript", {"meeting": meeting.pk, "from_seconds": 10**6}),
        ],
    )
    assert found.structured_content["total"] > MANY / 20  # passages
    assert len(json.dumps(found.structured_content)) < 100_000
    assert len(first.structured_content["segments"]) == SEGMENTS
    assert first.structured_content["next_from_seconds"] == SEGMENTS
    assert last.structured_content["next_from_seconds"] is None
    assert len(last.structured_content["segments"]) == 50
    assert beyond.structured_content["segments"] == []
    for one in first.structured_content["segments"] + last.structured_content["segments"]:
        assert one["meeting"] == meeting.pk


def test_each_tool_opens_for_its_scope_alone(town, live_server, settings):
    rebuild(Folder(settings.INDEX_ROOT))
    calls = {
        "search": ("search", {"query": PAID_FOR}),
        "read_transcript": ("read_transcript", {"meeting": town.meeting.pk}),
        "get_article": ("get_article", {"article": town.article.pk}),
        "make_clip": ("make_clip", {"meeting": town.meeting.pk, "start_seconds": 1,
                                    "end_seconds": 5, "title": "Hello"}),
    }  # fmt: skip
    opens = {
        "read": {"read_transcript", "get_article"},
        "search": {"search"},
        "clips": {"make_clip"},
        "alerts": set(),
    }
    for scope, tools in opens.items():
        token = token_of(town.member, scopes=[scope]).written
        answers = dict(zip(calls, told(live_server, token, calls.values()), strict=True))
        assert {name for name, one in answers.items() if not one.is_error} == tools
        for name, answer in answers.items():
            assert (PAID_FOR in said(answer)) is (name in tools - {"make_clip"}), (scope, name)


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[" * 50_000, b'{"jsonrpc": "2.0"}', b"\xff\xfe", b"1" * 3_000_000]
)
def test_what_is_no_message_is_refused(client, town, body):
    headers = town.bearer | {"Accept": "application/json, text/event-stream"}
    answer = client.post("/mcp/", body, "application/json", headers=headers)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text
