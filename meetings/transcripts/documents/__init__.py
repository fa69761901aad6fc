"""Transcripts as documents: with the meeting's facts, its agenda, and who speaks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from meetings.transcripts.utterances import Spoken

from . import akomantoso, docx, pdf, tei
from .gathering import gathered
from .sitting import Item, Sitting

__all__ = ["DOCUMENTS", "Document", "Item", "Sitting", "gathered"]


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of file: how it is written, and what it is called on the web."""

    write: Callable[[Iterable[Spoken], Sitting], Iterator[str] | Iterator[bytes]]
    content_type: str


DOCUMENTS: Mapping[str, Document] = MappingProxyType(
    {
        "akn.xml": Document(akomantoso.write, "application/akn+xml; charset=utf-8"),
        "tei.xml": Document(tei.write, "application/tei+xml; charset=utf-8"),
        "docx": Document(
            docx.write, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        ),
        "pdf": Document(pdf.write, "application/pdf"),
    }
)
