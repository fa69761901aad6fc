"""PDF: a paper set in type, for printing and for keeping (PDF/UA-1, so that it can be read aloud).

The same paper gives the same bytes: nothing of the moment when it is made is in it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal, cast

import structlog
import typst
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .receipts import Paper

log = structlog.get_logger(__name__)

SOURCE = Path(__file__).with_name("paper.typ").read_bytes()
FOR_ALL: Final = "ua-1"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
LONGEST = 40  # letters in a row; after so many a line may end, so that all stays on the paper
ONE_LETTER = b"""
#set document(title: [Letter])
#set text(font: "Libertinus Serif")
#sys.inputs.letter
"""


def typeset(paper: Paper) -> bytes:
    """The paper as a PDF. Text of any script is set; letters that no font here has are marked.

    The type is what comes with typst: Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari and more.
    What it lacks is looked for among the fonts of this machine.
    """
    said = _said(paper)
    for fonts in (own_type(), all_type()):
        try:
            return _compiled(said, fonts, FOR_ALL)
        except typst.TypstError:
            continue  # the standard asks for a shape of every letter
    marked = _each_text(said, _marked)
    if marked != said:
        marked["notes"].append(
            _("%(mark)s stands for a letter that this file cannot show. The page on our site can.")
            % {"mark": UNKNOWN}
        )
    try:
        return _compiled(marked, all_type(), FOR_ALL)
    except typst.TypstError as error:
        log.warning("paper_below_standard", paper=paper.number, why=str(error))
        return _compiled(marked, all_type(), None)


@cache
def own_type() -> typst.Fonts:
    """The fonts that typst brings along, the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


@cache
def all_type() -> typst.Fonts:
    """Those, and what this machine has."""
    return typst.Fonts()


def _said(paper: Paper) -> dict[str, Any]:
    """The paper as paper.typ reads it."""
    written_on = localtime(paper.written_at).date()
    said = asdict(paper) | {
        "title": paper.title,
        "date": paper.date,
        "day": {"year": written_on.year, "month": written_on.month, "day": written_on.day},
        "language": (get_language() or "en").partition("-")[0],
        "buyer_says": _("Bought by"),
        "item_says": _("Item"),
        "amount_says": _("Amount"),
    }
    del said["written_at"]
    said["notes"] = list(paper.notes)
    return cast("dict[str, Any]", _each_text(said, _breakable))


def _compiled(said: dict[str, Any], fonts: typst.Fonts, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        SOURCE,
        font_paths=fonts,
        sys_inputs={"paper": json.dumps(said)},
        pdf_standards=standard,
    )


def _each_text(said: Any, change: Callable[[str], str]) -> Any:
    """JSON with every text changed but addresses, which lead nowhere when they are changed."""
    match said:
        case str():
            return change(said)
        case dict():
            return {
                name: one if name == "url" else _each_text(one, change)
                for name, one in said.items()
            }
        case list() | tuple():
            return [_each_text(one, change) for one in said]
        case _:
            return said


def _breakable(text: str) -> str:
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text)
    return re.sub(rf"(\S{{{LONGEST}}})(?=\S)", "\\1\N{ZERO WIDTH SPACE}", plain)


def _marked(text: str) -> str:
    return "".join(letter if letter.isascii() or _has(letter) else UNKNOWN for letter in text)


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    try:
        typst.compile(
            ONE_LETTER, font_paths=all_type(), sys_inputs={"letter": letter}, pdf_standards=FOR_ALL
        )
    except typst.TypstError:
        return False
    return True
