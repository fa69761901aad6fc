"""Manifests: what we sign of a clip, and how a signed one is read again.

A manifest is a JSON object of two members: `manifest`, the statement, and `signature`. What is
signed is the statement as canonical JSON (RFC 8785). The whole is written so too, so the signed
bytes stand in it as they are. docs/verifying.md explains each member.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import rfc8785
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from . import signing
from .models import Clip, Manifest, Rendering

FORMAT = "citizen-portal-clip/1"
ALGORITHM = "Ed25519"
LONGEST = 1_000_000  # characters; ten minutes of speech are some ten thousand

Statement = dict[str, Any]
"""JSON: our own, or somebody's."""


class NotAManifest(Exception):
    """The text is no signed manifest. The message says why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A manifest as somebody holds it: nothing is known of it yet but its form."""

    statement: Statement
    canonical: bytes
    """What would have been signed."""
    signature: str
    key_id: str

    def is_ours(self) -> bool:
        """Whether the signature fits. Raises KeyError (a key that we do not know) or NotWritten."""
        return signing.is_signed(self.canonical, self.signature, by=self.key_id)


def of(clip: Clip, *, now: datetime) -> Manifest | None:
    """The clip's manifest as it stands now; None where there is no key to sign with.

    A new one is issued where something of it has changed: a file was made, a name was corrected.
    The same holds where we no longer answer for the key that signed the last one. None, too, where
    the clip was deleted in this very moment: its words are gone.
    """
    if not signing.can_sign():
        return None
    with transaction.atomic():
        # Two who ask at once get one manifest.
        rows = Clip.objects.with_source().filter(deleted_at__isnull=True)
        fresh = rows.select_for_update(of=("self",)).filter(pk=clip.pk).first()
        if fresh is None:
            return None
        last = fresh.manifests.order_by("-pk").first()
        facts = statement(fresh)
        if last is not None and _holds(last, facts):
            return last
        said = {**facts, "issued_at": _instant(now)}
        canonical = rfc8785.dumps(said)
        signature, key = signing.sign(canonical)
        return Manifest.objects.create(
            clip=fresh,
            canonical=canonical.decode(),
            signature=signature,
            key_id=key,
            issued_at=now,
        )


def statement(clip: Clip) -> Statement:
    """What is said of a clip, but for the time at which it is said. The clip `with_source`."""
    meeting, recording = clip.meeting, clip.recording
    return {
        "format": FORMAT,
        "clip": settings.SITE_URL + clip.get_absolute_url(),
        "made_by": clip.maker_name or None,
        "cut_at": _instant(clip.created_at),
        "duration_ms": clip.duration_ms,
        "meeting": {
            "title": meeting.title,
            "body": meeting.body.name,
            "place": meeting.body.place.name,
            "held_on": meeting.held_on.isoformat(),
            "url": settings.SITE_URL + meeting.get_absolute_url(),
        },
        "recording": {
            "sha256": recording.sha256,
            "size_bytes": recording.size_bytes,
            "duration_ms": recording.duration_ms,
        },
        "spans": [
            {"start_ms": span.start_ms, "end_ms": span.end_ms}
            for span in clip.spans.order_by("position")
        ],
        "transcript": (
            None
            if clip.transcript_version is None
            else {"version": clip.transcript_version, "language": clip.language}
        ),
        "words": [
            {name: word[name] for name in ("speaker", "start_ms", "end_ms", "text", "key")}
            for word in clip.words
        ],
        "files": list(_files(clip)),
    }


def write(manifest: Manifest) -> bytes:
    """The manifest as it is handed out."""
    return rfc8785.dumps(
        {
            "manifest": json.loads(manifest.canonical),
            "signature": {
                "algorithm": ALGORITHM,
                "key": manifest.key_id,
                "value": manifest.signature,
            },
        }
    )


def read(text: str) -> Signed:
    """A manifest in any layout, spaces and all. Raises NotAManifest."""
    if len(text) > LONGEST:
        raise NotAManifest(_("This is far longer than a manifest."))
    whole = _json(text)
    if not isinstance(whole, dict) or set(whole) != {"manifest", "signature"}:
        raise NotAManifest(
            _("A manifest is a JSON object with two members, “manifest” and “signature”.")
        )
    said, signature = whole["manifest"], whole["signature"]
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise NotAManifest(
            _("Its “manifest” does not say that its format is “%s”, the only one that we sign.")
            % FORMAT
        )
    if (
        not isinstance(signature, dict)
        or set(signature) != {"algorithm", "key", "value"}
        or not all(isinstance(value, str) for value in signature.values())
    ):
        raise NotAManifest(
            _("Its “signature” needs three texts: “algorithm”, “key” and “value”, and no more.")
        )
    if signature["algorithm"] != ALGORITHM:
        raise NotAManifest(_("It names another algorithm than %s.") % ALGORITHM)
    try:
        canonical = rfc8785.dumps(said)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise NotAManifest(
            _("It holds a number or a character that canonical JSON does not know.")
        ) from error
    return Signed(said, canonical, signature["value"], signature["key"])


def read_again(manifest: Manifest) -> Signed:
    """One of our own, out of the database: to be checked like any other."""
    return read(write(manifest).decode())


def _holds(last: Manifest, facts: Statement) -> bool:
    """It says what is true now, and its key is one that we answer for."""
    said = json.loads(last.canonical)
    said.pop("issued_at", None)
    return bool(said == facts) and last.key_id in signing.public_keys()


def _files(clip: Clip) -> Iterator[dict[str, object]]:
    made = clip.renderings.ready().exclude(kind=Rendering.Kind.ENDS)
    for file in made.order_by("kind", "pk"):
        yield {"kind": file.kind, "sha256": file.sha256, "size_bytes": file.size_bytes}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(text: str) -> Any:
    """Strictly: each name once, whole numbers. Raises NotAManifest with where it fails."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as error:
        raise NotAManifest(
            _("This is no JSON: it cannot be read on from line %(line)d, character %(column)d.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; endless depth
        raise NotAManifest(_("This is JSON that no manifest of ours could be.")) from error


def _object(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(members)
    if len(named) != len(members):
        raise NotAManifest(_("It names one of its members twice, so it says two things at once."))
    return named


def _no_number(written: str) -> NoReturn:
    raise NotAManifest(
        _("It holds the number %s. Manifests hold whole numbers only.") % written[:20]
    )
