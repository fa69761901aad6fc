"""The oEmbed 1.0 provider: other sites ask it how to show a clip."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from memberships.gate.audience import public

from .. import embedding
from ..models import Clip

PIXELS_MAX = 10_000


@public
@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """`?url=` of a clip, with `maxwidth`, `maxheight` and `format` (json or xml).

    404 where there is nothing to show to everybody, and 501 for other formats (section 2.3.4).
    """
    answer = _answer(request)
    answer["Access-Control-Allow-Origin"] = "*"  # it tells nobody more than it tells everybody
    return answer


def _answer(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("format", "json")
    if kind not in {"json", "xml"}:
        return _refuse(501, _("The formats are json and xml."))
    if "url" not in request.GET:
        return _refuse(400, _("The parameter url is missing: the address of a clip."))
    try:
        maxwidth, maxheight = _pixels(request, "maxwidth"), _pixels(request, "maxheight")
    except ValueError:
        return _refuse(400, _("maxwidth and maxheight are whole numbers of pixels, above zero."))
    slug = embedding.slug_in(request.GET["url"])
    shown = Clip.objects.shown(at=timezone.now()).with_source()
    clip = shown.filter(slug=slug).first() if slug else None
    if clip is None:
        return _refuse(404, _("There is no clip at this address that everybody may see."))
    frame = embedding.frame_of(clip, maxwidth=maxwidth, maxheight=maxheight)
    said = embedding.answer(frame, poster=embedding.poster_of(clip))
    if kind == "xml":
        return HttpResponse(embedding.to_xml(said), content_type="text/xml; charset=utf-8")
    return JsonResponse(said)


def _pixels(request: HttpRequest, name: str) -> int | None:
    """A number of pixels, if one is asked for. Raises ValueError where it is none."""
    value = request.GET.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and int(value[:10]) > 0):
        raise ValueError(name)
    return min(int(value[:10]), PIXELS_MAX)


def _refuse(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", content_type="text/plain; charset=utf-8", status=status)
