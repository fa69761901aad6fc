"""What was heard becomes a version of its own, says who made it, and never covers people's work."""

import hashlib

import pytest

from meetings.transcripts import queries, services
from meetings.transcripts.models import Origin, Recognition, RecognizedPart, Transcript
from meetings.transcripts.speech import model
from meetings.transcripts.speech.phrases import Phrase, Word, written
from meetings.transcripts.utterances import Utterance
from tests.concurrency import at_once
from tests.meetings.media.factories import NOW, RecordingFactory
from tests.meetings.transcripts.speech.hearers import Hearer

pytestmark = pytest.mark.django_db
TEXT = "The meeting will come to order."


def heard(recording=None, *, text=TEXT, confidence=0.9, **facts) -> Recognition:
    """Something that was heard to its end and is not written down."""
    recording = recording or RecordingFactory()
    recognition = Recognition.objects.create(
        **{
            "recording": recording,
            "model_name": "tiny.en",
            "model_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "engine": "faster-whisper 1.2.1",
            "language": "en",
            "language_probability": 1.0,
            "heard_ms": 14_000,
            "begun_at": NOW,
        }
        | facts
    )
    words = tuple(
        Word(f" {word}", 1_000 + n * 200, 1_150 + n * 200, confidence)
        for n, word in enumerate(text.split())
    )
    phrases = [Phrase(1_000, 4_000, text, words, 0.1, -0.3, -20.0)] if words else []
    RecognizedPart.objects.create(
        recognition=recognition,
        start_ms=0,
        end_ms=14_000,
        spoken_ms=3_000,
        phrases=[written(phrase, by_ms=0) for phrase in phrases],
    )
    return recognition


def captions(meeting, language="en") -> Transcript:
    return services.add_version(
        meeting=meeting,
        language=language,
        source_format="webvtt",
        utterances=[Utterance(0, 1_000, "Good morning.")],
    )


def test_a_machines_words_say_which_model_made_them_and_that_nobody_reviewed_them():
    recognition = heard()

    transcript = services.write_down(recognition=recognition, now=NOW)

    assert transcript is not None
    assert queries.current(recognition.recording.meeting) == transcript
    assert (transcript.origin, transcript.format) == (Origin.RECOGNIZED, "speech")
    assert (transcript.reviewed_at, transcript.doubts) == (None, [])
    assert transcript.recognition == recognition
    assert (recognition.finished_at, recognition.parts.count()) == (NOW, 0)
    (segment,) = transcript.segments.all()
    assert (segment.text, segment.start_ms) == (TEXT, 1_000)
    assert segment.word_starts_ms == [0, 200, 400, 600, 800, 1_000]
    assert segment.word_confidences == [90] * 6
    assert segment.confidence == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"language_probability": 0.3}, "not certain which language is spoken: “en” by 30 percent"),
        ({"left_out_count": 3}, "3 of 4 phrases were left out"),
        ({"text": f"{TEXT} Thank you." + " Thank you." * 20}, "“thank you”"),
        ({"confidence": 0.2}, "100 percent of the text is unsure"),
    ],
)
def test_what_is_doubtful_is_flagged_for_staff_in_a_sentence(facts, sentence):
    transcript = services.write_down(recognition=heard(**facts), now=NOW)

    assert transcript is not None
    assert any(sentence in said for said in transcript.doubts)
    assert list(Transcript.objects.doubtful()) == [transcript]
    Transcript.objects.update(reviewed_at=NOW)
    assert not Transcript.objects.doubtful().exists()


def test_captions_that_came_meanwhile_stay():
    recognition = heard()
    given = captions(recognition.recording.meeting)

    assert services.write_down(recognition=recognition, now=NOW) is None

    assert queries.current(recognition.recording.meeting) == given
    assert (recognition.finished_at, RecognizedPart.objects.count()) == (NOW, 0)


def test_captions_in_another_language_stay_too():
    recognition = heard()
    captions(recognition.recording.meeting, language="es")
    assert services.write_down(recognition=recognition, now=NOW) is None
    assert not Transcript.objects.recognized().exists()


@pytest.mark.parametrize("touched", [{"reviewed_at": NOW}, {"origin": "corrected"}])
def test_what_people_reviewed_or_corrected_is_not_covered_by_a_new_hearing(touched):
    first = services.write_down(recognition=heard(), now=NOW)
    assert first is not None
    if "origin" in touched:
        touched = touched | {"made_from": 1, "change_count": 1}
    Transcript.objects.update(**touched)
    again = heard(first.recognition.recording, text="Something else was heard.")

    assert services.write_down(recognition=again, now=NOW) is None

    assert queries.current(first.meeting) == first


def test_a_better_models_words_come_as_the_next_version():
    first = services.write_down(recognition=heard(), now=NOW)
    assert first is not None
    again = heard(first.recognition.recording, text="The meeting will now come to order.")

    second = services.write_down(recognition=again, now=NOW)

    assert second is not None
    assert (second.version, queries.current(first.meeting)) == (2, second)


def test_a_second_hearing_in_another_language_takes_the_place_of_the_first():
    first = services.write_down(recognition=heard(language="cy"), now=NOW)
    assert first is not None
    again = heard(first.recognition.recording, text="The meeting will now come to order.")
    second = services.write_down(recognition=again, now=NOW)
    assert list(first.meeting.transcripts.current()) == [second]


def test_not_a_word_makes_no_transcript_and_ends_the_recognition():
    recognition = heard(text="")
    assert services.write_down(recognition=recognition, now=NOW) is None
    assert recognition.finished_at == NOW
    assert not Transcript.objects.exists()


def test_the_same_model_does_not_hear_the_same_recording_twice(monkeypatch):
    class Known(Hearer):
        def __init__(self):
            super().__init__()

        def hear(self, samples, **asked):
            raise AssertionError("It was heard before.")

    recognition = heard(model_sha256=Known.sha256)
    services.write_down(recognition=recognition, now=NOW)
    monkeypatch.setattr(model, "Whisper", Known)

    done = services.recognize(recording=recognition.recording, report=lambda _done: None, now=NOW)

    assert done is None


def test_with_captions_no_model_is_even_loaded(monkeypatch):
    recording = RecordingFactory()
    captions(recording.meeting)
    monkeypatch.delattr(model, "Whisper")
    assert services.recognize(recording=recording, report=lambda _done: None, now=NOW) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_it_down_one_does():
    recognition = heard()
    made = at_once(
        *[
            lambda: services.write_down(
                recognition=Recognition.objects.get(pk=recognition.pk), now=NOW
            )
        ]
        * 2
    )
    assert sorted(str(type(one).__name__) for one in made) == ["NoneType", "Transcript"]
    assert Transcript.objects.count() == 1
