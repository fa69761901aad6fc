"""The command line: `python -m memberships.sandbox [--port …]`, with the environment as default."""

import argparse
import fcntl
import ipaddress
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from .deliveries import keep_sending
from .server import CUT_OFF, Sandbox
from .store import Store
from .world import World


def main() -> int:
    """Serve until INT or TERM; say in a sentence why not, if it may not."""
    options = _options()
    if why := why_not(options.host, options.key, options.webhook, os.environ.get("DJANGO_ENV", "")):
        return _refuse(why)
    options.data.mkdir(parents=True, exist_ok=True)
    lock = (options.data / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _refuse(f"Another sandbox uses {options.data}.")
    world = World(Store(options.data), "", options.webhook, options.secret)
    try:
        server = Sandbox(
            (options.host, options.port), world, key=options.key, controls=options.control
        )
    except OSError as error:
        return _refuse(f"{options.host}:{options.port} cannot be used: {error.strerror}.")
    host = f"[{options.host}]" if ":" in options.host else options.host
    world.base = options.url or f"http://{host}:{server.server_port}"
    sender = threading.Thread(target=keep_sending, args=(world, CUT_OFF), daemon=True)
    sender.start()

    def stop(number: int, frame: FrameType | None) -> None:
        CUT_OFF.set()
        world.news.set()
        threading.Thread(target=server.shutdown).start()  # it waits for serve_forever to end

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"Sandbox, where no money moves: {world.base}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    return 0


def why_not(host: str, key: str, webhook: str, environment: str) -> str:
    """A sentence on why a sandbox must not run so; empty where it may."""
    if environment == "production":
        return "In production there is no sandbox: unset it, and set the keys of Stripe."
    if not key.startswith("sk_test_"):
        return "The sandbox takes test keys only: one begins with sk_test_."
    if not _is_loopback(host):
        return f"The sandbox serves this machine alone, and {host} is not loopback."
    target = urlsplit(webhook)
    if webhook and not (target.scheme == "http" and _is_loopback(target.hostname or "")):
        return f"The sandbox sends its events to this machine alone, and {webhook} is elsewhere."
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _options() -> argparse.Namespace:
    env = os.environ.get
    parser = argparse.ArgumentParser(
        prog="python -m memberships.sandbox",
        description="A local stand-in for Stripe: buying and refunding without keys or money.",
    )
    parser.add_argument("--host", default=env("SANDBOX_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(env("SANDBOX_PORT", "8001")))
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(env("SANDBOX_DATA", ".local/sandbox")),
        help="the folder of its documents",
    )
    parser.add_argument(
        "--webhook", default=env("SANDBOX_WEBHOOK", ""), help="where events are sent"
    )
    parser.add_argument(
        "--secret", default=env("SANDBOX_SECRET", "whsec_sandbox"), help="what signs the events"
    )
    parser.add_argument(
        "--key", default=env("SANDBOX_KEY", "sk_test_sandbox"), help="the key that callers show"
    )
    parser.add_argument("--url", default="", help="its address as browsers see it")
    parser.add_argument("--control", action="store_true", help="let tests make things happen")
    return parser.parse_args()


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
