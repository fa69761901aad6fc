"""An alert fires exactly where the search finds something, on random searches and meetings."""

import random
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meetings.alerts.filing import by_length, conditions, may_match, vocabulary
from meetings.alerts.matching import held_against_all, hold
from meetings.alerts.models import Alert
from meetings.alerts.stored import store
from meetings.records.models import Level, Meeting
from meetings.search.building import rebuild
from meetings.search.documents import Text, texts
from meetings.search.finding import search
from meetings.search.hits import Question
from meetings.search.matching import Heard, is_match
from meetings.search.passages import Piece, passages
from meetings.search.printing import canonical
from meetings.search.reading import Reader
from meetings.search.tree import (
    Field,
    Kind,
    Name,
    Near,
    Phrase,
    Prefix,
    Word,
    all_of,
    any_of,
    without,
)
from meetings.search.words import family
from meetings.transcripts.utterances import Utterance
from tests.meetings.alerts.factories import LONG_AGO
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.records.factories import (
    AgendaItemFactory,
    BodyFactory,
    MeetingFactory,
    PlaceFactory,
)
from tests.meetings.search.test_agreement import A_TAIL_OF_NEWS, ABOUT, allowed_in, transcripts
from tests.meetings.search.trees import WORDS, trees
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory

MEETINGS, TREES = 20, 100
FAR_APART = [
    Piece(n, "", "water vote" if n < 12 else "the a the" if n < 24 else "waters") for n in range(30)
]
A_LINE = [Piece(1, "Ana Smith", "the water houses")]
SPEAKERS = ["", "Ana Smith", "Bo Smith", "Smith Ana"]
FIELDS = [
    Field(Name.SPEAKER, "ana"),
    Field(Name.SPEAKER, "ana smith"),
    Field(Name.BODY, "council"),
    Field(Name.BODY, "/council-1"),
    Field(Name.PLACE, "/state"),
    Field(Name.LEVEL, "city"),
    Field(Name.AFTER, "2026-03-10"),
    Field(Name.BEFORE, "2026-03-10"),
    *(Field(Name.IN, kind.value) for kind in Kind),
]


def some_words(chance, most):
    return " ".join(chance.choices([*WORDS, "the", "a", "of"], k=chance.randint(1, most)))


def some_tree(chance, depth=0):
    """A search, by chance, as people could type it."""
    kind = chance.randrange(9 if depth < 3 else 5)
    word = chance.choice(WORDS)
    if kind == 0:
        return Word(word)
    if kind == 1:
        return Phrase(tuple(chance.choices(WORDS, k=chance.randint(1, 3))))
    if kind == 2:
        return Prefix(chance.choice(["wa", "hous", "housin", "vot", "se"]))
    if kind == 3:
        return Near(word, chance.choice(WORDS), chance.randint(1, 6))
    if kind == 4:
        return chance.choice(FIELDS)
    several = [some_tree(chance, depth + 1) for _ in range(chance.randint(1, 3))]
    if kind == 5:
        return any_of(several)
    return without(several[0]) if kind == 6 else all_of(several)


def some_meetings(chance):
    state = PlaceFactory(name="Great State", slug="state", level=Level.STATE)
    bodies = [
        BodyFactory(name="Council of the town", slug="council-1", place=PlaceFactory(parent=state)),
        BodyFactory(name="School board", slug="board"),
    ]
    for number in range(MEETINGS):
        meeting = MeetingFactory(body=chance.choice(bodies), held_on=date(2026, 3, 1 + number))
        said = [
            Utterance(n * 1_000, n * 1_000 + 900, some_words(chance, 8), chance.choice(SPEAKERS))
            for n in range(chance.randint(1, 30))
        ]
        transcribe(said, meeting=meeting, language=chance.choice(["en", "es", "zh"]))
        for position in range(chance.randint(0, 2)):
            AgendaItemFactory(meeting=meeting, title=some_words(chance, 4), position=position)
        if chance.random() < 0.3:
            article = ArticleFactory(meeting=meeting, headline=some_words(chance, 4))
            SentenceFactory(article=article, text=some_words(chance, 12))
        yield meeting.pk


@pytest.mark.slow
@pytest.mark.django_db
def test_an_alert_fires_exactly_where_the_search_finds_something(folder):
    chance = random.Random(8)
    pks = [*some_meetings(chance)]
    wanted = {}
    while len(wanted) < TREES:
        tree = some_tree(chance)
        wanted[canonical(tree)] = tree
    owner = MembershipFactory().user
    stored = {}
    for text, tree in wanted.items():
        row = store(tree)
        assert row.canonical == text
        stored[row.pk] = tree
        Alert.objects.create(
            owner=owner, tree=row, name="x", query="x", created_at=LONG_AGO, changed_at=LONG_AGO
        )
    rebuild(folder)
    opened = Reader(folder).open()
    found = {
        pk: {
            meeting
            for meeting in pks
            if search(opened, Question(tree, meeting=meeting), each=1).moments
        }
        for pk, tree in stored.items()
    }
    fired = {pk: set() for pk in stored}
    looked_at = 0
    for meeting in Meeting.objects.select_related("body__place").filter(pk__in=pks):
        outcome = held_against_all(hold(meeting, [*texts(meeting)]))
        looked_at += outcome.candidates
        for pk in outcome.met:
            fired[pk].add(meeting.pk)
    assert fired == found
    assert len(pks) * len(stored) == 2_000
    yes = sum(map(len, found.values()))
    assert 300 < yes < 1_700, "one answer alone would prove nothing"
    assert looked_at < 2_000, "some were left out by their words alone"


@settings(deadline=None)
@given(trees(), transcripts, st.sampled_from(["en", "es", "zh"]))
@example(any_of([Word("vote"), without(Word("main"))]), A_LINE, "en")
@example(any_of([Word("vote"), Field(Name.AFTER, "2024-01-01")]), A_LINE, "en")
@example(Prefix("housin"), [Piece(1, "", "housing")], "en")
@example(Phrase(("the", "water")), [*A_TAIL_OF_NEWS, Piece(99, "", "water")], "en")
@example(all_of([Prefix("wa"), Word("vote")]), FAR_APART, "en")
def test_what_matches_is_always_a_candidate(tree, said, language):
    cut = [Text(Kind.TRANSCRIPTS, 1, language, passage) for passage in passages(said)]
    reading = family(language)
    heard = [Heard.of(text.passage, reading) for text in cut]
    words = vocabulary(ABOUT, cut, heard)
    needs = conditions(tree, by_length)
    matches = any(
        is_match(tree, one, reading, allowed_in(text.passage))
        for text, one in zip(cut, heard, strict=True)
    )
    if matches:
        assert may_match(needs, words)
        assert not needs or any(term in words for term in needs[0])
