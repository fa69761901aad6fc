"""Stripe's facts: the inbox of events, and what the facts come to."""
