"""Problems: the errors that the sandbox answers with, in Stripe's shape and with Stripe's codes."""

from typing import Any


class Problem(Exception):
    """An error for the caller. `is_kept` says that an idempotency key repeats it from now on.

    Stripe keeps nothing under a key of what it refused before it began.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        is_kept: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.is_kept = is_kept

    @property
    def body(self) -> dict[str, Any]:
        """The envelope of https://docs.stripe.com/api/errors."""
        told = {"code": self.code, "message": self.message, "param": self.param, "type": self.kind}
        return {"error": {name: text for name, text in told.items() if text is not None}}


def missing(kind: str, id_: str) -> Problem:
    """What does not exist here."""
    return Problem(f"No such {kind}: '{id_}'", status=404, code="resource_missing", param="id")


def unknown_parameter(name: str) -> Problem:
    """A parameter that this endpoint does not have."""
    return Problem(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> Problem:
    """A parameter that this endpoint cannot do without."""
    return Problem(f"Missing required param: {name}.", code="parameter_missing", param=name)


def invalid(name: str, value: object) -> Problem:
    """A parameter whose value is not one that this endpoint takes."""
    return Problem(f"Invalid {name}: {value!s:.100}", code="parameter_invalid", param=name)
