"""Recordings of meetings: packaging, playback and the player. Nothing lives in this room yet."""
