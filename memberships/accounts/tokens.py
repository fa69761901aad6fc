"""Tokens as they are written: a name that scanners of secrets find, chance, and a checksum.

    cp_live_ + 30 characters of chance + 6 of a checksum (CRC-32 of all before), all of base 62

The checksum tells a slip of the keyboard from a token without asking the database, and lets whoever
scans for leaks be sure of what was found. Chance of 178 bits needs no slow hash: SHA-256 is kept.
"""

import hashlib
import re
import secrets
import zlib

PREFIX = "cp_live_"
_CHANCE, _SUM = 30, 6
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PATTERN = rf"{PREFIX}[0-9A-Za-z]{{{_CHANCE + _SUM}}}"
_WRITTEN = re.compile(PATTERN)
SHOWN = len(PREFIX) + 4  # so much of it is kept, so that its owner can tell it from others


def fresh() -> str:
    """A token that nobody has. The system's own chance, as all secrets."""
    begun = PREFIX + "".join(secrets.choice(_SIGNS) for _ in range(_CHANCE))
    return begun + _checksum(begun)


def is_one(text: str) -> bool:
    """Whether this could be a token of ours. It asks nobody."""
    return _WRITTEN.fullmatch(text) is not None and _checksum(text[:-_SUM]) == text[-_SUM:]


def digest_of(token: str) -> str:
    """What is kept of a token: enough to know it again, and of no use to whoever reads it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(begun: str) -> str:
    number, signs = zlib.crc32(begun.encode()), ""
    for _ in range(_SUM):
        number, rest = divmod(number, len(_SIGNS))
        signs = _SIGNS[rest] + signs
    return signs
