"""What is worth telling."""

import pytest

from meetings.articles.writers.hearing import language_of
from meetings.articles.writers.ranking import Vocabulary, centrality, overlap
from meetings.articles.writers.sentences import Said
from meetings.articles.writers.voice import voice
from meetings.articles.writers.weighing import Scale


@pytest.fixture(scope="module")
def scale():
    return Scale("en", Vocabulary("en"))


def said(text, *, speech_ms=5_000, whole=True, confidence=None):
    return Said(text, "", "a", "a", 0, speech_ms, speech_ms, whole, confidence)


TOLD = "The ordinance raises water rates by 8 percent on January 1 for every household."


def test_a_plain_statement_can_be_told(scale):
    assert scale.is_tellable(said(TOLD))


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, Madam Chair, and thank you for the work of the whole committee.",
        "Can you hear me now that the microphone of the council has been moved?",
        "Good evening, I am here on behalf of the residents of Cannery Street tonight.",
        "Is there a motion to approve the budget of the library for the next year?",
        "Madam Clerk, call the roll on the ordinance that raises the water rates.",
        "All in favor of the budget that the library board proposed say aye.",
        "Who would pay for the pipe that the ordinance puts under the street?",
        "The council would like to say that the budget of the library is",
        "Motion carries.",
        "My name is Harold and the water main under my street broke last winter.",
        "I have lived at 418 Cannery Street since the library was built there.",
        "Aguiar Curry Lackey Bloom Boerner Horvath Ramos Rivas Voepel Kamlager Levine.",
        "The vote on the budget [inaudible] the library and the school district.",
    ],
)
def test_formalities_questions_and_shreds_are_passed_over(scale, text):
    assert not scale.is_tellable(said(text))


@pytest.mark.parametrize(
    "one",
    [said(TOLD, speech_ms=26_000), said(TOLD, whole=False), said(TOLD, confidence=0.3)],
    ids=["too long to listen to", "broken off", "heard badly"],
)
def test_what_cannot_be_checked_easily_is_passed_over(scale, one):
    assert not scale.is_tellable(one)


def test_an_outcome_weighs_more_than_an_opinion(scale):
    outcome = said("The ordinance is adopted as amended, four to two.")
    opinion = said("The council could perhaps look at the ordinance in another way.")
    assert scale.is_outcome(outcome)
    assert not scale.is_outcome(opinion)
    assert scale.weight(outcome) > scale.weight(opinion)


def test_a_sum_weighs_more_than_none(scale):
    assert scale.weight(said("The new pipe costs $8.4 million in all.")) > scale.weight(
        said("The new pipe costs a good deal in all.")
    )


def test_stumbling_weighs_less(scale):
    assert scale.weight(said("The pipe the pipe costs, you know, $8.4 million in in all.")) < (
        scale.weight(said("The pipe costs $8.4 million in all."))
    )


def test_the_second_half_of_a_sentence_leans_on_the_first(scale):
    before = said("The water rates of the city are")
    assert scale.leans(said(TOLD), before)
    assert not scale.leans(said(TOLD), said("The rates were read out."))


@pytest.mark.parametrize(
    "language", ["en", "de", "fr", "en-US", "xx", "", "../../etc/passwd", "zh"]
)
def test_any_language_has_a_vocabulary_without_the_network(language):
    vocabulary = Vocabulary(language)
    assert vocabulary.content("Wasser water eau 水 42")


@pytest.mark.parametrize(
    ("text", "filed_under", "language"),
    [
        ("La ville va refaire la rue de la gare et nous allons le payer avec vous", "en", "fr"),
        ("Die Stadt wird die Straße und das Wasser mit uns von neuem machen", "en", "de"),
        ("The city will pay for the street and for what is under it", "fr", "en"),
        ("The city will pay for the street and for what is under it", "en-GB", "en-GB"),
        ("Qapla batlh je wa cha wej", "en", "en"),
        ("", "en", "en"),
    ],
)
def test_words_of_another_language_are_heard_as_such(text, filed_under, language):
    assert language_of([text], filed_under=filed_under) == language


def test_the_most_central_sentence_has_rank_one():
    texts = ["water rates rise", "the water rates", "rates and water and pipes", "a cat sleeps"]
    ranks = centrality(texts, Vocabulary("en"))
    assert max(ranks) == 1.0
    assert min(ranks) == ranks[3] == 0.0


def test_a_window_does_not_know_the_next():
    texts = [f"water rates rise in year {number}" for number in range(301)]
    assert len(centrality(texts, Vocabulary("en"))) == 301


def test_overlap_is_the_share_of_the_shorter():
    assert overlap(frozenset("ab"), frozenset("abcd")) == 1
    assert overlap(frozenset("ab"), frozenset("bcd")) == 0.5
    assert overlap(frozenset(), frozenset("a")) == 0


@pytest.mark.parametrize(
    ("language", "quotation"),
    [
        ("en", "Mayor Ana Quintero said: “It passes.”"),
        ("en-GB", "Mayor Ana Quintero said: “It passes.”"),
        ("de", "Mayor Ana Quintero sagte: „It passes.“"),
        ("xx", "Mayor Ana Quintero: “It passes.”"),
    ],
)
def test_words_are_quoted_as_the_language_does(language, quotation):
    assert voice(language).quote(" It passes. ", speaker_name="Mayor Ana Quintero") == quotation


@pytest.mark.parametrize("name", ["", "S0", "Speaker 3", "SPEAKER_01", "spk-2", "7"])
def test_a_number_for_a_voice_is_no_name(name):
    assert voice("en").quote("It passes.", speaker_name=name) == "“It passes.”"


def test_a_name_with_braces_is_only_a_name():
    quotation = voice("en").quote("It passes.", speaker_name="{quotation.__class__}")
    assert quotation == "{quotation.__class__} said: “It passes.”"
