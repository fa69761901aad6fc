"""Ports on loopback. As a script (`python3 ports.py 8000`) it says in one line if one is taken."""

import errno
import socket
import sys


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
    try:
        taken = not is_free(int(word))
    except OSError as error:
        sys.stderr.write(f"Port {word} cannot be used here: {error.strerror}.\n")
        return 1
    if taken:
        other = int(word) + 1 if int(word) < 65535 else 8000
        sys.stderr.write(f"Port {word} is taken. Choose another, such as: make run PORT={other}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
