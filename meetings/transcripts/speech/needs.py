"""What speech recognition needs, and what it says where it cannot do its work.

Nothing heavy is loaded here: every process asks, and only the packager hears.
"""

import importlib.util
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

PACKAGE = "faster_whisper"
# Without its tokenizer the library would fetch one.
FILES = ("model.bin", "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")  # one of them is enough


class Lacking(Exception):
    """Something that must be brought is not there. The message says what, and what to do."""


class NotRecognized(Exception):
    """No words came of a recording. The message is a sentence for staff."""


def lacking() -> str:
    """What is missing before speech can be recognized, in a sentence with what to do; or ""."""
    if not is_installed():
        return _(
            "Speech recognition is not installed. Install the extra “speech”"
            " (requirements-speech.lock) and it goes on by itself, or bring captions in."
        )
    if not settings.SPEECH_MODEL:
        return _(
            "No speech model is set. Name the folder of one with SPEECH_MODEL and it goes on by"
            " itself, or bring captions in."
        )
    wrong = wrong_with(Path(settings.SPEECH_MODEL))
    return wrong and _("%s Put it right and it goes on by itself, or bring captions in.") % wrong


def is_installed() -> bool:
    return importlib.util.find_spec(PACKAGE) is not None


def wrong_with(folder: Path) -> str:
    """What is wrong with the folder of a model, as far as its files tell; or ""."""
    if not folder.is_dir():
        return _("SPEECH_MODEL names the folder %s, which is not there.") % folder
    missing = [name for name in FILES if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(VOCABULARIES[0])
    if missing:
        return _("The folder that SPEECH_MODEL names, %(folder)s, lacks %(files)s.") % {
            "folder": folder,
            "files": ", ".join(missing),
        }
    return ""
