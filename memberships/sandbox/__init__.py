"""A local stand-in for Stripe. Nothing lives in this room yet."""
