"""Insights: what somebody looks for in a meeting, found by patterns or by a language model."""
