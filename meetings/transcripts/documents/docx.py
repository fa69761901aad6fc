"""DOCX: the meeting like minutes, with the agenda as headings, speakers and times."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from meetings.transcripts.utterances import Spoken

from .sitting import Sitting, Turn, sections
from .xmltext import clock, known

QUIET = RGBColor(0x5B, 0x60, 0x68)
LONGEST_TITLE = 255  # what the format's core properties take


def write(segments: Iterable[Spoken], sitting: Sitting) -> Iterator[bytes]:
    """The whole file. A meeting of four hours has some hundred pages, so it is made at once."""
    document = Document()
    _describe(document, sitting)
    document.add_heading(_line(sitting.title), level=0)
    _quiet(
        document.add_paragraph(),
        " · ".join(
            _line(one) for one in (date_format(sitting.held_on), sitting.body, sitting.place)
        ),
    )
    _quiet(document.add_paragraph(), standing(sitting))
    _quiet(document.add_paragraph(), sitting.url)
    if sitting.agenda:
        document.add_heading(_("Agenda"), level=1)
        for item in sitting.agenda:
            time = "" if item.start_ms is None else f"  {clock(item.start_ms)}"
            document.add_paragraph(f"{_line(item.title)}{time}", style="List Number")
    document.add_heading(_("Transcript"), level=1)
    for section in sections(segments, sitting.agenda):
        if section.heading is not None:
            document.add_heading(_line(section.heading.title), level=2)
        for turn in section.turns:
            _say(document.add_paragraph(), turn)
    if sitting.licence:
        _quiet(document.add_paragraph(), _line(sitting.licence))
    file = io.BytesIO()
    document.save(file)
    return iter((file.getvalue(),))


def standing(sitting: Sitting) -> str:
    """Which version of the words it is, and whether somebody compared them with the recording."""
    version = _("Version %(number)d of the transcript.") % {"number": sitting.version}
    reviewed = (
        _("A person compared it with the recording.")
        if sitting.is_reviewed
        else _("It was not yet compared with the recording.")
    )
    return f"{version} {reviewed}"


def _describe(document: Any, sitting: Sitting) -> None:
    """`Any`: python-docx makes its documents by a function."""
    about = document.core_properties
    about.title = _line(sitting.title)[:LONGEST_TITLE]
    about.author = _line(sitting.site)[:LONGEST_TITLE]
    about.language = sitting.language
    about.comments = ""
    about.created = about.modified = sitting.made_at.replace(tzinfo=None)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Georgia", Pt(11)
    spoken = normal.element.get_or_add_rPr()
    language = spoken.makeelement(qn("w:lang"), {qn("w:val"): sitting.language})
    spoken.append(language)


def _say(paragraph: Any, turn: Turn) -> None:
    """`Any`: as above."""
    _quiet(paragraph, f"{clock(turn.start_ms)}  ")
    if turn.speaker:
        paragraph.add_run(f"{_line(turn.speaker)}  ").bold = True
    paragraph.add_run(" ".join(_line(one.text) for one in turn.segments))


def _quiet(paragraph: Any, said: str) -> None:
    """`Any`: as above."""
    run = paragraph.add_run(known(said))
    run.font.color.rgb = QUIET
    run.font.size = Pt(9.5)


def _line(said: str) -> str:
    return " ".join(known(said).split())
