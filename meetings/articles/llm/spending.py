"""What work with a language model took: questions, tokens and money."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from .client import Answer


@dataclass(slots=True)
class Spending:
    """Counts up while the work goes on, so that work which fails is paid for in the books too.

    `sent_back` counts answers that were returned with the reason, `dropped` sentences that were
    left out because they could not be used.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    sent_back: int = 0
    dropped: int = 0

    def add(self, answer: Answer) -> None:
        self.calls += 1
        self.input_tokens += answer.input_tokens
        self.output_tokens += answer.output_tokens

    @property
    def cost_micros(self) -> int:
        """In millionths of LLM_CURRENCY, at the prices that are set for a million tokens."""
        return round(
            Decimal(self.input_tokens) * settings.LLM_PRICE_IN
            + Decimal(self.output_tokens) * settings.LLM_PRICE_OUT
        )
