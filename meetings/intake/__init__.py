"""Bringing meetings in, the steps to publication, and what staff do across rooms."""
