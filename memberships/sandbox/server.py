"""Server: HTTP on loopback, for the SDK, for a browser, and for tests."""

import hmac
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from . import calls, controls, desk, hosted
from .formdata import decode
from .markup import STYLE, escape, page
from .problems import Problem
from .world import World

LONGEST_BODY = 1 << 20
CUT_OFF = threading.Event()  # set when the server ends: nobody stays silent any longer


class Sandbox(ThreadingHTTPServer):
    """One sandbox at one address. Requests are threads; what they do, they do one at a time."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], world: World, *, key: str, controls: bool) -> None:
        super().__init__(address, Handler)
        self.world = world
        self.key = key
        self.has_controls = controls


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    timeout = 60
    server: Sandbox

    def do_GET(self) -> None:
        """What the base class calls for GET."""
        self._answer("GET")

    def do_POST(self) -> None:
        """What the base class calls for POST."""
        self._answer("POST")

    def _answer(self, method: str) -> None:
        body = self._body()
        if body is None:
            return
        address = urlsplit(self.path)
        try:
            if not self._is_asked_by_name():
                raise Problem("Only this machine may ask.", status=403)
            if address.path.startswith("/v1/"):
                self._call(method, address.path, address.query, body)
            elif address.path.startswith("/control/"):
                self._control(method, address.path, body)
            else:
                self._page(method, address.path, body)
        except Problem as problem:
            self._send_json(problem.status, problem.body)

    def _body(self) -> str | None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._send_json(413, Problem("The body is too long.").body)
            return None
        try:
            return self.rfile.read(int(length)).decode()
        except UnicodeDecodeError:
            self._send_json(400, Problem("The body is not UTF-8.").body)
            return None

    def _is_asked_by_name(self) -> bool:
        """Whether the host asked for is this machine: another's name may have been led here."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        is_foreign = self.headers.get("Sec-Fetch-Site") == "cross-site" and self.command == "POST"
        return host in {"127.0.0.1", "localhost", "::1"} and not is_foreign

    def _is_keyholder(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.server.key}".encode())

    def _call(self, method: str, path: str, query: str, body: str) -> None:
        if not self._is_keyholder():
            raise Problem("Invalid API Key provided.", status=401)
        key = self.headers.get("Idempotency-Key", "")
        answer = calls.answer(self.server.world, calls.Call(method, path, query + body, key))
        if answer.is_cut:
            CUT_OFF.wait(answer.silent_s)
            self.close_connection = True
            return
        self._send_json(answer.status, answer.body, answer.headers)

    def _control(self, method: str, path: str, body: str) -> None:
        if not self.server.has_controls:
            raise Problem("Unrecognized request URL.", status=404)
        if not self._is_keyholder():
            raise Problem("Invalid API Key provided.", status=401)
        try:
            given = json.loads(body or "{}")
            done = controls.control(self.server.world, path.removeprefix("/control/"), given)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Problem(f"This control needs other data: {error!r}") from error
        self._send_json(200, done)

    def _page(self, method: str, path: str, body: str) -> None:
        world = self.server.world
        if path == "/style.css" and method == "GET":
            self._send(200, STYLE.encode(), "text/css; charset=utf-8", {})
            return
        given = decode(body) if method == "POST" else {}
        checkout = re.fullmatch(r"/c/pay/(\w+)", path)
        with world.lock:
            try:
                if checkout and method == "POST":
                    self._lead_on(hosted.press(world, checkout[1], given))
                elif checkout:
                    self._send_page(200, hosted.show(world, checkout[1]))
                elif path == "/" and method == "POST":
                    desk.press(world, given)
                    self._lead_on("/")
                elif path == "/":
                    self._send_page(200, desk.show(world))
                elif path.startswith("/receipts/"):
                    self._send_page(200, page("Receipt", "<h1>Stripe’s receipt stands here</h1>"))
                else:
                    raise Problem("There is no such page.", status=404)
            except hosted.Declined as said:
                shown = hosted.show(world, checkout[1] if checkout else "", said=said.message)
                self._send_page(402, shown)
            except Problem as problem:
                told = f"<h1>{escape(problem.message)}</h1>"
                self._send_page(problem.status, page("No", told))

    def _lead_on(self, address: str) -> None:
        self._send(303, b"", "text/plain", {"Location": address})

    def _send_page(self, status: int, text: str) -> None:
        policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        self._send(status, text.encode(), "text/html; charset=utf-8", headers)

    def _send_json(
        self, status: int, body: dict[str, object], headers: dict[str, str] | None = None
    ) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers or {})

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind}.items():
            self.send_header(name, "".join(value.splitlines()))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: what matters is in the documents."""
