"""What ends a session before its COMMAND has run, in words for the person at the terminal."""


class EmbeddedError(Exception):
    """The services cannot be given; the message says why and what to do."""


class Interrupted(Exception):
    """A signal asked to stop while services were being started."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
