"""Ports on loopback. As a script (`python3 ports.py 8000`) it says in one line if one is taken.

The script runs before anything is installed, on any Python, so it imports nothing of ours.
"""

import errno
import os
import re
import socket
import sys
from pathlib import Path


def is_free(port: int) -> bool:
    """Tell whether a server could listen on 127.0.0.1 at this port now.

    Raises OSError for a port that this user may not have.
    """
    with socket.socket() as probe:
        # As servers do, so that a connection that ended a moment ago is not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free(wanted: int = 0) -> int:
    """Return the wanted port if it is free, or else one that the system picks."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _main() -> int:
    word = sys.argv[1]
    if not (word.isdecimal() and 0 < int(word) < 65536):
        sys.stderr.write(f"PORT is {word!r}; it must be a number from 1 to 65535.\n")
        return 2
    port = int(word)
    wanted = [port, port + 1] if _sandbox_starts() else [port]
    if wanted[-1] > 65535:
        sys.stderr.write("PORT must be below 65535, because the sandbox takes the port after it.\n")
        return 2
    for one in wanted:
        try:
            taken = not is_free(one)
        except OSError as error:
            sys.stderr.write(f"Port {one} cannot be used here: {error.strerror}.\n")
            return 1
        if taken:
            sys.stderr.write(_taken(one, port))
            return 1
    return 0


def _taken(port: int, asked_for: int) -> str:
    other = port + 1 if port < 65534 else 8000  # the one after it is the sandbox's
    why = "" if port == asked_for else ", and the sandbox for payments needs it"
    return f"Port {port} is taken{why}. Choose another, such as: make run PORT={other}\n"


def _sandbox_starts() -> bool:
    """Is no key of Stripe set? Then the sandbox runs on the next port, as Procfile has it."""
    if os.environ.get("STRIPE_SECRET_KEY"):
        return False
    written = Path(__file__).resolve().parents[2] / ".env"
    if not written.is_file():
        return True
    pattern = r"^\s*(?:export\s+)?STRIPE_SECRET_KEY\s*=\s*['\"]?[^'\"\s#]"
    return re.search(pattern, written.read_text(errors="replace"), re.MULTILINE) is None


if __name__ == "__main__":
    sys.exit(_main())
