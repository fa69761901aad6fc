"""The command line: `python -m portal.embedded [--throwaway] [--no-migrate] COMMAND…`."""

import argparse
import sys

from . import session


def main() -> int:
    """Run COMMAND and return its exit status; 128 and the signal's number if a signal ended it."""
    parser = argparse.ArgumentParser(
        prog="python -m portal.embedded",
        description="Run COMMAND with PostgreSQL and Valkey of this checkout around it.",
    )
    parser.add_argument(
        "--throwaway",
        action="store_true",
        help="start empty services of its own, and remove them afterwards",
    )
    parser.add_argument(
        "--no-migrate",
        action="store_true",
        help="leave the database as it is, even if it is new or behind",
    )
    parser.add_argument(
        "--forget",
        action="store_true",
        help="remove .local with the database and all else in it, instead of running a COMMAND",
    )
    parser.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if options.forget:
        return session.forget()
    if not command:
        parser.error("COMMAND is missing")
    return session.run(
        command,
        throwaway=options.throwaway,
        migrate=not (options.throwaway or options.no_migrate),
    )


if __name__ == "__main__":
    sys.exit(main())
