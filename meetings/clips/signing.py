"""The keys that manifests are signed with: Ed25519 (RFC 8032), named by their thumbprints.

They come from the environment, in base64url as JWK writes them (RFC 8037). The one that signs is
private and a secret: 32 bytes. Those before it are public: the id, a dot, and the 32 bytes. A key's
id is the SHA-256 of its public part (RFC 7638), so that nobody has to choose one, none can be mixed
up, and a private key that is set among the public ones is refused before anybody sees it.
"""

import base64
import binascii
import hashlib
from functools import lru_cache

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES, SIGNATURE_BYTES = 32, 64


class NoKey(Exception):
    """There is no key to sign with."""


class NotWritten(Exception):
    """Not base64url of the expected length, written in the one way that it can be (RFC 4648)."""


def sign(message: bytes) -> tuple[str, str]:
    """The signature in base64url, and the id of the key. Raises NoKey where none is set."""
    if not settings.CLIP_SIGNING_KEY:
        raise NoKey
    private = _private(settings.CLIP_SIGNING_KEY)
    return encode(private.sign(message)), key_id(_raw(private.public_key()))


def is_signed(message: bytes, signature: str, *, by: str) -> bool:
    """Whether a key of ours, now or formerly, made this signature. `by` is the key's id.

    Raises NotWritten where the signature is none, and KeyError where we do not know the key.
    """
    key = public_keys()[by]
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(decode(signature, SIGNATURE_BYTES), message)
    except InvalidSignature:
        return False
    return True


def can_sign() -> bool:
    return bool(settings.CLIP_SIGNING_KEY)


def public_keys() -> dict[str, bytes]:
    """The public keys that we answer for, by id: first the one that signs now."""
    keys = []
    if settings.CLIP_SIGNING_KEY:
        keys.append(_raw(_private(settings.CLIP_SIGNING_KEY).public_key()))
    keys += [_former(one) for one in settings.CLIP_FORMER_KEYS]
    return {key_id(key): key for key in keys}


def written() -> list[str]:
    """The public keys as CLIP_FORMER_KEYS names them."""
    return [f"{name}.{encode(key)}" for name, key in public_keys().items()]


def key_set() -> dict[str, list[dict[str, str]]]:
    """The public keys as a JWK Set (RFC 7517, section 5)."""
    return {
        "keys": [
            {**_jwk(key), "kid": name, "use": "sig", "alg": "EdDSA"}
            for name, key in public_keys().items()
        ]
    }


def key_id(key: bytes) -> str:
    """The thumbprint of a public key (RFC 7638, section 3; RFC 8037, appendix A.3)."""
    return encode(hashlib.sha256(rfc8785.dumps(_jwk(key))).digest())


def encode(what: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(what).decode().rstrip("=")


def decode(written: str, size: int) -> bytes:
    """The bytes. Raises NotWritten.

    Some texts differ and mean the same bytes: padded ones, and those with other spare bits at the
    end. Only one is taken, so that not a character of a signature can be changed.
    """
    try:
        what = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotWritten from error
    if len(what) != size or encode(what) != written:
        raise NotWritten
    return what


def _jwk(key: bytes) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": encode(key)}


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


@lru_cache(maxsize=4)
def _private(written: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(decode(written.strip(), KEY_BYTES))
    except NotWritten as error:
        raise ImproperlyConfigured(
            "CLIP_SIGNING_KEY is 32 random bytes in base64url: 43 characters."
        ) from error


@lru_cache(maxsize=64)
def _former(written: str) -> bytes:
    name, _dot, x = written.strip().partition(".")
    try:
        key = decode(x, KEY_BYTES)
    except NotWritten:
        key = b""
    if not key or key_id(key) != name:  # not repeated here: it may be a private one
        raise ImproperlyConfigured(
            "CLIP_FORMER_KEYS holds public keys as `manage.py clip_keys` prints them: the id of"
            " each, a dot, and the key. One of them is not written so."
        )
    return key
