"""Refund and Dispute: the guarantee. Nothing lives in this room yet."""
