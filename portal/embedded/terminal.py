"""What is said to the person: on standard error, because COMMAND's output may be piped."""

import sys


def say(sentence: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
