"""Home, bodies and places."""
