"""A recording without captions is heard once it is packaged; what is missing is waited for."""

import contextlib
import wave
from datetime import UTC, datetime

import pytest

from meetings.intake import steps, tasks
from meetings.intake.models import Step
from meetings.media import services as media
from meetings.records.models import Change, State
from meetings.transcripts import services as transcripts
from meetings.transcripts.models import Transcript
from meetings.transcripts.speech import model, needs, recognition
from meetings.transcripts.utterances import Utterance
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.speech.hearers import Hearer, tone

NOW = datetime(2026, 9, 15, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def sound(monkeypatch, tmp_path):
    """Originals need not be there: whoever asks is given fourteen seconds of sound."""
    path = tmp_path / "original.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(tone(14).astype("<i2").tobytes())
    monkeypatch.setattr(
        recognition.originals, "on_disk", lambda _name, **_how: contextlib.nullcontext(path)
    )


@pytest.fixture
def hearer(monkeypatch, sound):
    """A model that is there, at the seam that is ours."""
    hearer = Hearer()
    monkeypatch.setattr(needs, "lacking", lambda: "")
    monkeypatch.setattr(model, "Whisper", lambda: hearer)
    return hearer


def transcribed(meeting) -> Step:
    return Step.objects.get(meeting=meeting, name=Step.Name.TRANSCRIBED)


def ask(meeting) -> Step:
    return steps.ask_for(meeting=meeting, name=Step.Name.TRANSCRIBED)


def captions(meeting) -> Transcript:
    return transcripts.add_version(
        meeting=meeting,
        language="en",
        source_format="webvtt",
        utterances=[Utterance(0, 1_000, "Good morning.")],
    )


@pytest.mark.parametrize("has_captions", [False, True])
def test_a_packaged_recording_is_heard_only_where_there_are_no_captions(monkeypatch, has_captions):
    monkeypatch.setattr(media, "package", lambda **_given: None)
    meeting = RecordingFactory().meeting
    if has_captions:
        captions(meeting)
    step = steps.ask_for(meeting=meeting, name=Step.Name.PACKAGED)

    steps.run(steps.claim(now=NOW, among={Step.Name.PACKAGED}))

    asked = set(Step.objects.exclude(pk=step.pk).values_list("name", flat=True))
    assert asked == (set() if has_captions else {"transcribed"})


def test_it_is_work_for_the_long_queue():
    assert Step.Name.TRANSCRIBED in steps.LONG


def test_the_words_are_written_down_and_an_article_is_asked_for(hearer):
    meeting = RecordingFactory(meeting__state=State.DRAFT).meeting
    ask(meeting)

    tasks.take_up_long()

    step = transcribed(meeting)
    assert (step.state, step.error, step.progress) == (Step.State.DONE, "", 100)
    transcript = meeting.transcripts.get()
    assert (transcript.origin, transcript.recognition.model_name) == ("recognized", "hearer-1")
    assert Step.objects.get(meeting=meeting, name=Step.Name.DRAFTED).state == Step.State.WAITING
    assert not Change.objects.exists()  # nobody has seen the meeting yet


def test_of_a_public_meeting_followers_hear_that_there_are_words(hearer):
    meeting = RecordingFactory().meeting
    ask(meeting)
    tasks.take_up_long()
    assert Change.objects.get().kind == Change.Kind.EDITED


def test_doubtful_words_are_no_ground_for_an_article(hearer):
    hearer.language = recognition.Language("cy", 0.2)
    meeting = RecordingFactory().meeting
    ask(meeting)

    tasks.take_up_long()

    assert meeting.transcripts.get().doubts
    assert not Step.objects.filter(name=Step.Name.DRAFTED).exists()


@pytest.mark.parametrize("missing", ["package", "setting", "folder"])
def test_without_the_extra_or_the_model_it_is_held_up_and_goes_on_by_itself(
    monkeypatch, settings, sound, tmp_path, missing
):
    meeting = RecordingFactory().meeting
    ask(meeting)
    settings.SPEECH_MODEL = {"setting": "", "folder": str(tmp_path / "none")}.get(missing, "")
    if missing == "package":
        monkeypatch.setattr(needs, "PACKAGE", "no_such_package")

    tasks.take_up_long()
    begun_at = transcribed(meeting).started_at
    tasks.take_up_long()  # beat, a minute later: nothing has changed, and nothing is tried

    step = transcribed(meeting)
    assert (step.state, step.started_at) == (Step.State.HELD, begun_at)
    assert "goes on by itself" in step.error
    assert not meeting.transcripts.exists()

    monkeypatch.setattr(needs, "lacking", lambda: "")
    monkeypatch.setattr(model, "Whisper", Hearer)
    tasks.take_up_long()

    assert transcribed(meeting).state == Step.State.DONE
    assert meeting.transcripts.exists()


def test_what_waits_for_a_recording_is_not_tried_each_minute(hearer):
    meeting = MeetingFactory()
    ask(meeting)
    for _minute in range(5):
        tasks.take_up_long()
    step = transcribed(meeting)
    assert (step.state, step.tries) == (Step.State.HELD, 1)
    assert "no recording yet" in step.error


def test_a_recording_in_which_nobody_speaks_fails_with_a_sentence(hearer):
    hearer.language = None
    meeting = RecordingFactory().meeting
    ask(meeting)
    tasks.take_up_long()
    step = transcribed(meeting)
    assert step.state == Step.State.FAILED
    assert "Nobody is heard speaking" in step.error


def test_a_recording_without_a_word_fails_with_a_sentence(hearer):
    hearer.measures = {"no_speech": 0.97}
    meeting = RecordingFactory().meeting
    ask(meeting)
    tasks.take_up_long()
    step = transcribed(meeting)
    assert step.state == Step.State.FAILED
    assert "Not a word was heard" in step.error
    assert not meeting.transcripts.exists()


def test_with_captions_there_is_nothing_to_do(hearer):
    meeting = RecordingFactory().meeting
    given = captions(meeting)
    ask(meeting)
    tasks.take_up_long()
    assert transcribed(meeting).state == Step.State.DONE
    assert list(meeting.transcripts.all()) == [given]
    assert hearer.asked == []


def test_how_far_it_is_stands_on_the_row(hearer, monkeypatch):
    seen = []
    meeting = RecordingFactory().meeting
    ask(meeting)
    monkeypatch.setattr(steps, "SAID_EVERY_S", 0.0)
    hear = hearer.hear

    def looking(samples, **asked):
        heard = hear(samples, **asked)
        seen.append(transcribed(meeting))
        return heard

    monkeypatch.setattr(hearer, "hear", looking)
    tasks.take_up_long()

    assert [(step.state, step.progress) for step in seen] == [(Step.State.RUNNING, 92)]
    assert seen[0].alive_at is not None


def test_captions_end_the_wait_for_a_model():
    held, running = RecordingFactory().meeting, RecordingFactory().meeting
    for meeting in (held, running):
        ask(meeting)
    Step.objects.filter(meeting=held).update(state=Step.State.HELD, error="No model.")
    Step.objects.filter(meeting=running).update(state=Step.State.RUNNING)

    for meeting in (held, running):
        steps.captions_came(meeting=meeting)

    assert transcribed(held).state == Step.State.DONE
    assert transcribed(running).state == Step.State.RUNNING  # it finds out by itself
