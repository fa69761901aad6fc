"""The two JSON formats: Council Data Project transcripts and aligned speech."""

import json
from typing import Any

import pytest

from meetings.transcripts.formats import read
from meetings.transcripts.formats.cues import AgendaMark, Cue, Effect, Reading, Word


def reading(document: Any) -> Reading:
    return read(json.dumps(document).encode(), "a.json")


def sentence(**changes: Any) -> dict[str, Any]:
    return {
        "text": "Good morning.",
        "start_time": 1.25,
        "end_time": 2.5,
        "confidence": 0.97,
        "speaker_name": "Ruiz",
        "words": [
            {"text": "good", "start_time": 1.25, "end_time": 1.9},
            {"text": "morning", "start_time": 1.9, "end_time": 2.4999999},
        ],
        **changes,
    }


def council(*sentences: Any) -> Reading:
    return reading({"generator": "CDP", "sentences": list(sentences)})


def test_sentence_becomes_a_cue_with_its_words():
    found = council(sentence(), sentence(start_time=3, end_time=4, speaker_name=None, words=None))
    words = (Word("good", 1250, 1900), Word("morning", 1900, 2500))
    assert found.cues == (
        Cue(1, 1250, 2500, "Good morning.", "Ruiz", 0.97, words),
        Cue(2, 3000, 4000, "Good morning.", "", 0.97),
    )
    assert (found.format, found.notes) == ("council-data", ())


@pytest.mark.parametrize(
    "time", [None, "soon", -1, True, float("nan"), float("inf"), 1e300, [], {}]
)
def test_sentence_without_sound_times_is_lost(time):
    found = council(sentence(start_time=time), sentence())
    assert [cue.line for cue in found.cues] == [2]
    assert [(note.line, note.effect, note.kind) for note in found.notes] == [
        (1, Effect.LOST, "text_without_times")
    ]


def test_sentence_that_ends_before_it_starts_is_handed_on():
    (note,) = council(sentence(end_time=0.5, words=[]), sentence()).notes
    assert note.kind == "ends_before_start"
    assert note.cue is not None
    assert (note.cue.start_ms, note.cue.end_ms) == (1250, 500)


def test_word_without_times_costs_the_words_and_not_the_sentence():
    found = council(sentence(words=[{"text": "good", "start_time": 2, "end_time": 1}]))
    assert found.cues[0].words == ()
    assert [note.kind for note in found.notes] == ["word_without_times"]


def test_text_is_taken_from_the_words_where_it_is_missing():
    assert council(sentence(text=None)).cues[0].text == "good morning"


def test_odd_entries_are_noted():
    found = council("no object", sentence(text="", words=None), sentence(confidence=7))
    assert [(note.line, note.kind) for note in found.notes] == [
        (1, "unreadable_entry"),
        (2, "empty_cue"),
    ]
    assert found.cues[0].confidence is None


def speech(title: str, starts: str | None, duration: float, uri: str, *sentences: Any) -> Any:
    body = {
        "type": "speech",
        "speaker": "Julia Klöckner",
        "sentences": [
            {"text": text, "timeStart": start, "timeEnd": end} for text, start, end in sentences
        ],
    }
    return {
        "agendaItem": {"title": title},
        "dateStart": starts,
        "media": {"videoFileURI": uri, "duration": duration},
        "people": [{"label": "Somebody", "context": "main-speaker"}],
        "textContents": [{"language": "de", "textBody": [body]}],
    }


FIRST = speech(
    "Eröffnung",
    "2025-05-06T09:00:00+02:00",
    298,
    "one.mp4",
    ("Guten Morgen!", "1.000", "3.5"),
)
SECOND = ("Wahl", "2025-05-06T09:04:58+02:00", 10, "two.mp4", ("\t\tIch rufe auf.", "0.5", "2.000"))


def test_speeches_are_moved_to_the_time_of_the_sitting():
    found = reading({"data": [FIRST, speech(*SECOND)]})
    assert found.cues == (
        Cue(1, 1000, 3500, "Guten Morgen!", "Julia Klöckner"),
        Cue(2, 298_500, 300_000, "Ich rufe auf.", "Julia Klöckner"),
    )
    assert found.agenda == (AgendaMark("Eröffnung", 0), AgendaMark("Wahl", 298_000))
    assert (found.format, found.language) == ("aligned-speech", "de")
    assert [(note.effect, note.kind) for note in found.notes] == [
        (Effect.REPAIRED, "times_of_each_speech")
    ]


def test_lengths_place_speeches_that_have_no_date():
    second = speech("Wahl", None, *SECOND[2:])
    assert reading({"data": [FIRST, second]}).cues[1].start_ms == 298_500


def test_speeches_of_one_recording_keep_their_times():
    second = speech(*SECOND[:3], "one.mp4", ("Weiter.", "300.000", "301.000"))
    found = reading([FIRST, second])
    assert found.cues[1].start_ms == 300_000
    assert found.notes == ()


def test_one_agenda_item_over_several_speeches_is_one_mark():
    second = speech("Eröffnung", *SECOND[1:])
    assert reading({"data": [FIRST, second]}).agenda == (AgendaMark("Eröffnung", 0),)


def test_sentence_without_times_is_lost_but_a_comment_is_not():
    first = speech(
        "A", None, 9, "one.mp4", ("Ja.", None, None), ("(Beifall)", None, None), ("Nein.", "1", "2")
    )
    assert [(note.line, note.effect, note.kind) for note in reading([first]).notes] == [
        (1, Effect.LOST, "text_without_times"),
        (2, Effect.MET, "comment"),
    ]


def test_main_speaker_stands_in_for_a_missing_name():
    document = json.loads(json.dumps(FIRST))
    del document["textContents"][0]["textBody"][0]["speaker"]
    assert reading([document]).cues[0].speaker == "Somebody"


def test_second_language_is_left_alone():
    document = json.loads(json.dumps(speech(*SECOND)))
    english = {
        "language": "en",
        "textBody": [{"sentences": [{"text": "Hi", "timeStart": 0, "timeEnd": 1}]}],
    }
    document["textContents"].insert(0, english)
    assert [cue.text for cue in reading([FIRST, document]).cues] == [
        "Guten Morgen!",
        "Ich rufe auf.",
    ]
