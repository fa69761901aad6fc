"""System checks: can the speech model that settings name be there?

Warnings, because only the packager needs the folder, and web runs without it.
"""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004 - its name

from .speech import needs

TAG = "speech"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@register(TAG)
def model_can_be_used(**_options: Any) -> list[CheckMessage]:
    """The folder is there with its files, and what reads it is installed."""
    if not settings.SPEECH_MODEL:
        return []
    found: list[CheckMessage] = []
    if wrong := needs.wrong_with(Path(settings.SPEECH_MODEL)):
        found.append(
            Warning(
                wrong,
                hint="Name a folder with a model for CTranslate2: model.bin, config.json,"
                " tokenizer.json and vocabulary.json. Only the packager needs it.",
                id="speech.W001",
            )
        )
    if not needs.is_installed():
        found.append(
            Warning(
                "SPEECH_MODEL is set, and speech recognition is not installed.",
                hint="Install requirements-speech.lock instead of requirements.lock.",
                id="speech.W002",
            )
        )
    return found


@register(TAG)
def language_is_one(**_options: Any) -> list[CheckMessage]:
    """The language is written as BCP 47 wants it."""
    if not settings.SPEECH_LANGUAGE or LANGUAGE.fullmatch(settings.SPEECH_LANGUAGE):
        return []
    return [
        Warning(
            f"SPEECH_LANGUAGE is “{settings.SPEECH_LANGUAGE}”, which is no language.",
            hint="Write it such as en or fr, or leave it empty: then it is detected.",
            id="speech.W003",
        )
    ]
