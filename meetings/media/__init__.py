"""Recordings of meetings: bringing them in, packaging, signed playback, and the player."""
