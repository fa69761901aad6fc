"""What a person says of a clip: title, note, who may see it, by what name it was made. Pure."""

from typing import TypedDict

from django.utils.translation import gettext as _

from .models import Clip, Visibility


class NotDescribed(ValueError):
    """A field cannot be kept as it is. `field` names it; the message is for whoever wrote it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Told(TypedDict):
    """The fields of a Clip that its owner may change."""

    title: str
    note: str
    visibility: str
    maker_name: str


def told(*, title: str, note: str, visibility: str, maker_name: str) -> Told:
    """The fields as they are stored: without space around them. Raises NotDescribed."""
    fields = Told(
        title=" ".join(title.split()),
        note=note.replace("\r\n", "\n").strip(),
        visibility=visibility,
        maker_name=" ".join(maker_name.split()),
    )
    if visibility not in Visibility.values:
        raise NotDescribed("visibility", _("A clip is private, unlisted or public."))
    if not fields["title"]:
        raise NotDescribed("title", _("Give the clip a title."))
    _check("title", fields["title"], Clip.TITLE_MAX)
    _check("note", fields["note"], Clip.NOTE_MAX)
    _check("maker_name", fields["maker_name"], Clip.MAKER_MAX)
    return fields


def _check(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise NotDescribed(
            field,
            _("This has %(now)d characters, and %(longest)d are the most. Shorten it.")
            % {"now": len(text), "longest": longest},
        )
    if not all(sign.isprintable() or sign == "\n" for sign in text):
        raise NotDescribed(
            field, _("There is a character in this that cannot be shown. Type it once more.")
        )
