"""Spans as people ask for them, made fit to be cut: in order, inside, bridged. Pure."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .timed import Span

# A shorter pause between two spans is played as it was: a jump of a second looks like a fault.
BRIDGED_MS = 2_000
SHORTEST_MS = 500
# Captions are rounded, and those of the last words may end a little after the recording does.
OVERHANG_MS = 2_000


class NotCut(ValueError):
    """This cannot be cut. The message is a sentence for whoever wants it."""


def settled(wanted: Sequence[tuple[int, int]], *, duration_ms: int) -> list[Span]:
    """The spans of a clip: ordered, at least two seconds apart, inside a recording of this length.

    Raises NotCut where one is none (in after out, outside, a number that is none), where two
    overlap, and where they are too many or last too long together.
    """
    if not wanted:
        raise NotCut(_("Choose where the clip begins and where it ends."))
    if len(wanted) > settings.CLIP_MAX_SPANS:
        raise NotCut(
            ngettext(
                "A clip has one part at most.",
                "A clip has %(count)d parts at most.",
                settings.CLIP_MAX_SPANS,
            )
            % {"count": settings.CLIP_MAX_SPANS}
        )
    spans = _bridged(sorted(_checked(start, end, duration_ms) for start, end in wanted))
    if length_of(spans) > settings.CLIP_MAX_SECONDS * 1000:
        raise NotCut(
            _("A clip lasts %(longest)s at most, and this one would last %(now)s.")
            % {"longest": _clock(settings.CLIP_MAX_SECONDS * 1000), "now": _clock(length_of(spans))}
        )
    return spans


def length_of(spans: Iterable[Span]) -> int:
    """How long they last together, in milliseconds."""
    return sum(end_ms - start_ms for start_ms, end_ms in spans)


def _checked(start_ms: object, end_ms: object, duration_ms: int) -> Span:
    # A bool is an int, and no time. NaN and infinity are floats, and no milliseconds either.
    if not (type(start_ms) is int and type(end_ms) is int):
        raise NotCut(_("A time of this clip is no time. Choose its beginning and end once more."))
    if start_ms < 0 or start_ms >= duration_ms or end_ms > duration_ms + OVERHANG_MS:
        raise NotCut(
            _("The recording ends at %(end)s, so nothing outside of it can be cut.")
            % {"end": _clock(duration_ms)}
        )
    end_ms = min(end_ms, duration_ms)
    if end_ms <= start_ms:
        raise NotCut(
            _("The clip would end at %(end)s, before it begins at %(start)s.")
            % {"start": _clock(start_ms), "end": _clock(end_ms)}
        )
    if end_ms - start_ms < SHORTEST_MS:
        raise NotCut(_("A part of a clip lasts half a second at least."))
    return Span(start_ms, end_ms)


def _bridged(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        before = found[-1] if found else None
        if before is not None and span.start_ms < before.end_ms:
            raise NotCut(
                _("Two parts of the clip overlap at %(time)s. Make one of them, or shorten one.")
                % {"time": _clock(span.start_ms)}
            )
        if before is not None and span.start_ms - before.end_ms < BRIDGED_MS:
            found[-1] = Span(before.start_ms, span.end_ms)
        else:
            found.append(span)
    return found


def _clock(ms: int) -> str:
    """12:34, or 1:02:03 from an hour on."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
