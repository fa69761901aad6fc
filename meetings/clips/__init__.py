"""Clips: a titled selection of a recording. Nothing lives in this room yet."""
