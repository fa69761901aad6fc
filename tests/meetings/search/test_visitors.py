"""What a search tells those who are not members: articles, agendas, and a step about transcripts.

Whole answers are compared, headers included: of a phrase that was said and one that was not there
is no difference but the step, and where no step is told there is none at all.
"""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from hypothesis import given
from redis.exceptions import ConnectionError as RedisDown

from meetings.search import limits, views
from meetings.search.estimating import MOST_WORDS, Step, is_plain
from meetings.search.models import FruitlessSearch
from meetings.search.tree import And, Field, Name, Near, Not, Or, Phrase, Prefix, Word
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory, SentenceFactory
from tests.meetings.records.factories import AgendaItemFactory, BodyFactory, MeetingFactory
from tests.meetings.search.trees import trees
from tests.meetings.transcripts.factories import transcribe

SAID = "the quiet heron settled beside the northern weir"
SPEAKER = "Commissioner Abernathy"
NOW = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def town(db, site_index):
    """A meeting with an article and an agenda that say little of what its transcript says."""
    body = BodyFactory(name="Harbor Commission", slug="harbor")
    meeting = MeetingFactory(body=body, title="Spring meeting", held_on=date(2026, 4, 7))
    lines = [SAID, *[f"Order number {n} is read." for n in range(40)], f"Again, {SAID}."]
    transcribe(
        [Utterance(n * 4_000, n * 4_000 + 4_000, line, SPEAKER) for n, line in enumerate(lines)],
        meeting=meeting,
    )
    AgendaItemFactory(meeting=meeting, position=1, title="Dredging the channel", start_ms=8_000)
    article = ArticleFactory(
        meeting=meeting, headline="Channel to be dredged", standfirst="The channel is shallow."
    )
    SentenceFactory(article=article, text="The commission will dredge the channel in June.")
    site_index()
    return meeting


def everything(persona, typed, *, status=200, typing=False, **parameters) -> str:
    """All bytes of an answer, with the words that were typed put out of it."""
    address = f"/search/?{urlencode({'q': typed, **parameters})}"
    response = persona.get(address, headers={"HX-Request": "true"} if typing else {})
    assert response.status_code == status
    answer = response.content.decode() + str(sorted(response.headers.items()))
    answer = answer.replace(str(response.headers.get("Content-Length", "")) or "\0", "")
    for part in sorted(_ways_to_write(typed), key=len, reverse=True):
        answer = answer.replace(part, "TYPED")
    return answer


def _ways_to_write(typed):
    """What was typed stands in the box, the title and every link, twice quoted in some."""
    escaped = typed.replace('"', "&quot;")
    yield from (typed, escaped, quote(typed, safe=""))
    quoted = urlencode({"q": typed}).removeprefix("q=")
    yield quoted
    yield urlencode({"q": quoted}).removeprefix("q=")


# Each pair is alike in length and shape; of the first the words were said, of the second never.
WITH_A_STEP = [
    ("heron", "egret"),
    ('"quiet heron"', '"quiet egret"'),
    ('"the quiet heron"', '"the heron quiet"'),
    ("quiet heron weir", "quiet egret weir"),
    ("heron OR weir", "egret OR kiln"),
    ("heron body:harbor", "egret body:harbor"),
]
WITHOUT = [
    ('"the quiet heron settled"', '"the quiet heron flapped"'),
    (f'"{SAID}"', f'"{SAID.replace("weir", "kiln")}"'),
    ("the quiet heron settled", "the quiet heron flapped"),
    ("quiet NEAR/3 heron", "quiet NEAR/3 egret"),
    ("heron speaker:abernathy", "heron speaker:abernethy"),
    ("heron after:2026-04-07", "heron after:2026-04-08"),
    ("heron before:2026-04-08", "heron before:2026-04-07"),
    ("her*", "egr*"),
    ("weir -heron", "weir -egret"),
    ("heron in:transcripts", "egret in:transcripts"),
    ('channel "the quiet heron settled"', 'channel "the quiet heron flapped"'),
    ('channel OR "the quiet heron settled"', 'channel OR "the quiet heron flapped"'),
    ('channel -"the quiet heron settled"', 'channel -"the quiet heron flapped"'),
    ("channel OR (quiet NEAR heron)", "channel OR (quiet NEAR egret)"),
    ("speaker:abernathy", "speaker:abernethy"),
]


@pytest.mark.parametrize("typing", [False, True])
@pytest.mark.parametrize(("said", "unsaid"), WITHOUT)
def test_no_answer_tells_whether_a_long_phrase_was_said(visitor, town, said, unsaid, typing):
    assert everything(visitor, said, typing=typing) == everything(visitor, unsaid, typing=typing)


@pytest.mark.parametrize(("said", "unsaid"), WITH_A_STEP)
def test_of_plain_words_the_step_is_all_that_differs(visitor, town, said, unsaid):
    a_few = "In the transcripts a few moments have these words. Members open them with one click."
    none = "In the transcripts no moment has these words."
    one, other = everything(visitor, said), everything(visitor, unsaid)
    assert a_few in one
    assert none in other
    assert one.replace(a_few, none) == other


@pytest.mark.parametrize("name", ["year", "speaker", "kind", "meeting"])
def test_narrowing_beside_the_words_tells_no_more_than_within_them(visitor, town, name):
    value = {"year": "2026", "speaker": SPEAKER, "kind": "transcripts", "meeting": town.pk}[name]
    narrowed = {name: value}
    assert everything(visitor, "heron", **narrowed) == everything(visitor, "egret", **narrowed)


def test_a_page_further_on_is_no_way_around(visitor, town):
    phrases = ('"the quiet heron settled"', '"the quiet heron flapped"')
    for parameters in ({"page": 2}, {"sort": "relevance"}, {"sort": "oldest"}, {"body": "harbor"}):
        one, other = (everything(visitor, phrase, **parameters) for phrase in phrases)
        assert one == other


def test_refunded_member_and_signed_in_reader_are_told_no_more_than_a_visitor(
    refunded_member, town
):
    for said, unsaid in WITHOUT:
        assert everything(refunded_member, said) == everything(refunded_member, unsaid)


def test_a_visitor_finds_articles_and_agendas(visitor, town):
    answer = everything(visitor, "dredging")
    assert "2 places in articles and agendas" in answer
    assert "<mark>Dredging</mark> the channel" in answer
    assert "Channel to be <mark>dredged</mark>" in answer
    assert SPEAKER not in answer
    assert 'class="offer"' in answer


def test_no_word_of_a_transcript_and_no_speaker_is_suggested_or_counted(visitor, member, town):
    for typed in ("herron", "settleed"):
        assert "Did you mean" not in everything(visitor, typed)
        assert "Did you mean" in everything(member, typed)
    assert "Did you mean" in everything(visitor, "chanel")


def test_members_are_told_what_visitors_are_not(member, staff, town):
    for persona in (member, staff):
        said, unsaid = WITHOUT[1]
        assert SPEAKER in everything(persona, said)
        assert SPEAKER not in everything(persona, unsaid)


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (0, Step.NONE),
        (1, Step.FEW),
        (10, Step.FEW),
        (11, Step.TEN),
        (100, Step.TEN),
        (101, Step.HUNDRED),
        (1_000, Step.HUNDRED),
        (1_001, Step.THOUSAND),
        (4_000_000, Step.THOUSAND),
    ],
)
def test_steps_are_none_a_few_and_more_than_ten_hundred_thousand(number, step):
    assert Step.of(number) is step


@given(tree=trees())
def test_only_plain_words_are_plain(tree):
    """Said by the kinds of nodes that are in the tree, however deep."""

    def nodes(node):
        yield node
        for child in getattr(node, "children", ()):
            yield from nodes(child)
        if isinstance(node, Not):
            yield from nodes(node.child)

    there = [*nodes(tree)]
    words = sum(len(n.words) if isinstance(n, Phrase) else isinstance(n, Word) for n in there)
    told = {Name.BODY, Name.PLACE, Name.LEVEL}
    expected = (
        0 < words <= MOST_WORDS
        and not any(isinstance(node, (Not, Near, Prefix)) for node in there)
        and all(node.name in told for node in there if isinstance(node, Field))
    )
    assert is_plain(tree) is expected
    assert all(isinstance(n, (And, Or, Word, Phrase, Field)) for n in there) or not expected


def test_an_address_searches_so_often_in_a_minute_and_then_reads_when_it_may_again(
    visitor, town, settings, monkeypatch
):
    settings.SEARCHES_A_MINUTE = 3
    monkeypatch.setattr(views.timezone, "now", lambda: NOW)
    for _time in range(3):
        everything(visitor, "dredge")
    for typing in (False, True):
        answer = everything(visitor, "dredge", status=429, typing=typing)
        assert "Wait a minute" in answer
        assert "'Retry-After', '30'" in answer
        assert "Dredging" not in answer
    everything(visitor, "")  # nothing is searched
    monkeypatch.setattr(views.timezone, "now", lambda: NOW + timedelta(seconds=30))
    everything(visitor, "dredge")


def test_an_address_searches_so_often_in_a_day(visitor, refunded_member, member, town, settings):
    settings.SEARCHES_A_DAY = 2
    everything(visitor, "heron")
    everything(refunded_member, "heron")
    answer = everything(visitor, "heron", status=429)
    assert "the last search for today" in answer
    assert "a few moments" not in answer
    for _time in range(3):
        everything(member, "heron")


def test_limits_say_nothing_of_who_asked_and_end_by_themselves(visitor, town, monkeypatch):
    kept = {}
    monkeypatch.setattr(cache, "add", lambda key, value, timeout: kept.update({key: timeout}))
    monkeypatch.setattr(cache, "incr", lambda key: 1)
    everything(visitor, "heron")
    assert len(kept) == 2
    assert not [key for key in kept if "127.0.0.1" in key or "heron" in key]
    assert sorted(kept.values()) == [120, 172_800]


def test_who_cannot_be_counted_is_told_no_number(visitor, town, monkeypatch):
    def away(*args, **options):
        raise RedisDown("away")

    monkeypatch.setattr(limits.cache, "add", away)
    answer = everything(visitor, "heron dredge")
    assert "Members also search the transcripts" in answer
    assert "a few moments" not in answer
    assert "<mark>Dredging</mark>" in everything(visitor, "dredge")


def test_what_visitors_look_for_in_vain_is_counted_only_where_the_step_tells_it(visitor, town):
    for typed in ("heron", "egret", *WITHOUT[0], "speaker:abernathy", "dredge"):
        everything(visitor, typed)
    assert [*FruitlessSearch.objects.values_list("text", "count")] == [("egret", 1)]
