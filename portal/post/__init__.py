"""The outbox for e-mail and webhooks. Nothing lives in this room yet."""
