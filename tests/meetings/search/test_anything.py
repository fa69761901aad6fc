"""Whatever is typed can be run, counted, marked and suggested for."""

import random
import time

import pytest

from meetings.search.building import rebuild
from meetings.search.compiling import compiled
from meetings.search.finding import search
from meetings.search.hits import Order, Question, by_month, facets
from meetings.search.parsing import parse
from meetings.search.reading import Reader
from meetings.search.suggesting import suggestion
from meetings.transcripts.utterances import Utterance
from tests.meetings.records.factories import AgendaItemFactory
from tests.meetings.search.trees import anything
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db

SAID = (
    "Water, near or in the city: don’t.",
    "l'été 住房 สวัสดี",
    "مجلس المدينة ישיבה",
    "İstanbul 1,200.50",
)


@pytest.fixture
def opened(folder):
    transcribe([Utterance(n, n + 1, text, "Ana OR Bo") for n, text in enumerate(SAID * 6)])
    AgendaItemFactory(title="Water (urgent) -- 50 % off * NEAR/3")
    rebuild(folder)
    return Reader(folder).open()


def test_whatever_is_typed_can_be_run(opened):
    chance = random.Random(6)
    found = 0
    for number in range(300):
        tree = parse(anything(chance)).tree
        if tree is None:
            continue
        question = Question(tree)
        page = search(opened, question, order=chance.choice([*Order]))
        found += bool(page.moments)
        if number % 10 == 0:
            facets(opened, question)
            by_month(opened, question)
            suggestion(opened, question)
    assert found > 10  # and many of them find something


@pytest.mark.parametrize(
    "typed",
    [
        "".join(f"(w{n} (x{n} OR y{n}) OR " for n in range(20)),
        "a (b OR c " * 25,
        "".join(f"-(w{n} OR -(a{n} " for n in range(20)),
        " ".join('"' + " ".join(f"w{k}x{n}" for k in range(25)) + '"' for n in range(50)),
        " ".join(f"a{n} NEAR/20 b{n}" for n in range(25)),
        " OR ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26)}*" for n in range(50)),
        "after:0001-01-01 before:9999-12-31",
    ],
)
def test_the_worst_that_can_be_typed_takes_little_time(opened, typed):
    tree = parse(typed).tree
    started = time.process_time()
    opened.searcher.search(compiled(tree), limit=10)
    assert time.process_time() - started < 1
