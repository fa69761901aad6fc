"""Refusals: how Stripe says no, in the kinds that the rooms above must tell apart."""

from .facts import SessionFacts


class StripeRefused(Exception):
    """What every refusal has: Stripe's code, and its name for the request, to ask them about it."""

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id


class TryAgainLater(StripeRefused):
    """It is not known whether Stripe did it. Ask again with the same key, or look.

    `is_replayed` says that Stripe keeps this very failure under the key and will repeat it, so that
    only a look at the list tells what happened, and a new key on a new row goes on.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        request_id: str = "",
        is_replayed: bool = False,
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.is_replayed = is_replayed


class WillNotHelp(StripeRefused):
    """Stripe did nothing, and the same call would meet the same answer."""


class NotLetIn(WillNotHelp):
    """Stripe does not take our key, or there is none: a setting of ours is wrong.

    Nothing is said about the request. What has a row waits until the setting is right.
    """


class AlreadyRefunded(WillNotHelp):
    """Nothing is left to give back: somebody else was first, or an earlier call of ours was."""


class Disputed(WillNotHelp):
    """The buyer's bank has the payment now, and decides."""


class SessionNotOpen(WillNotHelp):
    """The session could not be closed, because it is complete or expired: `session` says which."""

    def __init__(
        self, message: str, *, session: SessionFacts, code: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.session = session


class NotAnEvent(Exception):
    """What arrived is not an event that Stripe signed for us, lately. Nothing of it is believed."""
