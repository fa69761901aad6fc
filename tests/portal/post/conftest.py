"""A template to queue, a mail server to send to, and senders with a clock of their own."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from portal.post import rounds, services, tasks
from tests.portal.post.sink import Sink

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FACTS = {
    "who": "Ana O'Neill & <b>Sons</b>",
    "paid": False,
    "number": "2026-0001",
    "facts": [("Number", "2026-0001"), ("Paid", "$199.00")],
    "link": "https://portal.example/receipt/?a=1&b=2",
}


@pytest.fixture(autouse=True)
def _templates_of_tests(settings):
    folder = Path(__file__).with_name("templates")
    first, *others = django_settings.TEMPLATES
    settings.TEMPLATES = [{**first, "DIRS": [*first["DIRS"], folder]}, *others]


@pytest.fixture
def nudges(monkeypatch):
    """How often a worker was nudged; none of them comes."""
    heard = []
    monkeypatch.setattr(tasks.send_due, "apply_async", lambda **_options: heard.append(1))
    return heard


@pytest.fixture
def queue(nudges):
    def queue(key="receipt-1", now=NOW, **facts):
        given = {
            "to": "ana@example.org",
            "subject": "Your receipt",
            "template": "sample/receipt",
            "context": FACTS,
        }
        return services.queue(key=key, now=now, **(given | facts))

    return queue


@pytest.fixture
def send():
    """A round at a moment that stands still, without chance."""

    def send(now=NOW):
        return rounds.send_what_is_due(clock=lambda: now, chance=lambda: 0)

    return send


@pytest.fixture
def sink(settings):
    """A mail server on this machine, and settings that lead to it."""
    server = Sink()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    yield server
    server.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()
