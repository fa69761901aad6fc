"""Proof: the manifest of a clip, the keys that it is checked with, and the page that checks."""

import re

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from memberships.gate.audience import capability, public
from memberships.gate.entitlement import Request

from .. import manifests, matching, queries, signing, verdicts
from ..forms.verifying import VerifyForm
from ..received import Reading, Received
from ..verdicts import Asker, Verdict
from .page import may_play

SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@public(cached=True)
@require_safe
def keys(request: Request) -> HttpResponse:
    """The public keys, as programs look for them (RFC 7517)."""
    answer = JsonResponse(signing.key_set(), content_type="application/jwk-set+json")
    answer["Access-Control-Allow-Origin"] = "*"  # so that pages elsewhere can check, too
    return answer


@capability(may_play)
@require_safe
def manifest(request: Request, slug: str) -> HttpResponse:
    """What is signed of the clip. A new one is issued where something has changed."""
    now = timezone.now()
    clip = queries.readable(slug, request.user, now=now)
    issued = manifests.of(clip, now=now) if clip else None
    if issued is None:
        raise Http404(_("This clip is not signed."))
    answer = HttpResponse(manifests.write(issued), content_type="application/json")
    answer["Content-Disposition"] = f'inline; filename="clip-{slug}-manifest.json"'
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@public
@csrf_exempt  # changes nothing, whoever sends it; and files are read as they arrive, not before
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Request) -> HttpResponse:
    """What is proven of an address, a manifest or a file, and what is not. `?clip=` is an address.

    Nothing that is sent is kept.
    """
    asker = Asker(request.user, timezone.now())
    if request.method != "POST":
        address = request.GET.get("clip", "")
        verdict = _on_text(address, asker) if address else None
        return _page(request, VerifyForm(initial={"text": address}), verdict)
    reading = Reading(request)
    request.upload_handlers = [reading]
    form = VerifyForm(request.POST, request.FILES)
    if reading.is_too_long:
        form = VerifyForm({})
        form.errors.clear()
        form.add_error("file", reading.why_not())
        return _page(request, form, status=413)
    if not form.is_valid():
        return _page(request, form, status=422)
    text, file = form.cleaned_data["text"], form.cleaned_data["file"]
    if not isinstance(file, Received):
        return _page(request, form, _on_text(text, asker))
    if text.startswith("{"):
        return _page(request, form, matching.on_file_in_manifest(file, text, asker=asker))
    return _page(request, form, matching.on_file(file, asker=asker))


def _on_text(text: str, asker: Asker) -> Verdict:
    """A text says itself what it is: an address has no brace, and a hash nothing but digits."""
    text = text.strip()
    if SHA256.fullmatch(text):
        return matching.on_hash(text, asker=asker)
    if "{" in text or "\n" in text:
        return verdicts.on_manifest(text, asker=asker)
    return verdicts.on_address(text, asker=asker)


def _page(
    request: Request, form: VerifyForm, verdict: Verdict | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "verdict": verdict}
    return render(request, "clips/verify.html", context, status=status)
