"""Downloads: addresses that open a snapshot to whoever holds them, while its member is one.

An address names the snapshot and the member, and is signed. Programs that fetch large files in
parts, and go on when a connection breaks, need no session with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header

from meetings.media import bucket, playback, storage
from memberships.gate.entitlement import User, members

from . import keeping

SALT = "meetings.data.download"


@dataclass(frozen=True, slots=True)
class Leave:
    """What a token allows: one snapshot, for one member."""

    snapshot: str
    user_id: int

    def is_good(self, *, at: datetime) -> bool:
        """Whether the member still is one. One query."""
        return members(at).filter(pk=self.user_id).exists()


def token(snapshot: str, user: User) -> str:
    return signing.dumps([snapshot, user.pk], salt=SALT)


def leave_of(token: str) -> Leave | None:
    """What a token allows; None where it is not ours, or is over."""
    age = timedelta(hours=settings.DATA_LINK_HOURS)
    try:
        snapshot, user_id = signing.loads(token, salt=SALT, max_age=age)
    except signing.BadSignature:
        return None
    return Leave(snapshot, user_id)


def address(token: str, file: str) -> str:
    """The path under which a file of the token's snapshot is given."""
    return reverse("data-download", args=[token, file])


def answer(leave: Leave, file: str, request: HttpRequest) -> HttpResponseBase:
    """A file of the snapshot, or the part of it that was asked for; 404 where it is gone.

    From a bucket, the answer is where that gives it to whoever asks within a minute.
    """
    save_as = content_disposition_header(as_attachment=True, filename=file) or "attachment"
    if storage.is_remote():
        there = f"{keeping.DATA}/{leave.snapshot}/{file}"
        method = request.method or "GET"
        return HttpResponseRedirect(bucket.address(there, method=method, disposition=save_as))
    answer = playback.send(keeping.root() / leave.snapshot / file, request)
    if answer.status_code < 300:
        answer["Content-Disposition"] = save_as
    return answer
