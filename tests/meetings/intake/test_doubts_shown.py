"""Staff see which transcripts a machine made, why to look at them, and what is held up."""

import pytest

from meetings.intake.models import Step
from meetings.transcripts import services as transcripts
from meetings.transcripts.models import Origin, Recognition, Transcript
from meetings.transcripts.utterances import Utterance
from tests.meetings.media.factories import NOW, RecordingFactory

LIST = "/admin/meetings/transcript/"
DOUBT = "The same words come over and over in 1 place."


@pytest.fixture
def transcript(db) -> Transcript:
    recording = RecordingFactory()
    made = transcripts.add_version(
        meeting=recording.meeting,
        language="en",
        source_format="speech",
        utterances=[Utterance(0, 1_000, "Thank you.")],
        origin=Origin.RECOGNIZED,
        doubts=[DOUBT],
    )
    Recognition.objects.create(
        recording=recording,
        transcript=made,
        model_name="whisper-small",
        model_sha256="ab" * 32,
        engine="faster-whisper 1.2.1",
        language="en",
        begun_at=NOW,
        finished_at=NOW,
    )
    return made


def test_the_page_of_a_transcript_says_what_made_it_and_why_to_look(staff, transcript):
    page = staff.get(f"{LIST}{transcript.pk}/change/").content.decode()
    assert f"<p>{DOUBT}</p>" in page
    assert "whisper-small (faster-whisper 1.2.1), SHA-256 " + "ab" * 32 in page
    assert "Recognized by a machine" in page


def test_the_screens_that_correct_it_say_why_to_look_until_somebody_has(staff, transcript):
    screen = f"{LIST}{transcript.pk}/edit/"
    assert f"<li>{DOUBT}</li>" in staff.get(screen, follow=True).content.decode()
    transcripts.mark_reviewed(transcript=transcript, by=staff.user, now=NOW)
    assert DOUBT not in staff.get(screen, follow=True).content.decode()


def test_the_list_and_the_desk_lead_to_those_that_nobody_looked_at(staff, transcript):
    def waiting():
        return {one.title: one for one in staff.get("/admin/").context["waiting"]}

    def listed():
        return staff.get(LIST + "?doubtful=yes").context["cl"].result_count

    assert waiting()["transcripts to look at"].count == listed() == 1
    transcripts.mark_reviewed(transcript=transcript, by=staff.user, now=NOW)
    assert waiting()["transcripts to look at"].count == listed() == 0


def test_what_is_held_up_is_on_the_desk_with_what_is_missing(staff, transcript):
    Step.objects.create(
        meeting=transcript.meeting, name="transcribed", state="held", error="No speech model."
    )
    [held] = [
        one for one in staff.get("/admin/").context["waiting"] if one.title == "steps held up"
    ]
    assert held.count == 1
    assert "No speech model." in staff.get(held.url).content.decode()


def test_how_far_a_step_is_stands_in_the_list(staff, transcript):
    Step.objects.create(
        meeting=transcript.meeting, name="transcribed", state="running", progress=42
    )
    assert "42 %" in staff.get("/admin/meetings/step/").content.decode()
