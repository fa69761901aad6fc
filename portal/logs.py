"""What the logs never hold: addresses that open something by themselves."""

import logging
import re

# Playback, downloads, links to refunds in mails: what comes after these is as good as a key.
_KEYS = re.compile(r"(/playback/|/data/download/|/membership/refund/by-link/)[^/\s\"']+")
HIDDEN = r"\1…"


class WithoutKeys(logging.Filter):
    """Puts `…` in the place of a token, in the message and in what is put into it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(one) for one in record.args)
        return True


def _hidden(said: object) -> object:
    return _KEYS.sub(HIDDEN, said) if isinstance(said, str) else said
