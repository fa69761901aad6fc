"""The share image: a picture of the headline, for where others show a link to the article.

It is set in type as receipts are, so that every script that there are letters for is shaped and
broken into lines as it should be. What no font here can show is left out rather than drawn as
boxes. It holds what the article says in public, and no word more.
"""

import hashlib
import json
import re
import threading
import unicodedata
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import structlog
import typst
from django.conf import settings
from django.core.cache import cache as store
from django.utils.formats import date_format
from redis.exceptions import RedisError

from .models import Article, Sentence

log = structlog.get_logger(__name__)

WIDTH, HEIGHT = 1200, 630
SOURCE = Path(__file__).with_name("card.typ").read_bytes()
ONE_TEXT = b"""
#set document(title: [Text])
#set text(font: "Libertinus Serif")
#sys.inputs.text
"""
KEPT_S = 7 * 24 * 3600
WAITS_S = 5.0  # for its turn; whoever waits longer is told to come again
LONGEST = 200  # characters of a text; longer ones end in an ellipsis
LONGEST_QUOTATION = 180
RUN = 24  # letters in a row; after so many a line may end, so that no word runs over
JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}

_turn = threading.Lock()


class Busy(RuntimeError):
    """Other images are being drawn. In a few seconds there is room."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the picture says. A text that cannot be shown is ""."""

    site: str
    headline: str
    quotation: str
    source: str
    language: str

    @property
    def etag(self) -> str:
        """Stands for the picture: another text or another design is another one."""
        said = SOURCE + json.dumps(asdict(self), sort_keys=True).encode()
        return hashlib.sha256(said).hexdigest()[:32]

    @property
    def alt(self) -> str:
        """The picture in words."""
        return " · ".join(text for text in (self.headline, self.quotation, self.source) if text)


def card_of(article: Article, lead: Sentence | None) -> Card:
    """The picture of an article. `lead` is the standfirst's sentence where what it quotes was
    compared with what was said: then the picture shows it too.
    """
    meeting = article.meeting
    quotation = lead.text if lead is not None and len(lead.text) <= LONGEST_QUOTATION else ""
    if quotation.strip('“”"«»„ .') in article.headline:
        quotation = ""
    day = date_format(meeting.held_on, "DATE_FORMAT")
    return Card(
        site=_cut(settings.SITE_NAME, 60),
        headline=_cut(article.headline, LONGEST),
        quotation=quotation,
        source=_cut(f"{day} · {meeting.body.name}", 80),
        language=article.language.partition("-")[0],
    )


def drawn(card: Card) -> bytes:
    """The picture as a PNG. It is drawn once and kept for a week. Raises Busy.

    One is drawn at a time in each process: whoever asks for many waits, and not the readers.
    """
    key = f"card:{card.etag}"
    if (kept := _kept(key)) is not None:
        return kept
    if not _turn.acquire(timeout=WAITS_S):
        raise Busy
    try:
        if (kept := _kept(key)) is not None:
            return kept
        picture = _set(card)
        _keep(key, picture)  # before the next one's turn, who may want the same
        return picture
    finally:
        _turn.release()


def _kept(key: str) -> bytes | None:
    try:
        return store.get(key)  # type: ignore[no-any-return]  # what we put there
    except RedisError:
        return None


def _keep(key: str, picture: bytes) -> None:
    try:
        store.set(key, picture, timeout=KEPT_S)
    except RedisError as error:
        log.warning("card_not_kept", why=str(error))


def _set(card: Card) -> bytes:
    said = asdict(card)
    for name in ("site", "headline", "quotation", "source"):
        text = _breakable(said[name])
        said[name] = text if _can_show(text) else ""
    if not re.fullmatch("[a-z]{2,3}", said["language"]):
        said["language"] = "en"
    return typst.compile(
        SOURCE, font_paths=_type(), format="png", ppi=72, sys_inputs={"card": json.dumps(said)}
    )


@cache
def _type() -> typst.Fonts:
    """The fonts that typst brings along, and those of this machine."""
    return typst.Fonts()


def _can_show(text: str) -> bool:
    """Whether there is a shape for every letter: a standard for PDF asks for that."""
    try:
        typst.compile(ONE_TEXT, font_paths=_type(), pdf_standards="ua-1", sys_inputs={"text": text})
    except typst.TypstError:
        return False
    return True


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _breakable(text: str) -> str:
    """Without what cannot be seen, and so that no word is wider than the picture."""
    seen = "".join(
        letter
        for letter in text
        if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or letter in JOINERS
    )
    return re.sub(rf"(\S{{{RUN}}})(?=\S)", "\\1\N{ZERO WIDTH SPACE}", seen)
