"""System checks: the keys that clips are signed with are keys, and a site of others has one."""

from typing import Any

from django.core.checks import (
    CheckMessage,
    Error,
    Tags,
    Warning,  # noqa: A004 - its name
    register,
)
from django.core.exceptions import ImproperlyConfigured

from . import signing


@register(Tags.security)
def keys_are_keys(**_options: Any) -> list[CheckMessage]:
    """They are read when they are first needed; this says earlier what is wrong with them."""
    try:
        signing.public_keys()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="clips.E001")]
    return []


@register(Tags.security, deploy=True)
def clips_are_signed(**_options: Any) -> list[CheckMessage]:
    """Nothing else tells whoever runs the site that its clips prove nothing."""
    if signing.can_sign():
        return []
    return [
        Warning(
            "CLIP_SIGNING_KEY is not set: clips carry no proof.",
            hint=".env.example says how to make one.",
            id="clips.W001",
        )
    ]
