"""Links that outlive an edit: quotes.js, by properties, in the engine that runs it."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALL = """async ({words, times, from, to, later}) => {
  const quotes = await import("/static/js/quotes.js");
  const quote = quotes.describe(words, from, to);
  const fragment = quotes.write({start: times[from], end: times[to - 1] + 4, quote});
  const link = quotes.read(fragment);
  return {fragment, found: quotes.find(later.words, later.times, link)};
}"""
ROUND = """async ({start, end, words, from, to}) => {
  const quotes = await import("/static/js/quotes.js");
  const quote = quotes.describe(words, from, to);
  return [{start, end, quote}, quotes.read(quotes.write({start, end, quote}))];
}"""
FOLDED = """async (texts) => {
  const { words } = await import("/static/js/folding.js");
  return texts.flatMap((text) => words(text).map(({ word }) => word));
}"""
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SEGMENT = 9
VOCABULARY = [f"{a}{b}" for a in "abcdefghijklmnopqrst" for b in ("ay", "or", "in", "up", "el")]


@pytest.fixture(scope="module")
def engine(chromium, _server):
    """A page of the site: its modules can be asked from there."""
    page = chromium.new_page()
    page.goto(f"{_server}/healthz")
    yield page
    page.close()


def speech(seed, size=600):
    """Words as they are said: few often, many seldom; each with its segment's second."""
    chance = random.Random(seed)
    weights = [1 / (n + 2) for n in range(len(VOCABULARY))]
    words = chance.choices(VOCABULARY, weights, k=size)
    return words, [float(n // SEGMENT * 4) for n in range(size)]


@st.composite
def quotations(draw, least=1, most=60):
    words, times = speech(draw(st.integers(0, 10**6)))
    size = draw(st.integers(least, most))
    start = draw(st.integers(8, len(words) - size - 8))
    return {"words": words, "times": times, "from": start, "to": start + size}


def spaced(text):
    return text.split()


def ask(engine, said, words, times):
    return engine.evaluate(ALL, {**said, "later": {"words": words, "times": times}})["found"]


@MANY
@given(quotations())
def test_words_that_did_not_change_are_found_where_they_were(engine, said):
    found = ask(engine, said, said["words"], said["times"])
    assert found["isSame"]
    quoted = said["words"][said["from"] : said["to"]]
    assert said["words"][found["from"] : found["to"]] == quoted
    assert said["times"][found["from"]] == said["times"][said["from"]]


@MANY
@given(quotations(), st.integers(0, 10**6))
def test_edits_elsewhere_change_nothing(engine, said, seed):
    """Words come and go outside of the quotation and its neighbours; times stay with the words."""
    chance = random.Random(seed)
    later = []
    for at, (word, time) in enumerate(zip(said["words"], said["times"], strict=True)):
        is_near = said["from"] - 4 <= at < said["to"] + 4
        if is_near or chance.random() < 0.8:
            later.append((word, time))
        elif chance.random() < 0.5:
            later += [("new", time), (word, time)]
    found = ask(engine, said, [word for word, _ in later], [time for _, time in later])
    assert found["isSame"]
    quoted = said["words"][said["from"] : said["to"]]
    assert [word for word, _ in later[found["from"] : found["to"]]] == quoted
    assert later[found["from"]][1] == said["times"][said["from"]]


@MANY
@given(quotations(least=3), st.data())
def test_corrected_word_within_is_found_and_said(engine, said, data):
    words, size = list(said["words"]), said["to"] - said["from"]
    words[said["from"] + data.draw(st.integers(0, size - 1))] = "corrected"
    found = ask(engine, said, words, said["times"])
    assert not found["isSame"]
    # Where the same four words stand before it twice, either may be meant: the mended is in it.
    assert "corrected" in words[found["from"] : found["to"]]
    assert found["to"] - found["from"] <= size * 2 + 8


@MANY
@given(quotations(least=8), st.integers(0, 4), st.floats(-6, 6))
def test_remade_transcript_is_found_about_there(engine, said, phase, shift):
    """Another machine hears each fifth word otherwise, the neighbours too, and times by seconds."""
    words = ["other" if n % 5 == phase else word for n, word in enumerate(said["words"])]
    times = [max(time + shift, 0) for time in said["times"]]
    found = ask(engine, said, words, times)
    assert not found["isSame"]
    overlap = min(found["to"], said["to"]) - max(found["from"], said["from"])
    assert overlap >= (said["to"] - said["from"]) // 2


@MANY
@given(quotations(least=3))
def test_words_that_are_gone_are_not_made_up(engine, said):
    words = [f"x{word}" for word in said["words"]]
    assert ask(engine, said, words, said["times"]) is None


@MANY
@given(quotations(least=6), st.integers(3, 120), st.integers(0, 10**6))
def test_other_segments_lose_nothing(engine, said, size, seed):
    """The same words cut otherwise: times are those of other segments, some seconds off."""
    chance = random.Random(seed)
    times = [said["times"][at - at % size] + chance.uniform(-3, 3) for at in range(600)]
    found = ask(engine, said, said["words"], times)
    assert found["isSame"]
    quoted = said["words"][said["from"] : said["to"]]
    assert said["words"][found["from"] : found["to"]] == quoted


def test_of_many_votes_the_one_that_was_meant_is_opened(engine):
    """“Aye” is said by all, and the neighbours are alike: the time tells."""
    words = spaced("the clerk calls the roll aye") * 80
    times = [n // 6 * 20.0 for n in range(len(words))]
    for turn in (0, 3, 40, 79):
        said = {"words": words, "times": times, "from": turn * 6 + 5, "to": turn * 6 + 6}
        assert ask(engine, said, words, times) == pytest.approx(
            {"from": said["from"], "to": said["to"], "isSame": True, "context": 1, "score": 2}
        )


def test_corrected_vote_is_not_taken_for_the_next_one(engine):
    said = spaced("ann votes aye bob votes aye cid votes aye dee votes aye eve votes aye")
    words = ["so"] * 20 + said + ["so"] * 20
    times = [float(n) for n in range(len(words))]
    at = 20 + 8
    asked = {"words": words, "times": times, "from": at, "to": at + 1}
    later = [*words]
    later[at] = "nay"
    assert ask(engine, asked, later, times) == {"from": at, "to": at + 1, "isSame": False}


@MANY
@given(
    st.lists(st.text(st.characters(categories=["L", "N", "M", "P", "S"])), max_size=70),
    st.integers(0, 9_999_994_999),
)
def test_what_is_written_is_read(engine, texts, start):
    words = engine.evaluate(FOLDED, texts)
    assert engine.evaluate(FOLDED, words) == words
    size = len(words)
    if not size:
        return
    facts = {"start": start / 1000, "end": start / 1000 + 5, "words": words}
    given, read = engine.evaluate(ROUND, {**facts, "from": size // 3, "to": size})
    assert read["quote"] == {**given["quote"], "count": size - size // 3}
    assert read["start"] == pytest.approx(given["start"])


HOSTILE = [
    "#t=1,2&q=%",
    "#t=1,2&q=%E0%A4%A&p=%ff&s=%",
    "#t=1,2&q=%F0%9F%92%A9",
    "#t=1,2&q=<img src=x onerror=alert(1)>",
    "#t=1,2&q=a..b..c",
    "#t=1,2&q=..",
    "#t=1,2&q=a..b&n=999999.x",
    f"#t=1,2&q={'+'.join(['the'] * 25)}",
    f"#t=1,2&q={'+'.join(['the'] * 8)}..{'+'.join(['the'] * 8)}&n=999999.{'z' * 8}",
    f"#t=1,2&q={'+'.join(['the'] * 24)}&p={'+'.join(['the'] * 999)}&s={'+'.join(['the'] * 999)}",
    f"#t=1,2&q={'a' * 31_000}",
    f"#t=1,2&q={'a' * 2_000_000}",
    f"#t={'9' * 400},1",
    "#t=1e9,2&q=a",
    "#t=-1,2&q=a",
    "#t=1,2&q=a&q=b&t=3&__proto__=x&constructor=y",
    f"#{'&' * 30_000}t=1",
]
JUDGED = """async ([fragments, words, times]) => {
  const { read, find } = await import("/static/js/quotes.js");
  return fragments.map((fragment) => {
    const begun = performance.now();
    const link = read(fragment);
    const found = link?.quote ? find(words, times, link) : null;
    return { link, found, ms: performance.now() - begun };
  });
}"""


def test_made_up_links_cost_no_more_than_ours(engine):
    """150,000 words, of which every other one is what the links ask for."""
    words = ["the", "budget"] * 75_000
    times = [n * 0.1 for n in range(len(words))]
    for fragment, judged in zip(
        HOSTILE, engine.evaluate(JUDGED, [HOSTILE, words, times]), strict=True
    ):
        assert judged["ms"] < 3_000, fragment[:60]
        quote = judged["link"] and judged["link"]["quote"]
        if quote:
            assert len(quote["head"]) + len(quote["tail"]) <= 24
            assert len(quote["prefix"]) <= 4 >= len(quote["suffix"])
            assert all(word.isalnum() for word in quote["head"]), fragment[:60]
        if judged["link"]:
            assert 0 <= judged["link"]["start"] <= judged["link"]["end"] < 10**7


def test_spelling_is_compact_and_what_is_not_ours_is_left_alone(engine):
    words = spaced("and now we will now vote on the budget before the recess")
    times = [float(n) for n in range(len(words))]
    said = {"words": words, "times": times, "from": 5, "to": 9}
    answer = engine.evaluate(ALL, {**said, "later": {"words": words, "times": times}})
    assert answer["fragment"] == (
        "#t=5,12&q=vote+on+the+budget&p=now+we+will+now&s=before+the+recess"
    )
    read = "async (text) => (await import('/static/js/quotes.js')).read(text)"
    for other in ["", "#main", "#moment", "#t=", "#t=x", "#t=1:02", "#q=words", "#t=5,&q=a"]:
        assert engine.evaluate(read, other) is None, other
    assert engine.evaluate(read, "#t=12.5") == {"start": 12.5, "end": 12.5, "quote": None}
    assert engine.evaluate(read, "#t=9,4") == {"start": 9, "end": 9, "quote": None}
