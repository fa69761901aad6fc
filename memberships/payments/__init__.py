"""Stripe's facts: settling, refunds, the event inbox. Nothing lives in this room yet."""
