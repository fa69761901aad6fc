"""Mail on a development machine: printed where the site runs, and kept as files in MAIL_FOLDER.

Nothing leaves the machine. Sign-in codes are in what is printed. The files are for reading what a
member would get: `….eml` opens in a mail program, the `….html` beside it in a browser.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.text import slugify


class EmailBackend(BaseEmailBackend):
    """Named in `EMAIL_BACKEND` where the site does not run in production."""

    def send_messages(self, email_messages: Iterable[Any]) -> int:
        messages = list(email_messages)
        for message in messages:
            kept = _keep(message, timezone.now())
            to = ", ".join(message.to)
            told = f"\nMail to {to}: {message.subject}\n\n{message.body}\nKept as {kept}\n"
            print(told, flush=True)  # a code is waited for
        return len(messages)


def _keep(message: EmailMessage, now: datetime) -> Path:
    """The newest is last in the folder's order. A reader of the folder never sees half a file."""
    folder = Path(settings.MAIL_FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{now:%Y-%m-%d-%H%M%S-%f}-{slugify(message.subject)[:60]}"
    for content, kind in getattr(message, "alternatives", []):
        if kind == "text/html":
            _write(folder / f"{name}.html", str(content).encode())
    return _write(folder / f"{name}.eml", message.message().as_bytes())


def _write(path: Path, content: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(content)
    return unfinished.replace(path)
