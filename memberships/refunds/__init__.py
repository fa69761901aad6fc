"""Refund and Dispute: money on its way back, and who sent it there."""
