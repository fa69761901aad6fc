"""Which words of a meeting articles show: never more than the limits, the same each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.articles.excerpts import FEWEST, Claim, Limits, Passage, of_meeting

GENEROUS = Limits(per_mark=40, per_article=10_000, per_meeting=10_000)


def said(*texts, free=()):
    return Passage(list(enumerate(texts)), frozenset(free))


def shown(text, *passages, limits=GENEROUS):
    [article] = of_meeting([[Claim(1, text, passages)]], limits)
    return article[1]


@st.composite
def meetings(draw):
    """Segments whose words are all different, articles that cite them as they like, limits."""
    sizes = draw(st.lists(st.integers(5, 30), min_size=4, max_size=12))
    words = iter(range(10_000))
    segments = [
        (position, " ".join(f"w{next(words)}" for _ in range(size)))
        for position, size in enumerate(sizes)
    ]
    free = frozenset(draw(st.sets(st.integers(0, len(sizes) - 1), max_size=2)))
    ends = st.tuples(*[st.integers(0, len(sizes) - 1)] * 2)
    sentences = iter(range(10_000))

    def passage(first, last):
        first, last = sorted((first, last))
        return Passage(segments[first : last + 1], free)

    def claim(cited):
        text = " ".join(f"w{number}" for number in draw(st.lists(st.integers(0, 200), max_size=9)))
        return Claim(next(sentences), text, [passage(*one) for one in cited])

    articles = [
        [
            claim(draw(st.lists(ends, min_size=1, max_size=3)))
            for _ in range(draw(st.integers(1, 6)))
        ]
        for _ in range(draw(st.integers(1, 4)))
    ]
    limits = Limits(
        *(draw(st.sampled_from(some)) for some in ([0, 5, 45], [0, 20, 60], [0, 30, 80]))
    )
    return segments, articles, limits


def costing(segments, claims):
    """The words of an article's excerpts that are not free, as a visitor would note them down."""
    free = set().union(*(one.free for claim in claims for one in claim.passages), ())
    texts = dict(segments)
    return {word for position in texts if position not in free for word in texts[position].split()}


@given(meetings())
def test_all_that_is_shown_stays_within_each_limit(meeting):
    segments, articles, limits = meeting
    everything = set()
    for claims, article in zip(articles, of_meeting(articles, limits), strict=True):
        paid = costing(segments, claims)
        revealed = set()
        for claim in claims:
            words = [word for one in article[claim.sentence] for word in one.text.split()]
            assert len(words) <= limits.per_mark
            revealed |= set(words) & paid
        assert len(revealed) <= limits.per_article
        everything |= revealed
    assert len(everything) <= limits.per_meeting


@pytest.mark.slow
@given(meetings())
def test_an_article_that_comes_later_changes_nothing_about_those_before(meeting):
    _segments, articles, limits = meeting
    everything = list(of_meeting(articles, limits))
    assert list(of_meeting(articles[:-1], limits)) == everything[:-1]
    assert list(of_meeting(articles, limits)) == everything


@pytest.mark.slow
@given(meetings())
def test_what_is_shown_stands_so_in_the_passage(meeting):
    _segments, articles, limits = meeting
    for claims, article in zip(articles, of_meeting(articles, limits), strict=True):
        for claim in claims:
            for passage, one in zip(claim.passages, article[claim.sentence], strict=True):
                whole = " ".join(text for _position, text in passage.segments)
                whole = " ".join(whole.split())
                assert one.text in whole
                if one.text:
                    assert one.is_cut_before == (
                        not whole.startswith(f"{one.text} ") and whole != one.text
                    )
                    assert one.is_cut_after == (not f" {whole}".endswith(f" {one.text}"))


def test_a_short_passage_is_shown_as_it_is():
    [one] = shown("Rates rise.", said("Rates rise", "by 8 percent."))
    assert (one.text, one.is_cut_before, one.is_cut_after) == (
        "Rates rise by 8 percent.",
        False,
        False,
    )
    assert one.positions == (0, 1)


def test_of_a_long_passage_the_words_that_the_sentence_is_about():
    around = " ".join(f"x{number}" for number in range(100))
    [one] = shown(
        "“The pipe costs $8.4 million,” she said.",
        said(around, "The pipe costs $8.4 million and no cent more.", around),
    )
    assert "The pipe costs $8.4 million" in one.text
    assert one.is_cut_before
    assert one.is_cut_after
    assert len(one.text.split()) == 40


def test_where_there_is_little_room_each_sentence_shows_less_and_none_goes_without():
    claims = [
        Claim(number, "", [Passage([(number, " ".join(f"w{number}-{n}" for n in range(60)))])])
        for number in range(10)
    ]
    [article] = of_meeting([claims], Limits(40, 100, 1_000))
    counts = [len(article[number][0].text.split()) for number in range(10)]
    assert min(counts) >= FEWEST
    assert sum(counts) <= 100


def test_the_articles_of_a_meeting_share_its_limit():
    articles = [
        [Claim(number, "", [Passage([(number, " ".join(f"w{number}-{n}" for n in range(30)))])])]
        for number in range(3)
    ]
    shown = list(of_meeting(articles, Limits(40, 100, 40)))
    assert [len(shown[number][number][0].text.split()) for number in range(3)] == [30, 9, 0]


def test_what_two_sentences_show_counts_once():
    passage = said(" ".join(f"w{number}" for number in range(30)))
    claims = [Claim(number, "", [passage]) for number in range(5)]
    [article] = of_meeting([claims], Limits(40, 30, 30))
    assert {article[number][0].text for number in range(5)} == {passage.segments[0][1]}


def test_what_anybody_may_read_anyway_costs_nothing():
    text = " ".join(f"w{number}" for number in range(30))
    limits = Limits(40, 0, 0)
    assert shown("", said(text, free=[0]), limits=limits)[0].text == text
    assert shown("", said(text), limits=limits)[0].text == ""


def test_scripts_without_spaces_are_counted_by_the_letter():
    """A whole speech of Chinese is not one word."""
    [one] = shown("水费上涨", said("市议会今晚批准水费上涨百分之八并且从一月一日起生效" * 20))
    assert len(one.text) == 40
    assert "水费上涨" in one.text


def test_a_word_that_never_ends_is_counted_by_the_two_dozen():
    [one] = shown("", said("x" * 10_000), limits=Limits(10, 100, 100))
    assert len(one.text) == 240


def test_nothing_is_shown_where_nothing_may_be():
    assert shown("Rates rise.", said("Rates rise."), limits=Limits(0, 600, 600))[0].text == ""
    assert shown("Rates rise.", said("Rates rise."), limits=Limits(40, 600, 0))[0].text == ""
    assert shown("Rates rise.", Passage([]))[0].text == ""
