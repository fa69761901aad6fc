"""The door for assistants, opened by the protocol's own client."""

import asyncio
import json

import httpx2
import pytest
from django.db import connections
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from meetings.data.api import limits
from meetings.data.assistants import DATA_NOT_ORDERS, server
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from tests.meetings.data.api.world import PAID_FOR, world
from tests.memberships.factories import RefundedMembershipFactory, token_of

MESSAGE = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPTS = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(autouse=True)
def _counts_of_its_own(monkeypatch):
    monkeypatch.setattr(limits, "counter", limits.Counter())


def test_tools_say_what_they_do_and_no_token_is_asked_for_in_them():
    tools = asyncio.run(server.list_tools())
    assert [tool.name for tool in tools] == [
        "search", "read_transcript", "get_article", "make_clip",
    ]  # fmt: skip
    for tool in tools:
        assert tool.description
        assert "context" not in json.dumps(tool.input_schema)


@pytest.mark.django_db
def test_nobody_comes_in_without_a_member_s_token(client):
    def call(**headers):
        return client.post("/mcp/", MESSAGE, "application/json", headers=headers)

    former = token_of(RefundedMembershipFactory().user).written
    assert call().status_code == 401
    assert call(Authorization="Bearer cp_live_x").status_code == 401
    assert call(Authorization=f"Bearer {former}").status_code == 402
    answer = client.get("/mcp/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_assistant_searches_reads_and_clips(live_server, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"
    town = world()
    rebuild(Folder(settings.INDEX_ROOT))
    reads_alone = token_of(town.member, scopes=["read"]).written

    async def with_token(token, *calls):
        headers = {"Authorization": f"Bearer {token}"}
        answers = []
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            address = f"{live_server.url}/mcp/"
            async with Client(streamable_http_client(address, http_client=http)) as client:
                for call in calls:
                    name, arguments = call(answers) if callable(call) else call
                    answer = await client.call_tool(name, arguments)
                    answers.append(answer)
        return answers

    def read(answers):
        moment = answers[0].structured_content["data"][0]
        start = moment["start_ms"] / 1000
        asked = {"meeting": moment["meeting"], "from_seconds": start, "to_seconds": start + 5}
        return "read_transcript", asked

    def clip(answers):
        first = answers[1].structured_content["segments"][0]
        return "make_clip", {
            "meeting": first["meeting"],
            "start_seconds": first["start_ms"] / 1000,
            "end_seconds": first["end_ms"] / 1000,
            "title": "What was approved",
        }

    answers = asyncio.run(
        with_token(
            town.token,
            ("search", {"query": f'"{PAID_FOR}"'}),
            read,
            clip,
            ("get_article", {"article": town.article.pk}),
            ("read_transcript", {"meeting": 10**12}),
            ("make_clip", {"meeting": town.meeting.pk, "start_seconds": 9, "end_seconds": 2,
                           "title": "x"}),
        )
    )  # fmt: skip
    found, span, cut, article, *_wrong = (answer.structured_content for answer in answers)
    assert all(answer.is_error for answer in answers[4:])
    assert PAID_FOR in found["data"][0]["lines"][0]["text"]
    assert span["segments"][0]["speaker"] == "Chair Ruiz"
    moment = f"/?t={span['segments'][0]['start_ms'] / 1000:g}#moment"
    assert found["data"][0]["url"].endswith(moment)
    assert span["segments"][0]["url"].endswith(moment)
    assert cut["moment_url"].endswith(moment)
    assert PAID_FOR in article["sentences"][0]["evidence"][0]["words"]
    for answer in (found, span, cut, article):
        assert answer["notice"] == DATA_NOT_ORDERS
    clip = town.member.clips.get(title="What was approved")
    assert cut["url"].endswith(clip.get_absolute_url())
    assert clip.visibility == "private"
    refused = asyncio.run(
        with_token(
            reads_alone,
            ("search", {"query": "budget"}),
            clip_of(town),
            ("get_article", {"article": town.article.pk}),
        )
    )
    assert [answer.is_error for answer in refused] == [True, True, False]
    assert town.member.clips.count() == 2
    connections.close_all()


def clip_of(town):
    arguments = {"meeting": town.meeting.pk, "start_seconds": 1, "end_seconds": 5, "title": "No"}
    return "make_clip", arguments
