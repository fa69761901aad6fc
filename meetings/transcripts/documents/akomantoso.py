"""Akoma Ntoso 3.0 (OASIS): a meeting as a debate, valid against the official schema.

A `debateSection` for each item of the agenda, a `speech` for each turn, a `span` for each segment.
The standard has times of day alone, and a recording has none: where a segment lies in it stands in
attributes of a namespace of ours, for which the schema leaves room.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from meetings.transcripts.utterances import Spoken

from .sitting import Section, Sitting, Turn, sections
from .xmltext import clock, name_of, quoted, text

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
TIME = "urn:citizen-portal:time:1"


def write(segments: Iterable[Spoken], sitting: Sitting) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<akomaNtoso xmlns="{NAMESPACE}" xmlns:t="{TIME}">\n<debate name="debate">\n'
    yield _meta(sitting)
    yield (
        f"<preface>\n<p><docTitle>{text(sitting.title)}</docTitle></p>\n"
        f"<p>{text(sitting.body)}, {text(sitting.place)}, "
        f'<docDate date="{sitting.held_on}">{sitting.held_on}</docDate></p>\n</preface>\n'
        f'<debateBody xml:lang="{quoted(sitting.language)}">\n'
    )
    number = 0
    for number, section in enumerate(sections(segments, sitting.agenda), start=1):
        yield from _section(section, number, sitting)
    if not number:  # the schema asks for one
        yield '<debateSection name="words" eId="dbsect_1"><scene>…</scene></debateSection>\n'
    yield "</debateBody>\n</debate>\n</akomaNtoso>\n"


def _section(section: Section, number: int, sitting: Sitting) -> Iterator[str]:
    place = f"dbsect_{number}"
    if section.heading is None:
        yield f'<debateSection name="opening" eId="{place}">\n'
    else:
        start = section.heading.start_ms or 0
        yield f'<debateSection name="item" eId="{place}" t:start="{start}">\n'
        yield f"<heading>{text(section.heading.title)}</heading>\n"
    for count, turn in enumerate(section.turns, start=1):
        yield _speech(turn, f"{place}__speech_{count}", sitting)
    yield "</debateSection>\n"


def _speech(turn: Turn, place: str, sitting: Sitting) -> str:
    number = sitting.numbers.get(turn.speaker)
    by = f"#speaker-{number}" if number else "#unnamed"
    who = f"<from>{text(turn.speaker)}</from>\n" if turn.speaker else ""
    spans = "\n".join(
        f'<span eId="{name_of(one)}" t:start="{one.start_ms}" t:end="{one.end_ms}">'
        f"{text(one.text)}</span>"
        for one in turn.segments
    )
    return (
        f'<speech eId="{place}" by="{by}" t:start="{turn.start_ms}" t:end="{turn.end_ms}"'
        f' title="{clock(turn.start_ms)}">\n{who}<p>{spans}</p>\n</speech>\n'
    )


def _meta(sitting: Sitting) -> str:
    work = f"/akn/us/debate/{sitting.held_on}/{quote(sitting.body_slug)}-{sitting.meeting_id}"
    expression = f"{work}/{quoted(sitting.language)}@v{sitting.version}"
    day, made = f'date="{sitting.held_on}"', f'date="{sitting.made_at:%Y-%m-%d}"'
    people = "".join(
        f'<TLCPerson eId="speaker-{number}" showAs="{quoted(name)}"'
        f' href="/akn/ontology/person/{sitting.meeting_id}/{number}"/>\n'
        for name, number in sitting.numbers.items()
    )
    licence = " ".join(filter(None, (sitting.licence, sitting.licence_url)))
    return (
        '<meta>\n<identification source="#site">\n'
        f'<FRBRWork>\n<FRBRthis value="{work}/!main"/>\n<FRBRuri value="{work}"/>\n'
        f'<FRBRalias value="{quoted(sitting.url)}" name="page"/>\n'
        f'<FRBRdate {day} name="held"/>\n<FRBRauthor href="#body"/>\n'
        '<FRBRcountry value="us"/>\n</FRBRWork>\n'
        f'<FRBRExpression>\n<FRBRthis value="{expression}/!main"/>\n'
        f'<FRBRuri value="{expression}"/>\n<FRBRdate {made} name="transcribed"/>\n'
        f'<FRBRauthor href="#site"/>\n<FRBRlanguage language="{quoted(sitting.language)}"/>\n'
        "</FRBRExpression>\n"
        f'<FRBRManifestation>\n<FRBRthis value="{expression}/!main.xml"/>\n'
        f'<FRBRuri value="{expression}.akn"/>\n<FRBRdate {made} name="written"/>\n'
        '<FRBRauthor href="#site"/>\n<FRBRformat value="application/akn+xml"/>\n'
        "</FRBRManifestation>\n</identification>\n"
        '<references source="#site">\n'
        f'<TLCOrganization eId="body" href="/akn/ontology/organization/{quote(sitting.body_slug)}"'
        f' showAs="{quoted(sitting.body)}"/>\n'
        f'<TLCOrganization eId="site" href="{quoted(sitting.site_url)}"'
        f' showAs="{quoted(sitting.site)}"/>\n'
        '<TLCPerson eId="unnamed" href="/akn/ontology/person/unnamed" showAs="(not named)"/>\n'
        f"{people}</references>\n"
        f'<proprietary source="#site"><t:license>{text(licence)}</t:license></proprietary>\n'
        "</meta>\n"
    )
