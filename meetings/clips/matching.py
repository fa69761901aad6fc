"""Files against manifests: is this one that we made of a clip, byte for byte?"""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from . import manifests
from .models import Clip
from .received import Received
from .statements import Said, what_is_kept
from .verdicts import Asker, Outcome, Verdict, no_clip, on_manifest, on_ours, slug_of


def on_file(file: Received, *, asker: Asker) -> Verdict:
    """Is this, byte for byte, a file that we made of a clip?"""
    for address in file.addresses:
        if clip := asker.clip_at(address):
            return _on_file_of(clip, file.sha256, now=asker.now)
    made = _made_as(file.sha256, asker)
    if made is not None:
        return _on_file_of(made, file.sha256, now=asker.now)
    if any(slug_of(address) for address in file.addresses):
        return no_clip(_("The file says that it comes from a clip of this site."))
    why = (
        _(
            "Files that are downloaded here carry the address of their clip. Programs and sites"
            " that convert a video take it out, and then nothing can be compared."
        )
        if file.is_mp4
        else _("It is no MP4 video. Send the file as it was downloaded here.")
    )
    return Verdict(Outcome.UNKNOWN, _("This file names no clip of this site"), (why,))


def on_hash(sha256: str, *, asker: Asker) -> Verdict:
    """The same for a file that stays where it is: somebody worked out its SHA-256."""
    clip = _made_as(sha256.lower(), asker)
    if clip is not None:
        return _on_file_of(clip, sha256.lower(), now=asker.now)
    return Verdict(
        Outcome.UNKNOWN,
        _("We know no file with this SHA-256"),
        (
            _(
                "It may be of a file that was changed, of one that we did not make, or of a clip"
                " that you cannot open. Send the file itself: it says which clip it comes from."
            ),
        ),
    )


def on_file_in_manifest(file: Received, text: str, *, asker: Asker) -> Verdict:
    """Is this a file that the manifest lists? It needs no clip to be there still."""
    verdict = on_manifest(text, asker=asker)
    if verdict.said is None:
        return verdict
    if listed := verdict.said.file(file.sha256):
        return replace(
            verdict,
            headline=_("This file is in the manifest, and we signed the manifest"),
            file=listed,
        )
    return Verdict(
        Outcome.REFUSED,
        _("The manifest is ours, but this file is not in it"),
        _not_listed(file.sha256, verdict.said),
    )


def _on_file_of(clip: Clip, sha256: str, *, now: datetime) -> Verdict:
    """Every manifest that was ever issued of the clip counts: files are listed as they are made."""
    manifests.of(clip, now=now)
    newest: Said | None = None
    for issued in clip.manifests.order_by("-pk"):
        verdict = on_ours(issued)
        if verdict.said is None:
            continue
        newest = newest or verdict.said
        if listed := verdict.said.file(sha256):
            return replace(
                verdict,
                headline=_("This file is, byte for byte, one that we made of this clip"),
                file=listed,
                notes=what_is_kept(clip, verdict.said)[1],
                clip=clip,
            )
    return Verdict(
        Outcome.REFUSED,
        _("This is not the file that we made: it was changed"),
        (
            _("It says that it comes from the clip “%s”.") % clip.title,
            *_not_listed(sha256, newest),
        ),
        clip=clip,
    )


def _not_listed(sha256: str, said: Said | None) -> tuple[str, ...]:
    yours = _("Its SHA-256 is %s.") % sha256
    if said is None or not said.files:
        return (yours, _("We have made no file of this clip."))
    return (
        yours,
        _("No manifest of ours lists that. At least one byte differs from the files that we made."),
        _(
            "Sites that you upload a video to make a new file of it. That alone changes every byte,"
            " and is no proof that the words were changed."
        ),
    )


def _made_as(sha256: str, asker: Asker) -> Clip | None:
    readable = Clip.objects.readable_by(asker.user, at=asker.now).with_source()
    return readable.filter(renderings__sha256=sha256).order_by("pk").first()
