"""A search from end to end: what is found, how it is marked, grouped and sorted."""

from datetime import date

import pytest
from rapidfuzz.distance import OSA

from meetings.articles.models import State as ArticleState
from meetings.records.models import Level, State
from meetings.search import finding
from meetings.search.building import rebuild
from meetings.search.hits import Order, Question, by_month, count_by_meeting, facets
from meetings.search.parsing import parse
from meetings.search.printing import canonical
from meetings.search.reading import Reader
from meetings.search.schema import month_number
from meetings.search.suggesting import suggestion
from meetings.search.tree import Kind
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.records.factories import (
    AgendaItemFactory,
    BodyFactory,
    MeetingFactory,
    PlaceFactory,
)
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db


def say(*lines, speaker="", **options):
    """A published meeting in which these lines are said, four seconds each.

    A line is its words, or (speaker, words).
    """
    said = []
    for number, line in enumerate(lines):
        who, text = line if isinstance(line, tuple) else (speaker, line)
        said.append(Utterance(number * 4_000, number * 4_000 + 4_000, text, who))
    language = options.pop("language", "en")
    meeting = MeetingFactory(**options)
    transcribe(said, meeting=meeting, language=language)
    return meeting


def filler(count):
    return [f"Item number {n} is read into the record without debate." for n in range(count)]


def marked(moment) -> list[str]:
    return [part.text for line in moment.lines for part in line.parts if part.is_match]


def test_a_phrase_across_two_segments_is_one_moment_with_its_context(ask):
    meeting = say("We open.", "So the water", "main on Oak Street broke.", "It is cold.", "Yes.")
    found = ask('"water main on oak"')
    assert found.total == 1
    [moment] = found.moments
    assert moment.meeting == meeting
    assert [line.text for line in moment.lines] == ["So the water", "main on Oak Street broke."]
    assert marked(moment) == ["water", "main on Oak"]
    assert [line.text for line in moment.before] == ["We open."]
    assert [line.text for line in moment.after] == ["It is cold."]
    assert (moment.start_ms, moment.end_ms) == (4_000, 12_000)
    assert moment.url.endswith("?t=4#moment")


@pytest.mark.parametrize("place", range(8, 16))
def test_a_phrase_counts_once_wherever_the_border_of_passages_is(ask, place):
    lines = filler(30)
    lines[place : place + 2] = ["And so the purple", "giraffe was adopted."]
    say(*lines)
    found = ask('"the purple giraffe was"')
    assert (found.total, len(found.moments)) == (1, 1)
    assert marked(found.moments[0]) == ["the purple", "giraffe was"]


def test_words_that_a_border_divides_are_found_together(ask):
    lines = filler(24)
    lines[11], lines[12] = "Purple it is.", "A giraffe, then."
    say(*lines)
    found = ask("purple giraffe")
    assert found.total == 1
    assert marked(found.moments[0]) == ["Purple", "giraffe"]


def test_the_same_segments_are_not_shown_twice(ask):
    lines = filler(24)
    lines[11], lines[12] = "Purple it is.", "A giraffe is purple."
    say(*lines)
    found = ask("purple giraffe")
    assert found.total == 2  # both passages hold the words
    assert [[line.text for line in moment.lines] for moment in found.moments] == [[lines[12]]]
    assert found.groups[0].more == 0


def test_a_phrase_is_marked_only_where_the_phrase_is(ask):
    say("The main water tank. The water main broke, the water is gone.")
    assert marked(ask('"water main"').moments[0]) == ["water main"]


def test_a_quoted_word_is_exact_and_an_unquoted_one_finds_its_forms(ask):
    say("They voted on the houses.")
    assert marked(ask("vote house").moments[0]) == ["voted", "houses"]
    assert ask('"vote"').total == 0
    assert ask('"house"').total == 0
    assert ask('"houses"').total == 1


def test_forms_are_those_of_the_language_spoken(ask):
    say("Las votaciones fueron aprobadas.", language="es")
    say("Les décisions sont prises.", language="fr-CA")
    say("市議会は住房を議論した", language="ja")
    assert marked(ask("votación").moments[0]) == ["votaciones"]
    assert marked(ask("décision").moments[0]) == ["décisions"]
    assert marked(ask("住房").moments[0]) == ["住房"]
    assert marked(ask('"decisions"').moments[0]) == ["décisions"]  # accents may be left out


def test_near_prefix_or_and_not(ask):
    near = say("The levee by the river needs a new gate.")
    far = say("The levee, which was built in nineteen sixty by the state, has no gate at all.")
    assert [m.meeting for m in ask("levee NEAR/8 gate").moments] == [near]
    assert marked(ask("gate NEAR/8 levee").moments[0]) == ["levee", "gate"]
    assert {m.meeting for m in ask("lev* gate").moments} == {near, far}
    assert [m.meeting for m in ask("levee -river").moments] == [far]
    assert {m.meeting for m in ask("river OR sixty").moments} == {near, far}


def test_speaker_finds_what_that_person_said_and_not_what_others_said(ask):
    said = say(("Ana Smith", "The levee is old."), ("Bo Jones", "The gate is old."))
    assert [m.meeting for m in ask("speaker:smith levee").moments] == [said]
    assert [m.lines[0].speaker for m in ask('speaker:"bo jones" old').moments] == ["Bo Jones"]
    assert ask("speaker:smith gate").moments == []
    assert ask('speaker:"smith bo" old').total == 0


def test_fields_narrow_by_body_place_level_and_day(ask):
    state = PlaceFactory(name="Great State", slug="great", level=Level.STATE)
    town = PlaceFactory(name="Oakland", slug="oakland", parent=state)
    body = BodyFactory(name="Water Board", slug="water-board", place=town)
    here = say("The levee.", body=body, held_on=date(2026, 3, 3))
    say("The levee.", held_on=date(2020, 1, 1), body__place__level=Level.COUNTY)
    for typed in (
        "levee body:water",
        "levee body:/water-board",
        'levee body:"water board"',
        "levee place:/great",
        "levee place:oakland",
        "levee level:city",
        "levee after:2026-03-03",
        "levee after:2025",
        "levee -before:2026",
        "levee before:2026-03-04 -level:county",
        "body:/water-board",
    ):
        assert [m.meeting for m in ask(typed).moments] == [here], typed
    for typed in ("levee body:/water", "levee place:/oak", "levee before:2020"):
        assert ask(typed).total == 0, typed


def test_agendas_and_articles_are_found_too(ask):
    planned = MeetingFactory(state=State.ANNOUNCED)
    AgendaItemFactory(meeting=planned, title="Repairs of the levee", start_ms=61_500)
    article = ArticleFactory(headline="City repairs old levee")
    SentenceFactory(article=article, text="The levees were built in 1961.")
    SentenceFactory(article=article, text="Nobody spoke against it.")
    ArticleFactory(headline="The levee is secret", state=ArticleState.IN_REVIEW)
    say("That levee.")
    assert ask("levee").total == 3
    [agenda] = ask("levee in:agendas").moments
    assert (agenda.meeting, agenda.start_ms) == (planned, 61_500)
    [written] = ask("in:articles levee").moments
    assert written.article == article
    assert marked(written) == ["levee"]
    assert written.url == article.get_absolute_url()
    public = ask("levee", kinds=(Kind.AGENDAS, Kind.ARTICLES))
    assert {moment.kind for moment in public.moments} == {Kind.AGENDAS, Kind.ARTICLES}
    assert ask("in:transcripts levee", kinds=(Kind.AGENDAS,)).total == 0
    assert ask("-levee", kinds=(Kind.AGENDAS,)).total == 0


def test_what_is_withdrawn_or_replaced_is_not_shown_though_the_index_still_has_it(ask):
    withdrawn = say("The levee.")
    replaced = say("The levee.")
    stays = say("The levee.")
    article = ArticleFactory(headline="The levee")
    assert len(ask("levee").moments) == 4
    withdrawn.state, withdrawn.withdrawn_reason = State.WITHDRAWN, "Recorded twice."
    withdrawn.save()
    transcribe([Utterance(0, 1, "The dam.")], meeting=replaced, version=2)
    article.state, article.withdrawn_reason = ArticleState.WITHDRAWN, "Wrong."
    article.save()
    assert [moment.meeting for moment in ask("levee").moments] == [stays]


def test_moments_are_grouped_by_meeting_with_the_number_of_those_not_shown(ask):
    many = say(*(line for n in range(6) for line in [f"The levee, part {n}.", *filler(14)]))
    one = say("The levee.", held_on=date(2020, 1, 1))
    found = ask("levee", order=Order.NEWEST)
    assert [(g.meeting, len(g.moments), g.more) for g in found.groups] == [
        (many, 2, 4),
        (one, 1, 0),
    ]
    assert found.total == 7
    assert [g.meeting for g in ask("levee", order=Order.OLDEST).groups] == [one, many]


def test_pages_hold_all_meetings_once(ask, monkeypatch):
    monkeypatch.setattr(finding, "MEETINGS_A_PAGE", 2)
    meetings = {say("The levee.") for _ in range(5)}
    pages = [ask("levee", page=page) for page in (1, 2, 3)]
    assert [len(page.groups) for page in pages] == [2, 2, 1]
    assert [page.has_next for page in pages] == [True, True, False]
    assert {group.meeting for page in pages for group in page.groups} == meetings
    with pytest.raises(ValueError, match="no page"):
        ask("levee", page=0)


def test_of_two_alike_the_recent_one_comes_first_and_a_better_match_wins(ask):
    old = say("The levee is old.", held_on=date(2016, 1, 1))
    new = say("The levee is old.", held_on=date(2026, 1, 1))
    much = say("Levee, levee, levee, levee.", held_on=date(2015, 1, 1))
    assert [moment.meeting for moment in ask("levee").moments] == [much, new, old]


def test_facets_and_months_count_hits(ask, folder):
    place = PlaceFactory(level=Level.COUNTY, slug="here")
    body = BodyFactory(place=place, slug="board")
    say("The levee.", body=body, held_on=date(2025, 5, 5), speaker="Ana Smith")
    say("The levee.", body=body, held_on=date(2026, 5, 6), speaker="Bo")
    third = say("The levee.", "No dam.", held_on=date(2026, 5, 6), speaker="Bo")
    ask("levee")
    opened = Reader(folder).open()
    question = Question(parse("levee").tree)
    counted = facets(opened, question)
    assert counted["body"][0] == ("board", 2)
    assert ("here", 2) in counted["place"]
    assert ("county", 2) in counted["level"]
    assert counted["year"] == [("2026", 2), ("2025", 1)]
    assert counted["speaker"] == [("Bo", 2), ("Ana Smith", 1)]
    assert counted["kind"] == [("transcripts", 3)]
    assert by_month(opened, question) == {
        month_number(date(2025, 5, 1)): 1,
        month_number(date(2026, 5, 1)): 2,
    }
    assert count_by_meeting(opened, question, [third.pk]) == {third.pk: 1}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("leevee", "levee"),
        ("elvee", "levee"),
        ("levbe", "levee"),
        ('"the leve"', '"the levee"'),
        ("comission hearing", "commission hearing"),
        ("comision OR dam", "commission OR dam"),
        ("levee", None),
        ("xyzzy", None),
        ("dqm", None),
    ],
)
def test_a_word_that_is_not_there_brings_a_close_one_that_is(folder, typed, meant):
    say("The levee commission has a hearing about the dam.")
    rebuild(folder)
    better = suggestion(Reader(folder).open(), Question(parse(typed).tree))
    assert (canonical(better) or None) == meant


def test_no_suggestion_tells_a_visitor_what_a_transcript_holds(folder):
    say("The levee broke.")
    AgendaItemFactory(title="The gate")
    rebuild(folder)
    opened = Reader(folder).open()
    public = (Kind.AGENDAS, Kind.ARTICLES)
    assert suggestion(opened, Question(parse("leevee").tree, public)) is None
    assert canonical(suggestion(opened, Question(parse("gatte").tree, public))) == "gate"


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("levee", "levee", 0), ("levee", "elvee", 1), ("levee", "leve", 1), ("levee", "dam", 3)],
)
def test_edits_are_counted(one, other, count):
    """As suggestions need it of the library: letters that are swapped are one edit, not two."""
    assert OSA.distance(one, other, score_cutoff=2) == count


def test_a_page_takes_few_queries(ask, django_assert_max_num_queries):
    for _ in range(5):
        meeting = say("The levee.")
        AgendaItemFactory(meeting=meeting, title="Levee")
        ArticleFactory(meeting=meeting, headline="Levee")
    ask("levee")
    with django_assert_max_num_queries(6):
        found = ask("levee")
    assert (len(found.moments), found.total) == (10, 15)
    assert [group.more for group in found.groups] == [1] * 5
