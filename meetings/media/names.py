"""Names of files as people wrote them, made fit to be kept and shown."""

import re
import unicodedata
from pathlib import PurePosixPath

from .models import Recording

_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


def clean_name(name: str) -> str:
    """The name of a file without its folders, control characters and excess, ending kept."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", last))
    plain = " ".join(shown.split()).strip(". ") or "recording"
    if len(plain) <= Recording.NAME_MAX:
        return plain
    suffix = PurePosixPath(plain).suffix
    suffix = suffix if len(suffix) <= 10 else ""
    return (plain[: Recording.NAME_MAX - len(suffix)] + suffix).rstrip(". ")


def suffix_of(name: str) -> str:
    """What a stored file may keep of a clean name: its ending, in plain letters, or nothing."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""
