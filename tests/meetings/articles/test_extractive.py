"""The extractive writer: what it picks, and that it picks only what was said."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.articles.writers import extractive
from meetings.articles.writers.draft import Chapter, Source, TooLittle
from tests.meetings.articles.test_sentences import Line

MATTERS = {
    "Water rates": [
        "The ordinance raises water rates by 8 percent on January 1.",
        "For the average household a bill of $46 a month becomes $50.",
        "The water fund takes in $3.35 million a year from residents.",
        "Staff will publish the new rate table on the website by December 3.",
        "The ordinance on water rates is adopted, four to two.",
    ],
    "Library hours": [
        "The library board asks to open on Sundays from October through December.",
        "Twelve Sundays at $800 each come to $9,600 out of the library trust.",
        "The children's room of the library would open with the reading room.",
        "The library trust holds $41,000 for such trials at present.",
        "The library plan is approved, six to nothing.",
    ],
    "Cannery Street bridge": [
        "The bridge on Cannery Street was closed to trucks in March 2024.",
        "Engineers recommend a steel deck, which costs $2.1 million.",
        "The county pays a third of the bridge under the 1998 agreement.",
        "Crews will begin the repair of the deck on June 15.",
        "The contract for the bridge was awarded to the lowest bidder.",
    ],
}
CHATTER = ["Thank you, Madam Chair.", "Can you hear me?", "Okay.", "Go ahead, please.", "Aye."]


def meeting(*, chapters=True, speaker="Mayor Ana Quintero", language="en", matters=MATTERS):
    lines, starts = [], []
    for title, sentences in matters.items():
        starts.append(Chapter(title, len(lines) * 6_000))
        for number, sentence in enumerate(sentences):
            for text in (sentence, CHATTER[number % len(CHATTER)]):
                at = len(lines) * 6_000
                lines.append(Line(text, at, at + 6_000, f"{len(lines):04}", speaker))
    return Source(
        body_name="Osier Ferry City Council",
        title="Regular meeting",
        language=language,
        lines=lines,
        chapters=starts if chapters else [],
    )


def sentences_of(draft):
    return [draft.standfirst, *(one for paragraph in draft.paragraphs for one in paragraph)]


def words_of(quotation):
    """What stands inside the outer quotation marks."""
    start = min(quotation.index(mark) for mark in "“„«" if mark in quotation) + 1
    return quotation[start:].rstrip("”“»").strip("\xa0")


def assert_sound(draft, source):
    """The promises that hold for every draft, whatever the meeting."""
    assert 3 <= len(draft.paragraphs) <= 6
    assert all(2 <= len(paragraph) <= 4 for paragraph in draft.paragraphs)
    assert 0 < len(draft.headline) <= 160
    at = {line.key: number for number, line in enumerate(source.lines)}
    told = sentences_of(draft)
    for one in told:
        held = source.lines[at[one.first_key] : at[one.last_key] + 1]
        said = " ".join(" ".join(line.text.split()) for line in held)
        assert words_of(one.text) in said
        assert one.start_ms == held[0].start_ms
        assert one.end_ms == max(line.end_ms for line in held)
    assert len({words_of(one.text) for one in told}) == len(told)
    starts = [paragraph[0].start_ms for paragraph in draft.paragraphs]
    assert starts == sorted(starts)
    for paragraph in draft.paragraphs:
        inside = [one.start_ms for one in paragraph]
        assert inside == sorted(inside)


def test_a_draft_holds_what_was_said_and_nothing_else():
    source = meeting()
    assert_sound(extractive.write(source), source)


def test_the_headline_says_how_something_ended():
    assert extractive.write(meeting()).headline in {
        "Osier Ferry City Council: “The ordinance on water rates is adopted, four to two.”",
        "Osier Ferry City Council: “The library plan is approved, six to nothing.”",
    }


def test_what_the_headline_quotes_stands_in_the_article_too():
    draft = extractive.write(meeting())
    quoted = draft.headline.split(": ", 1)[1]
    assert any(quoted in one.text for one in sentences_of(draft))


def test_where_nothing_was_decided_the_headline_names_the_matters():
    undecided = {title: sentences[:4] for title, sentences in MATTERS.items()}
    headline = extractive.write(meeting(matters=undecided)).headline
    assert headline.startswith("Osier Ferry City Council: ")
    assert "Water rates" in headline


def test_each_agenda_item_has_its_paragraph():
    source = meeting()
    draft = extractive.write(source)
    items = [chapter.start_ms for chapter in source.chapters]
    for paragraph in draft.paragraphs:
        under = {sum(start <= one.start_ms for start in items) for one in paragraph}
        assert len(under) == 1
    assert len(draft.paragraphs) == 3


def test_chatter_is_not_told():
    text = " ".join(one.text for one in sentences_of(extractive.write(meeting())))
    assert not any(chatter in text for chatter in CHATTER)


def test_the_speaker_is_named_once_a_paragraph_and_again_when_another_speaks():
    draft = extractive.write(meeting())
    for paragraph in draft.paragraphs:
        assert paragraph[0].text.startswith("Mayor Ana Quintero said: “")
        assert all(one.text.startswith("“") for one in paragraph[1:])
    assert draft.standfirst.text.startswith("Mayor Ana Quintero said: “")


def test_without_speakers_there_are_only_words():
    draft = extractive.write(meeting(speaker=""))
    assert all(one.text.startswith("“") for one in sentences_of(draft))


def test_the_same_meeting_gives_the_same_draft():
    assert extractive.write(meeting()) == extractive.write(meeting())


@pytest.mark.parametrize("language", ["xx", "", "tlh-Latn"])
def test_a_language_that_nobody_listed_is_drafted_all_the_same(language):
    source = meeting(language=language)
    assert_sound(extractive.write(source), source)


def test_words_that_say_the_same_are_told_once():
    twice = {title: [*sentences, *sentences] for title, sentences in MATTERS.items()}
    source = meeting(matters=twice)
    assert_sound(extractive.write(source), source)


def test_markup_in_speech_stays_text():
    planted = {
        title: [
            sentence.replace(" of ", " of <script>alert(1)</script> ") for sentence in sentences
        ]
        for title, sentences in MATTERS.items()
    }
    source = meeting(matters=planted)
    draft = extractive.write(source)
    assert_sound(draft, source)
    assert any("<script>" in one.text for one in sentences_of(draft))


@pytest.mark.parametrize(
    "lines",
    [[], [Line("Thank you all for coming tonight.", 0, 3_000, "a")]],
    ids=["nothing said", "only formalities"],
)
def test_too_little_is_said_in_a_sentence_for_staff(lines):
    with pytest.raises(TooLittle, match="too little"):
        extractive.write(Source("Council", "Meeting", "en", lines))


def test_who_has_a_very_long_name_says_no_more_than_the_standfirst_holds():
    source = meeting(speaker="Ana " * 50)
    draft = extractive.write(source)
    assert len(draft.standfirst.text) <= extractive.LONGEST_STANDFIRST
    assert_sound(draft, source)


SENTENCE = st.sampled_from([*CHATTER, *(one for matter in MATTERS.values() for one in matter)])
NOISE = st.text(max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.one_of(SENTENCE, NOISE), st.sampled_from(["", "Ana", "S1", "Ben {x}"])),
        max_size=60,
    ),
    st.sampled_from(["en", "de", "fr", "xx"]),
    st.lists(st.integers(0, 400_000), max_size=6),
)
def test_whatever_is_said_the_draft_is_sound_or_there_is_too_little(spoken, language, starts):
    lines = [
        Line(text, number * 5_000, number * 5_000 + 5_000, f"k{number}", name)
        for number, (text, name) in enumerate(spoken)
    ]
    chapters = [Chapter(f"Item {start}", start) for start in sorted(starts)]
    source = Source("Council", "Meeting", language, lines, chapters)
    try:
        draft = extractive.write(source)
    except TooLittle:
        return
    assert_sound(draft, source)


@pytest.mark.slow
def test_a_hearing_of_five_thousand_sentences_is_drafted_in_seconds():
    """The budget is 30 s for 15,000 cues on one core, which are about 5,000 sentences."""
    chance = random.Random(5)
    words = ["".join(chance.choices("aeioubcdlmnrst", k=7)) for _ in range(3_000)]
    lines = []
    for number in range(5_000):
        one, other, third = (" ".join(chance.sample(words, 3)) for _ in range(3))
        text = f"The council funds {one} with {other} and it was {third} in the end."
        lines.append(Line(text, number * 6_000, number * 6_000 + 6_000, f"k{number}"))
    source = Source("Council", "Hearing", "en", lines)
    begun = time.process_time()
    assert_sound(extractive.write(source), source)
    assert time.process_time() - begun < 30
