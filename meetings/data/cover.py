"""The podcast's cover: a square picture with the site's name, as podcast directories ask."""

import json
from functools import cache
from pathlib import Path

import typst
from django.conf import settings
from django.utils.translation import gettext as _

SOURCE = Path(__file__).with_suffix(".typ").read_bytes()
SIDE = 1500
"""In pixels. Apple's directory takes 1400 to 3000."""
_POINTS = 750


def cover() -> bytes:
    """A PNG. It is drawn once in each process: all that it says is a setting."""
    return _drawn(" ".join(settings.SITE_NAME.split()), _("Clips of public meetings"))


@cache
def _drawn(site: str, subject: str) -> bytes:
    return typst.compile(
        SOURCE,
        font_paths=typst.Fonts(),
        format="png",
        ppi=72 * SIDE / _POINTS,
        sys_inputs={"cover": json.dumps({"site": site, "subject": subject})},
    )
