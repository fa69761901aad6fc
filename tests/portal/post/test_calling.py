"""One POST over a real connection with a real certificate, and what its answers mean."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal.post import calling
from portal.post.calling import Refused, TryLater


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The file of a certificate for hooks.example, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    names = [x509.DNSName("hooks.example"), x509.IPAddress(ip_address("127.0.0.2"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(1))
        .not_valid_after(now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "hooks.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


class Hooks(ThreadingHTTPServer):
    """Somebody's server: keeps what it is sent, and answers as it is told."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answering)
        self.taken = []
        self.status = 200
        self.headers = {}
        self.drips = False
        self.ended = threading.Event()


class _Answering(BaseHTTPRequestHandler):
    server: Hooks

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), body))
        if self.server.drips:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.server.ended.wait(0.02):
                try:
                    self.wfile.write(b"X")
                except OSError:
                    return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_given):
        pass


@pytest.fixture
def hooks(certificate, settings, monkeypatch):
    settings.WEBHOOK_LOOPBACK = True
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    real = socket.getaddrinfo

    def look_up(host, port, *given, **how):
        return real("127.0.0.1" if host.endswith(".example") else host, port, *given, **how)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Hooks()
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    server.url = f"https://hooks.example:{server.server_port}/alerts?a=1"
    yield server
    server.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_body_arrives_with_its_headers(hooks):
    calling.call(hooks.url, body=b'{"a": 1}', headers={"webhook-id": "digest-1"})
    ((path, headers, body),) = hooks.taken
    assert (path, body) == ("/alerts?a=1", b'{"a": 1}')
    assert headers["Host"] == f"hooks.example:{hooks.server_port}"
    assert (headers["Content-Type"], headers["webhook-id"]) == ("application/json", "digest-1")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(hooks, status):
    hooks.status, hooks.headers = status, {"Location": hooks.url}
    with pytest.raises(TryLater, match=str(status)):
        calling.call(hooks.url, body=b"{}", headers={})
    assert len(hooks.taken) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(400, TryLater), (404, TryLater), (410, Refused), (500, TryLater)]
)
def test_answers_are_told_apart(hooks, status, error):
    hooks.status = status
    with pytest.raises(error, match=str(status)):
        calling.call(hooks.url, body=b"{}", headers={})


def test_a_certificate_of_another_name_is_not_believed(hooks):
    with pytest.raises(TryLater, match="certificate"):
        calling.call(hooks.url.replace("hooks.", "other."), body=b"{}", headers={})
    assert hooks.taken == []


def test_without_the_setting_this_machine_is_not_called(hooks, settings):
    settings.WEBHOOK_LOOPBACK = False
    with pytest.raises(Refused):
        calling.call(hooks.url, body=b"{}", headers={})
    assert hooks.taken == []


def test_what_was_looked_at_is_what_is_connected_to(hooks, monkeypatch):
    """A name that leads elsewhere when it is asked for a second time gets nowhere with it."""
    real, asked = socket.getaddrinfo, []

    def look_up(host, port, *given, **how):
        if host == "hooks.example":
            asked.append(host)
            if len(asked) > 1:
                pytest.fail("asked twice")
        return real(host, port, *given, **how)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    calling.call(hooks.url, body=b"{}", headers={})
    assert asked == ["hooks.example"]


def test_a_server_that_answers_a_byte_at_a_time_is_left(hooks, monkeypatch):
    monkeypatch.setattr(calling, "WHOLE_S", 0.3)
    hooks.drips = True
    with pytest.raises(TryLater, match="in time"):
        calling.call(hooks.url, body=b"{}", headers={})


def test_whoever_has_less_time_says_so(hooks):
    hooks.drips = True
    with pytest.raises(TryLater, match="in time"):
        calling.call(hooks.url, body=b"{}", headers={}, within_s=0.3)


def test_a_server_that_never_shakes_hands_is_left(settings, monkeypatch):
    settings.WEBHOOK_LOOPBACK = True
    monkeypatch.setattr(calling, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(TryLater):
        calling.call(f"https://127.0.0.1:{mute.getsockname()[1]}/", body=b"{}", headers={})
