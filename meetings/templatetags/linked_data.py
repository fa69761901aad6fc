"""Data for machines inside a page."""

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# What could end the element or begin another. JSON reads the escapes as the signs themselves.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class _Escaped:
    """JSON that is safe inside a script element: `format_html` asks it for its own HTML."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __html__(self) -> str:
        return json.dumps(self.data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(ESCAPES)


@register.simple_tag
def linked_data(data: dict[str, Any]) -> SafeString:
    """JSON-LD as a data block. It is never executed, so a policy against scripts lets it stand."""
    return format_html('<script type="application/ld+json">{}</script>', _Escaped(data))
