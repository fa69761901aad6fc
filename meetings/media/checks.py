"""System checks: no folder that anybody can fetch from holds recordings, or lies within them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def recordings_are_not_served(**_options: Any) -> list[CheckMessage]:
    """Static files are for everybody, so the media folder is apart from them."""
    media = Path(settings.MEDIA_ROOT).resolve()
    named = [*settings.STATICFILES_DIRS, settings.STATIC_ROOT]
    named += filter(None, [getattr(settings, "WHITENOISE_ROOT", None)])
    for folder in (Path(one).resolve() for one in named):
        if media.is_relative_to(folder) or folder.is_relative_to(media):
            return [
                Error(
                    f"MEDIA_ROOT ({media}) and {folder}, from which everybody is served, lie in"
                    " one another.",
                    id="media.E001",
                )
            ]
    return []
