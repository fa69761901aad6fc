"""Verdicts: what /verify/ finds about an address, a manifest or a file, in plain words.

Whoever asks learns of a clip only what its page would tell them. For all others a clip that is
private, hidden, taken down or deleted is one that is not there. What a signature alone proves hangs
on no clip, so it is said to anybody.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from memberships.gate.entitlement import User

from . import manifests, signing
from .models import Clip, Manifest
from .statements import File, Said, members_that_differ, what_is_kept

SLUG = re.compile(r"/clips/([A-Za-z0-9_-]{11,22})(?=[/.?#]|$)")


class Outcome(Enum):
    """How it came out."""

    PROVEN = "proven"
    REFUSED = "refused"
    """Something does not fit: it was changed, or it was never ours."""
    UNKNOWN = "unknown"
    """There was nothing to compare it with."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `said` is there where a signature of ours covers it, and nowhere else."""

    outcome: Outcome
    headline: str
    reasons: tuple[str, ...] = ()
    said: Said | None = None
    file: File | None = None
    """The file that was sent, where the statement lists it."""
    notes: tuple[str, ...] = ()
    clip: Clip | None = None
    """The clip, where whoever asks may open it."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to know, and when."""

    user: User | AnonymousUser
    now: datetime

    def clip_at(self, address: object) -> Clip | None:
        """The clip at an address of this site, if they may open it."""
        slug = slug_of(address) if isinstance(address, str) else None
        if slug is None:
            return None
        readable = Clip.objects.readable_by(self.user, at=self.now).with_source()
        return readable.filter(slug=slug).first()


def slug_of(address: str) -> str | None:
    """The clip that an address on this site names, whether there is one or not."""
    try:
        parts = urlsplit(address.strip() if "://" in address else f"//{address.strip()}")
    except ValueError:
        return None
    if parts.netloc.lower() != urlsplit(settings.SITE_URL).netloc.lower():
        return None
    hit = SLUG.search(parts.path)
    return hit[1] if hit else None


def on_address(address: str, *, asker: Asker) -> Verdict:
    """Is the clip there, and is what we keep of it what we signed?"""
    if slug_of(address) is None:
        return Verdict(
            Outcome.UNKNOWN,
            _("This is no address of a clip on this site"),
            (
                _("Such an address begins with %s/clips/. Copy it from the clip’s page.")
                % settings.SITE_URL,
            ),
        )
    clip = asker.clip_at(address)
    if clip is None:
        return no_clip()
    issued = manifests.of(clip, now=asker.now)
    if issued is None:
        return Verdict(
            Outcome.UNKNOWN,
            _("This clip is not signed"),
            (_("This site has no key to sign with, so it can prove nothing about its clips."),),
            clip=clip,
        )
    verdict = on_ours(issued)
    if verdict.outcome is not Outcome.PROVEN or verdict.said is None:
        return verdict
    kept, notes = what_is_kept(clip, verdict.said)
    if not kept:
        return Verdict(
            Outcome.REFUSED,
            _("What we keep of this clip is not what we signed"),
            notes,
        )
    return replace(verdict, notes=notes, clip=clip)


def on_manifest(text: str, *, asker: Asker) -> Verdict:
    """Did we sign this, and was nothing changed since?"""
    try:
        signed = manifests.read(text)
    except manifests.NotAManifest as why:
        return Verdict(Outcome.REFUSED, _("This is not a manifest of ours"), (str(why),))
    try:
        is_ours = signed.is_ours()
    except KeyError:
        return Verdict(
            Outcome.REFUSED,
            _("This was not signed by us"),
            (
                _(
                    "It names a key that is not among ours. Either somebody else signed it, or the"
                    " name of the key was changed, or we do not answer for that key any more."
                ),
            ),
        )
    except signing.NotWritten:
        return Verdict(
            Outcome.REFUSED,
            _("The signature is damaged"),
            (_("A signature is written with 86 letters, digits, hyphens and underscores."),),
        )
    clip = asker.clip_at(signed.statement.get("clip"))
    issues = list(clip.manifests.order_by("pk")) if clip else []
    if not is_ours:
        return Verdict(
            Outcome.REFUSED,
            _("The signature does not fit: something was changed"),
            tuple(_what_was_changed(signed, issues)),
        )
    said = Said.of(signed.statement)
    if clip is None:
        notes: tuple[str, ...] = (
            _(
                "There is no clip at its address that you can open here. What was signed stays"
                " signed: it tells what the clip was when the manifest was issued."
            ),
        )
    elif not any(one.canonical.encode() == signed.canonical for one in issues):
        notes = (
            _(
                "We have no record of having issued it, although the signature is ours. Ask us"
                " before you rely on it."
            ),
        )
    else:
        notes = what_is_kept(clip, said)[1]
        if issues[-1].canonical.encode() != signed.canonical:
            notes += (_("We have issued a newer manifest of this clip since."),)
    return Verdict(
        Outcome.PROVEN,
        _("We signed this, and not a character was changed since"),
        said=said,
        notes=notes,
        clip=clip,
    )


def on_ours(issued: Manifest) -> Verdict:
    """One that we keep ourselves. That the database holds it does not make it true."""
    try:
        signed = manifests.read_again(issued)
        is_ours = signed.is_ours()
    except (KeyError, ValueError, signing.NotWritten, manifests.NotAManifest):
        is_ours, signed = False, None
    if signed is None or not is_ours:
        return Verdict(
            Outcome.REFUSED,
            _("Our own copy of the manifest does not fit its signature"),
            (_("Something was changed where we keep it. Tell us, and do not rely on this clip."),),
        )
    return Verdict(
        Outcome.PROVEN,
        _("This clip is as we signed it"),
        said=Said.of(signed.statement),
    )


def _what_was_changed(signed: manifests.Signed, issues: list[Manifest]) -> Iterable[str]:
    """How it differs from what we issued, for those who may see the clip."""
    if not issues:
        yield _(
            "The statement or its signature was changed after it was signed, or we never signed it."
        )
        return
    for issued in reversed(issues):
        if issued.canonical.encode() == signed.canonical:
            yield _("The statement is one that we issued, to the letter. Its signature is not.")
            return
        if issued.signature == signed.signature:
            yield _("The signature is one that we made, but for another statement.")
            yield _("What differs: %s.") % ", ".join(
                members_that_differ(issued.canonical, signed.statement)
            )
            return
    yield _("Neither the statement nor the signature is one that we issued for this clip.")


def no_clip(*before: str) -> Verdict:
    """The same words whether there was never one, or they may not see it."""
    return Verdict(
        Outcome.UNKNOWN,
        _("There is no clip at this address that you can open"),
        (
            *before,
            _("Without it there is nothing to compare with, so we can say neither yes nor no."),
        ),
    )
