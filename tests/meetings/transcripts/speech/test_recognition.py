"""A recording is heard piece by piece: what was heard stays, and is heard once."""

import os
import subprocess
import sys
import wave
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from meetings.media import storage
from meetings.transcripts import services
from meetings.transcripts.models import Origin, Recognition, RecognizedPart
from meetings.transcripts.speech import recognition, sound
from meetings.transcripts.speech.needs import NotRecognized
from meetings.transcripts.speech.phrases import Language
from tests.concurrency import at_once
from tests.meetings.media.factories import NOW, record
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.transcripts.speech.hearers import Hearer, tone

ROOT = Path(__file__).resolve().parents[4]
PIECE_MS = 5_000


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """Twenty-three seconds of sound, to be heard in pieces of five."""
    monkeypatch.setattr(sound, "PIECE_MS", PIECE_MS)
    return record(MeetingFactory(), wav(tmp_path / "council.wav", 23), packaged=False)


def wav(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.RATE)
        file.writeframes(tone(seconds).astype("<i2").tobytes())
    return path


def hear(recording, hearer, report=lambda _done: None):
    return recognition.hear(recording=recording, recognizer=hearer, report=report, now=NOW)


def spans(heard):
    return list(heard.parts.order_by("start_ms").values_list("start_ms", "end_ms"))


@pytest.mark.django_db
def test_all_of_it_is_heard_in_pieces_that_leave_no_gap(recording):
    told = []
    heard = hear(recording, Hearer(), told.append)

    found = spans(heard)
    assert len(found) > 4
    assert [start for start, _end in found] == [0, *(end for _start, end in found[:-1])]
    assert heard.heard_ms == found[-1][1] == recording.duration_ms
    assert (heard.heard_ms, heard.spoken_ms) == (23_000, 23_000)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert (heard.language, heard.language_probability) == ("en", 0.9)


@pytest.mark.django_db
def test_whoever_takes_over_goes_on_behind_the_last_piece(recording):
    class Stopped(Exception):
        pass

    class Dying(Hearer):
        def hear(self, samples, **asked):
            if len(self.asked) == 2:
                raise Stopped
            return super().hear(samples, **asked)

    with pytest.raises(Stopped):
        hear(recording, Dying())
    before = spans(Recognition.objects.get())
    assert len(before) == 2

    second = Hearer(language=Language("fr", 0.8))
    heard = hear(recording, second)

    assert spans(heard)[:2] == before
    assert sum(asked["length_ms"] for asked in second.asked) == 23_000 - before[-1][1]
    assert {asked["language"] for asked in second.asked} == {"en"}  # as it was begun
    assert Recognition.objects.count() == 1
    assert hear(recording, Hearer()) == heard  # and once more there is nothing left to hear
    assert RecognizedPart.objects.count() == len(spans(heard))


@pytest.mark.django_db
def test_another_model_begins_anew(recording):
    hear(recording, Hearer())
    other = Hearer()
    other.sha256 = "1" * 64
    hear(recording, other)
    assert Recognition.objects.count() == 2


@pytest.mark.django_db
def test_what_can_hardly_be_heard_is_left_out_and_counted(recording):
    heard = hear(recording, Hearer(no_speech=0.95))
    assert heard.left_out_count >= 23  # one each second, and where a piece was cut
    assert [part.phrases for part in heard.parts.all()] == [[]] * heard.parts.count()


@pytest.mark.django_db
def test_the_language_is_listened_for_all_over_the_recording(tmp_path, settings):
    recording = record(MeetingFactory(), wav(tmp_path / "long.wav", 125), packaged=False)
    hearer = Hearer()
    hear(recording, hearer)
    assert hearer.places == [40, 40, 40, 37, 12]

    settings.SPEECH_LANGUAGE = "de-AT"
    again = Hearer()
    again.sha256 = "2" * 64
    heard = hear(recording, again)
    assert (heard.language, heard.language_probability) == ("de-AT", None)
    assert not hasattr(again, "places")


@pytest.mark.django_db
def test_where_nobody_speaks_nothing_is_begun(recording):
    with pytest.raises(NotRecognized, match="Nobody is heard speaking"):
        hear(recording, Hearer(language=None))
    assert not Recognition.objects.exists()


@pytest.mark.django_db
def test_an_original_that_is_gone_is_said_in_a_sentence(recording):
    (storage.root() / str(recording.original)).unlink()
    with pytest.raises(NotRecognized, match="Restore it from a backup"):
        hear(recording, Hearer())


@pytest.mark.django_db
def test_the_model_is_told_the_names_of_the_body(recording):
    recording.meeting.body.glossary = "Teresa Mosqueda"
    hearer = Hearer()
    hear(recording, hearer)
    assert hearer.asked[0]["names"] == ["Teresa Mosqueda"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_recording_keep_each_piece_once(recording):
    first, second = at_once(*[lambda: hear(recording, Hearer())] * 2)

    assert first == second
    found = spans(first)
    assert [start for start, _end in found] == [0, *(end for _start, end in found[:-1])]
    assert Recognition.objects.get().heard_ms == 23_000


WORKER = """
import django
django.setup()
import sys
from django.utils import timezone
from meetings.media.models import Recording
from meetings.transcripts.speech import recognition, sound
from tests.meetings.transcripts.speech.hearers import Hearer
sound.PIECE_MS = 5_000
class Slow(Hearer):
    def hear(self, samples, **asked):
        if len(self.asked) == 2:
            print("two", flush=True)
            sys.stdin.read()
        return super().hear(samples, **asked)
recording = Recording.objects.get()
recognition.hear(recording=recording, recognizer=Slow(), report=lambda done: None,
                 now=timezone.now())
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_costs_one_piece(recording, media):
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + connection.settings_dict["NAME"]
    )
    environment = {
        "DATABASE_URL": database.geturl(),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "MEDIA_ROOT": str(media),
    }
    with subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout.readline() == "two\n"
        worker.kill()
    left = Recognition.objects.get()
    assert (left.parts.count(), left.finished_at) == (2, None)
    hearer = Hearer()

    heard = hear(recording, hearer)
    transcript = services.write_down(recognition=heard, now=NOW)

    assert sum(asked["length_ms"] for asked in hearer.asked) == 23_000 - left.heard_ms
    assert transcript.origin == Origin.RECOGNIZED
    assert not RecognizedPart.objects.exists()
