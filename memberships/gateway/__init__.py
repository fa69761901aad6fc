"""Stripe's SDK behind one door. Nothing lives in this room yet."""
