"""PDF: the meeting in type, with time codes that open the moment (PDF/UA-1, to be read aloud).

The same words give the same bytes. The type is what comes with typst: Latin, Greek, Cyrillic,
Hebrew, Arabic, Devanagari and more; what it lacks is looked for among the fonts of this machine.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import structlog
import typst
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.transcripts.utterances import Spoken

from .docx import standing
from .sitting import Sitting, Turn, sections
from .xmltext import UNKNOWN, clock, known

log = structlog.get_logger(__name__)

SOURCE = Path(__file__).with_name("minutes.typ").read_bytes()
FOR_ALL: Final = "ua-1"
LONGEST = 40  # letters in a row; after so many a line may end, so that all stays on the paper
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A mark, and what joined its letter to others, as emoji are: with these it has no shape.
_JOINED = re.compile(f"[\u200d\ufe0e\ufe0f]*{UNKNOWN}[{UNKNOWN}\u200d\ufe0e\ufe0f]*")
ONE_LETTER = b"""
#set document(title: [Letter])
#set text(font: "Libertinus Serif")
#sys.inputs.letter
"""


def write(segments: Iterable[Spoken], sitting: Sitting) -> Iterator[bytes]:
    """The whole file: some seconds for a meeting of four hours."""
    said = json.dumps(_said(segments, sitting), ensure_ascii=False)
    for text, fonts in ((said, own_type()), (said, all_type())):
        try:
            return iter((_compiled(text, fonts, FOR_ALL),))
        except typst.TypstError:
            continue  # the standard asks for a shape of every letter
    marked = "".join(one if one.isascii() or _has(one) else UNKNOWN for one in said)
    marked = _JOINED.sub(UNKNOWN, marked)
    try:
        return iter((_compiled(marked, all_type(), FOR_ALL),))
    except typst.TypstError as error:
        log.warning("transcript_below_standard", meeting=sitting.meeting_id, why=str(error)[:500])
        return iter((_compiled(marked, all_type(), None),))


@cache
def own_type() -> typst.Fonts:
    """The fonts that typst brings along, the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


@cache
def all_type() -> typst.Fonts:
    """Those, and what this machine has."""
    return typst.Fonts()


def _said(segments: Iterable[Spoken], sitting: Sitting) -> dict[str, Any]:
    """What minutes.typ reads. `Any`: JSON."""
    day = sitting.held_on
    return {
        "title": _set(sitting.title),
        "site": _set(sitting.site),
        "url": sitting.url,
        "language": sitting.language.partition("-")[0].lower(),
        "day": {"year": day.year, "month": day.month, "day": day.day},
        "facts": [
            " · ".join(map(_set, (date_format(day), sitting.body, sitting.place))),
            standing(sitting),
        ],
        "agenda_says": _("Agenda"),
        "agenda": [_set(item.title) for item in sitting.agenda],
        "sections": [
            {
                "heading": _set(section.heading.title) if section.heading else _("Transcript"),
                "turns": [_turn(turn, sitting) for turn in section.turns],
            }
            for section in sections(segments, sitting.agenda)
        ],
        "licence": _set(sitting.licence),
    }


def _turn(turn: Turn, sitting: Sitting) -> dict[str, str]:
    return {
        "url": sitting.moment(turn.start_ms),
        "time": clock(turn.start_ms),
        "speaker": _set(turn.speaker),
        "text": " ".join(_set(one.text) for one in turn.segments),
    }


def _compiled(said: str, fonts: typst.Fonts, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        SOURCE, font_paths=fonts, sys_inputs={"said": said}, pdf_standards=standard
    )


def _set(said: str) -> str:
    plain = " ".join(known(_CONTROL.sub(" ", said)).split())
    return re.sub(rf"(\S{{{LONGEST}}})(?=\S)", "\\1\N{ZERO WIDTH SPACE}", plain)


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    try:
        typst.compile(
            ONE_LETTER, font_paths=all_type(), sys_inputs={"letter": letter}, pdf_standards=FOR_ALL
        )
    except typst.TypstError:
        return False
    return True
