"""TEI P5 in the style of ParlaMint: a `u` for each turn, a `seg` for each segment, a timeline.

ParlaMint's parts on parties, mandates and linguistic annotation are left out: a council's meeting
has none of these facts here. Times are TEI's own: anchors in a segment, tied to the timeline.
"""

from collections.abc import Iterable, Iterator

from meetings.transcripts.utterances import Spoken

from .sitting import Section, Sitting, Turn, sections
from .xmltext import clock, name_of, quoted, text

NAMESPACE = "http://www.tei-c.org/ns/1.0"


def write(segments: Iterable[Spoken], sitting: Sitting) -> Iterator[str]:
    times: set[int] = set()
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield (
        f'<TEI xmlns="{NAMESPACE}" xml:id="meeting-{sitting.meeting_id}"'
        f' xml:lang="{quoted(sitting.language)}">\n'
    )
    yield _header(sitting)
    yield "<text>\n<body>\n"
    empty = True
    for section in sections(segments, sitting.agenda):
        empty = False
        yield from _division(section, sitting, times)
    if empty:
        yield '<div type="debateSection"><note>…</note></div>\n'
    yield "</body>\n"
    yield from _timeline(times)
    yield "</text>\n</TEI>\n"


def _division(section: Section, sitting: Sitting, times: set[int]) -> Iterator[str]:
    yield '<div type="debateSection">\n'
    if section.heading is not None:
        yield f"<head>{text(section.heading.title)}</head>\n"
    for turn in section.turns:
        yield _turn(turn, sitting, times)
    yield "</div>\n"


def _turn(turn: Turn, sitting: Sitting, times: set[int]) -> str:
    number = sitting.numbers.get(turn.speaker)
    who = f' who="#speaker-{number}"' if number else ""
    named = f'<note type="speaker">{text(turn.speaker)}</note>\n' if turn.speaker else ""
    times.update(ms for one in turn.segments for ms in (one.start_ms, one.end_ms))
    words = "\n".join(
        f'<seg xml:id="{name_of(one)}"><anchor synch="#t{one.start_ms}"/>{text(one.text)}'
        f'<anchor synch="#t{one.end_ms}"/></seg>'
        for one in turn.segments
    )
    return (
        f'{named}<u{who} start="#t{turn.start_ms}" end="#t{turn.end_ms}"'
        f' n="{clock(turn.start_ms)}">\n{words}\n</u>\n'
    )


def _timeline(times: set[int]) -> Iterator[str]:
    """The moments that are named, in milliseconds from the start of the recording."""
    yield '<timeline unit="ms" origin="#t0">\n<when xml:id="t0"/>\n'
    for ms in sorted(times - {0}):
        yield f'<when xml:id="t{ms}" interval="{ms}" since="#t0"/>\n'
    yield "</timeline>\n"


def _header(sitting: Sitting) -> str:
    people = "".join(
        f'<person xml:id="speaker-{number}"><persName>{text(name)}</persName></person>\n'
        for name, number in sitting.numbers.items()
    )
    particulars = (
        f"<particDesc>\n<listPerson>\n{people}</listPerson>\n</particDesc>\n" if people else ""
    )
    target = f' target="{quoted(sitting.licence_url)}"' if sitting.licence_url else ""
    compared = "and was" if sitting.is_reviewed else "and was not yet"
    return (
        "<teiHeader>\n<fileDesc>\n<titleStmt>\n"
        f'<title type="main">{text(sitting.title)}, {text(sitting.body)}, {sitting.held_on}'
        "</title>\n"
        f"<meeting>{text(sitting.title)}</meeting>\n</titleStmt>\n"
        f"<editionStmt><edition>{sitting.version}</edition></editionStmt>\n"
        f"<publicationStmt>\n<publisher>{text(sitting.site)}</publisher>\n"
        f'<idno type="URI">{text(sitting.url)}</idno>\n'
        f"<availability><licence{target}>{text(sitting.licence)}</licence></availability>\n"
        f'<date when="{sitting.made_at:%Y-%m-%d}">{sitting.made_at:%Y-%m-%d}</date>\n'
        "</publicationStmt>\n"
        f"<sourceDesc>\n<bibl>\n<title>{text(sitting.title)}</title>\n"
        f'<idno type="URI">{text(sitting.url)}</idno>\n'
        f'<date when="{sitting.held_on}">{sitting.held_on}</date>\n</bibl>\n</sourceDesc>\n'
        "</fileDesc>\n"
        "<encodingDesc>\n<projectDesc><p>The transcript was made from the recording of the meeting"
        f" {compared} compared with it by a person. Times are milliseconds of the recording.</p>"
        "</projectDesc>\n</encodingDesc>\n"
        "<profileDesc>\n<settingDesc>\n<setting>\n"
        f'<name type="org">{text(sitting.body)}</name>\n'
        f'<name type="place">{text(sitting.place)}</name>\n'
        f'<date when="{sitting.held_on}">{sitting.held_on}</date>\n'
        f"</setting>\n</settingDesc>\n{particulars}"
        f'<langUsage><language ident="{quoted(sitting.language)}">{text(sitting.language)}'
        "</language></langUsage>\n"
        "</profileDesc>\n</teiHeader>\n"
    )
