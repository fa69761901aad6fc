"""A language model on loopback, for tests that ask one."""

import threading

import pytest

from meetings.articles.llm import client
from tests.meetings.articles.modelserver import ModelServer


@pytest.fixture
def model(settings, monkeypatch):
    """The site asks this server, which plays what the test tells it to; tries wait for nothing."""
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.LLM_BASE_URL, settings.LLM_MODEL = server.address, "small-and-exact"
    settings.LLM_API_KEY, settings.LLM_TIMEOUT_S = "sk-very-secret", 5.0
    monkeypatch.setattr(client, "PAUSES_S", (0.0, 0.0))
    yield server
    server.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()
    client._client(server.address, "sk-very-secret", settings.LLM_TIMEOUT_S).close()
    client._client.cache_clear()
