"""What a buyer may add to a refund after it was asked for."""

from .models import Refund

WHY_MAX = 1_000  # characters


def say_why(refund: Refund, why: str) -> bool:
    """Keep the buyer's answer to our one question. False where there is one: it is asked once."""
    unanswered = Refund.objects.filter(pk=refund.pk, origin=Refund.Origin.SELF_SERVICE, reason="")
    return bool(unanswered.update(reason=why[:WHY_MAX]))
