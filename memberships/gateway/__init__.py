"""Stripe behind one door: the only import of its SDK, facts in our words, errors in two kinds."""
