"""Parcels: one meeting's facts, caption file and recording, from loose files or from a manifest.

A manifest is a file named `meeting.json`; it lies in the folder of the files that it names:

    {"title": "Regular meeting", "body": "slug", "place": "slug", "held_on": "2026-09-14",
     "language": "en", "agenda": [{"title": "Roll call", "start": "00:00:05"}],
     "files": ["captions.vtt"], "recording": "council.mp4"}

`place`, `language` and `recording` may be left out, and so may an agenda or the start of an item.
A loose caption file takes its facts from the defaults, and its day and title from its name where
the defaults say nothing.

Files are known by their names alone, among those that lie beside the manifest, so that no name
leads out of its folder.

By its day and title a manifest's meeting is known again, and a loose file's by day and file name:
handed in once more, it is the same meeting.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext as _

from meetings.records.models import AgendaItem, Meeting
from meetings.records.services import Item

from .repairs import CAPTIONS_MAX_BYTES, Refused

MANIFEST = "meeting.json"
MANIFEST_MAX_BYTES = 1024 * 1024
CAPTIONS = {".vtt", ".srt", ".json", ".ctm", ".txt"}
# As BCP 47 writes a language.
LANGUAGE_TAG = re.compile(r"(?=.{2,35}\Z)[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_TITLE_MAX = Meeting._meta.get_field("title").max_length or 200
_ITEM_MAX = AgendaItem._meta.get_field("title").max_length or 500
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_START = re.compile(r"(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?:\.(\d{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that somebody offers: its path as they see it, its size, and a way to read it.

    A recording is larger than memory: `stream` opens it to be read in pieces.
    """

    path: str
    size: int
    read: Callable[[], bytes]
    stream: Callable[[], IO[bytes]] | None = None

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    def open(self) -> IO[bytes]:
        return BytesIO(self.read()) if self.stream is None else self.stream()

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.path).parent)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a file does not say otherwise."""

    body: str = ""
    held_on: date | None = None
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One meeting as it is handed in. `agenda` is None where nobody said anything of it.

    `name` is what it is known by within its body.
    """

    name: str
    body: str
    place: str
    title: str
    held_on: date
    language: str
    agenda: tuple[Item, ...] | None
    captions_name: str
    captions: bytes
    recording: Offered | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files that belong to one meeting, not opened yet."""

    name: str
    manifest: Offered | None
    files: tuple[Offered, ...]


def bundles(offered: Sequence[Offered]) -> Iterator[Bundle]:
    """Sort files into meetings: a folder with a manifest is one, any other caption file is one."""
    manifests = {file.folder: file for file in offered if file.name == MANIFEST}
    for folder, manifest in manifests.items():
        files = tuple(file for file in offered if file.folder == folder and file is not manifest)
        yield Bundle(PurePosixPath(folder).name or MANIFEST, manifest, files)
    for file in offered:
        if file.folder not in manifests:
            yield Bundle(file.name, None, (file,))


def open_bundle(bundle: Bundle, defaults: Defaults) -> Parcel:
    """Read the files of one meeting. Raises Refused with what is missing or wrong, and where."""
    if bundle.manifest is not None:
        return _from_manifest(bundle, bundle.manifest, defaults)
    (file,) = bundle.files
    held_on = defaults.held_on or _day_in(file.name)
    if held_on is None:
        raise Refused(
            _("The day of the meeting is not known. Say it, or put it into the name: 2026-09-14.")
        )
    title = defaults.title or _title_in(file.name)
    return Parcel(
        name=f"{held_on} {file.name}"[:255],
        body=defaults.body,
        place="",
        title=_short(title, _TITLE_MAX, _("title")),
        held_on=held_on,
        language=defaults.language,
        agenda=None,
        captions_name=file.name,
        captions=_contents(file),
    )


def _from_manifest(bundle: Bundle, manifest: Offered, defaults: Defaults) -> Parcel:
    facts = _json(manifest)
    names = facts.get("files")
    if not (isinstance(names, list) and len(names) == 1 and isinstance(names[0], str)):
        raise Refused(_("%s: “files” names exactly one caption file.") % MANIFEST)
    captions = _beside(bundle, names[0])
    recording = _text(facts, "recording", 255)
    title = defaults.title or _text(facts, "title", _TITLE_MAX, needed=True)
    held_on = defaults.held_on or _day(_text(facts, "held_on", 10, needed=True))
    return Parcel(
        name=f"{held_on} {title}",
        body=_text(facts, "body", 100) or defaults.body,
        place=_text(facts, "place", 100),
        title=title,
        held_on=held_on,
        language=_text(facts, "language", 35) or defaults.language,
        agenda=tuple(_agenda(facts["agenda"])) if "agenda" in facts else None,
        captions_name=captions.name,
        captions=_contents(captions),
        recording=_beside(bundle, recording) if recording else None,
    )


def _beside(bundle: Bundle, name: str) -> Offered:
    """The file of this name. A path is no name, so nothing beyond the folder is found."""
    found = next((file for file in bundle.files if file.name == name), None)
    if found is None:
        raise Refused(
            _("%(manifest)s names the file “%(name)s”, which is not beside it.")
            % {"manifest": MANIFEST, "name": name[:100]}
        )
    return found


def _json(manifest: Offered) -> dict[str, Any]:
    if manifest.size > MANIFEST_MAX_BYTES:
        raise Refused(_("%s is larger than 1 MiB. A manifest holds facts, not words.") % MANIFEST)
    try:
        facts = json.loads(manifest.read())
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise Refused(_("%s is not JSON.") % MANIFEST, line=line) from error
    if not isinstance(facts, dict):
        raise Refused(_("%s holds one object with the facts of one meeting.") % MANIFEST)
    return facts


def _agenda(given: object) -> Iterator[Item]:
    if not isinstance(given, list) or len(given) > 1_000:
        raise Refused(_("%s: “agenda” is a list of at most 1,000 items.") % MANIFEST)
    for number, entry in enumerate(given, start=1):
        if not isinstance(entry, dict):
            raise Refused(_("%(file)s: agenda item %(number)d has no title.") % _at(number))
        title = _text(entry, "title", _ITEM_MAX, needed=True)
        start = entry.get("start")
        if start is None:
            yield Item(title)
            continue
        clock = _START.fullmatch(start) if isinstance(start, str) else None
        if clock is None:
            raise Refused(
                _("%(file)s: agenda item %(number)d starts at no time such as 00:12:34.")
                % _at(number)
            )
        hours, minutes, seconds, fraction = clock.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        yield Item(title, whole * 1000 + int((fraction or "").ljust(3, "0")))


def _at(number: int) -> dict[str, object]:
    return {"file": MANIFEST, "number": number}


def _text(facts: dict[str, Any], name: str, longest: int, *, needed: bool = False) -> str:
    value = facts.get(name, "")
    if not isinstance(value, str):
        raise Refused(_("%(file)s: “%(name)s” is a text.") % {"file": MANIFEST, "name": name})
    value = " ".join(value.split())
    if needed and not value:
        raise Refused(_("%(file)s: “%(name)s” is missing.") % {"file": MANIFEST, "name": name})
    return _short(value, longest, name)


def _short(value: str, longest: int, name: str) -> str:
    if len(value) > longest:
        raise Refused(
            _("The %(name)s has %(length)d characters; %(longest)d is the most.")
            % {"name": name, "length": len(value), "longest": longest}
        )
    if not value.isprintable():
        raise Refused(_("The %s holds a control character.") % name)
    return value


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Refused(
            _("“%(value)s” is not a day such as 2026-09-14.") % {"value": value}
        ) from error


def _contents(file: Offered) -> bytes:
    if PurePosixPath(file.name).suffix.lower() not in CAPTIONS:
        raise Refused(
            _("“%(name)s” is not a caption file by its name. Known are %(known)s.")
            % {"name": file.name[:100], "known": ", ".join(sorted(CAPTIONS))}
        )
    if file.size > CAPTIONS_MAX_BYTES:
        raise Refused(
            _("The file has %(size)d MB; captions of a meeting have %(most)d MB at most.")
            % {"size": file.size // 2**20, "most": CAPTIONS_MAX_BYTES // 2**20}
        )
    return file.read()


def _day_in(name: str) -> date | None:
    """The day that a file's name holds, such as 20180207 or 2026-09-14."""
    found = _DAY.search(name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _title_in(name: str) -> str:
    """A title out of a file's name: assembly-20180207_HealthCare.vtt → Assembly Health Care."""
    bare = _DAY.sub(" ", name)
    while (suffix := PurePosixPath(bare).suffix.lower()) in CAPTIONS:
        bare = bare[: -len(suffix)]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
    words = re.sub(r"[\s_\-.]+", " ", words).strip()
    return words[:1].upper() + words[1:] if words else _("Meeting")


def of_a_folder(offered: Iterable[Offered]) -> Iterator[Offered]:
    """Of all that lies in a folder, what is for us: captions, and what lies beside a manifest."""
    files = list(offered)
    folders = {file.folder for file in files if file.name == MANIFEST}
    for file in files:
        if file.folder in folders or PurePosixPath(file.name).suffix.lower() in CAPTIONS:
            yield file


def in_order(offered: Iterable[Offered]) -> list[Offered]:
    return sorted(offered, key=lambda file: file.path)
