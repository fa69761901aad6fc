"""Times of a recording as people read them: 12:34, 3 h 12 min."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def clock(ms: int) -> str:
    """Milliseconds as a clock of the recording: 12:34, or 1:02:03 from an hour on."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def spoken_clock(ms: int) -> str:
    """The same for a screen reader: 12 minutes 34 seconds."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        ngettext("%d hour", "%d hours", hours) % hours if hours else "",
        ngettext("%d minute", "%d minutes", minutes) % minutes if minutes else "",
        ngettext("%d second", "%d seconds", seconds) % seconds,
    ]
    return " ".join(part for part in parts if part)


@register.filter
def whole_seconds(ms: int) -> int:
    """Milliseconds as the whole seconds that `?t=` takes; never past the moment itself."""
    return ms // 1000


@register.filter
def seconds(ms: int) -> str:
    """Milliseconds as the seconds that `?t=` takes, exact: 12.34."""
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")


@register.filter
def length_of(ms: int) -> str:
    """How long something lasts: 25 min, 3 h 12 min; less than a minute in seconds."""
    minutes = round(ms / 60_000)
    if not minutes:
        return _("%d s") % (ms // 1000)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return _("%d min") % minutes
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
