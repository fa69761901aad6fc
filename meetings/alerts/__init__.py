"""Stored searches, the moments that met them, and their digests. Nothing lives in this room yet."""
