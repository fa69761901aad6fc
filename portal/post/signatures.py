"""Signatures: how whoever receives a webhook knows that it is ours, and not an old one sent again.

The form is that of Standard Webhooks 1.0.0 ("Signature scheme"), for which many languages have a
library: three headers, `webhook-id`, `webhook-timestamp` and `webhook-signature`.
"""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A secret as receivers' libraries want it: `whsec_` and 32 bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(*, key: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The three headers. `key` names the message: each try of one message has the same.

    The time is that of the try, so that a receiver may refuse what is older than some minutes.
    """
    stamp = str(int(now.timestamp()))
    return {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_signature(key=key, stamp=stamp, body=body, secret=secret)}",
    }


def _signature(*, key: str, stamp: str, body: bytes, secret: str) -> str:
    shared = base64.b64decode(secret.removeprefix(PREFIX))
    said = f"{key}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(shared, said, sha256)).decode()
