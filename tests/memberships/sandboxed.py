"""A sandbox of one's own: a real process on loopback, the SDK in front, a listener behind."""

import json
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
import stripe
from django.test import override_settings

from memberships.gateway import client
from tests.memberships import stripe_contract

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk_test_sandbox"
SECRET = "whsec_sandbox"


class Heard(NamedTuple):
    """A webhook as it arrived."""

    body: bytes
    signature: str

    @property
    def event(self):
        return json.loads(self.body)

    @property
    def type(self):
        return self.event["type"]


class Listener:
    """Takes webhooks in place of the site; answers with the next of its statuses, or 200."""

    def __init__(self):
        self.heard: queue.Queue[Heard] = queue.Queue()
        self.statuses: queue.Queue[int] = queue.Queue()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 200 if listener.statuses.empty() else listener.statuses.get()
                listener.heard.put(Heard(body, self.headers["Stripe-Signature"]))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/stripe/webhook/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def next(self):
        """The next webhook, waited for."""
        return self.heard.get(timeout=10)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Sandbox:
    """The process, and what a browser or a test may ask of it."""

    def __init__(self, data, webhook=""):
        self.data = data
        self._webhook = webhook
        self.port = 0
        self._process = None
        self.start()

    def start(self):
        """Start it, at the port where it was, and wait until it answers."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "memberships.sandbox", "--control"),
                *("--port", str(self.port), "--data", str(self.data), "--webhook", self._webhook),
            ],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = self._process.stdout.readline()
        if not said:
            why = self._process.stderr.read()
            self._gone()
            raise AssertionError(why)
        self.url = said.split()[-1]
        self.port = int(self.url.rpartition(":")[2])

    def kill(self):
        """End it without a word to it."""
        self._process.send_signal(signal.SIGKILL)
        self._gone()

    def stop(self):
        """Ask it to end; its exit status."""
        self._process.terminate()
        return self._gone()

    def _gone(self):
        status = self._process.wait(timeout=10)
        self._process.stdout.close()
        self._process.stderr.close()
        return status

    def control(self, verb, **given):
        """Make something happen that tests alone can make happen."""
        status, body = self.ask(f"/control/{verb}", json.dumps(given), key=KEY)
        assert status == 200, body
        return json.loads(body)

    def ask(self, path, body=None, *, key=None, headers=None):
        """(status, body) of a plain request; where it leads on, the address is the body."""
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.url + path, data=None if body is None else body.encode(), headers=headers or {}
        )
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Location") or error.read().decode()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


@pytest.fixture(autouse=True, scope="session")
def _no_stripe_by_chance():
    """Whatever keys this machine has, and whatever runs on it: a test that names no sandbox of its
    own finds nobody, at a port where nobody listens.
    """
    with override_settings(
        STRIPE_SECRET_KEY=KEY,
        STRIPE_API_BASE="http://127.0.0.1:9",
        STRIPE_LIVEMODE=False,
        STRIPE_WEBHOOK_SECRETS=[SECRET],
    ):
        yield


@pytest.fixture
def listener():
    one = Listener()
    yield one
    one.close()


@pytest.fixture
def sandbox(tmp_path, settings, monkeypatch):
    """A sandbox that the gateway talks to, with the judge between; it sends no webhooks."""
    yield from connected(Sandbox(tmp_path / "sandbox"), settings, monkeypatch)


@pytest.fixture
def heard_sandbox(tmp_path, settings, monkeypatch, listener):
    """The same, and its webhooks go to `listener`."""
    yield from connected(Sandbox(tmp_path / "sandbox", listener.url), settings, monkeypatch)


def connected(one, settings, monkeypatch):
    """A fixture's way: this sandbox behind the gateway, with the judge between, until the end."""
    settings.STRIPE_API_BASE = one.url
    monkeypatch.setattr(stripe_contract.Spy, "calls", [])
    monkeypatch.setattr(stripe_contract.Spy, "violations", [])
    monkeypatch.setattr(stripe, "RequestsClient", stripe_contract.Spy)
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.02)
    client._client.cache_clear()
    yield one
    client._client.cache_clear()
    assert one.stop() == 0


@pytest.fixture
def spy(sandbox):
    """What was sent: (method, path, headers, body) of each call."""
    return stripe_contract.Spy


@contextmanager
def impatience():
    """Inside, the SDK gives up on an answer after a moment."""
    with mock.patch.object(stripe_contract.Spy, "timeout_s", 0.3):
        yield
