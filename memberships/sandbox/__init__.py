"""A local stand-in for Stripe, a process of its own: no keys, no network, no money."""
