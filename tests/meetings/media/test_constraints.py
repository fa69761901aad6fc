"""What must never be stored of a recording cannot be stored."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from meetings.media.models import Recording, State
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory

pytestmark = pytest.mark.django_db


def refused(constraint: str, **facts: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RecordingFactory(**facts)


@pytest.mark.parametrize(
    ("constraint", "facts"),
    [
        ("recording_state_known", {"state": "lost"}),
        ("recording_failed_says_why", {"state": State.FAILED}),
        ("recording_ready_can_be_played", {"ready": True, "duration_ms": None}),
        ("recording_ready_can_be_played", {"ready": True, "duration_ms": 0}),
        ("recording_ready_can_be_played", {"ready": True, "segment_ends_ms": []}),
        ("recording_ready_can_be_played", {"ready": True, "package_version": 0}),
        ("recording_ready_can_be_played", {"ready": True, "packaged_at": None}),
        ("recording_ready_can_be_heard", {"ready": True, "audio_codec": ""}),
        ("recording_progress_percent", {"progress": 101}),
        ("recording_is_not_empty", {"size_bytes": 0}),
        ("recording_sha256_is_one", {"sha256": "abc"}),
        ("recording_width_with_height", {"width": 100, "height": None}),
        ("recording_width_with_height", {"width": 0, "height": 0}),
        ("recording_poster_of_a_video", {"has_poster": True, "video_codec": ""}),
    ],
)
def test_the_database_refuses(constraint: str, facts: dict[str, Any]) -> None:
    refused(constraint, **facts)


def test_a_meeting_has_one_current_recording_and_any_number_before() -> None:
    meeting = MeetingFactory()
    RecordingFactory(meeting=meeting, is_current=False)
    RecordingFactory(meeting=meeting, is_current=False)
    RecordingFactory(meeting=meeting)

    refused("recording_one_current", meeting=meeting)


def test_a_file_is_a_meetings_recording_once() -> None:
    first = RecordingFactory(is_current=False)

    refused("recording_once_per_meeting", meeting=first.meeting, sha256=first.sha256)
    RecordingFactory(sha256=first.sha256)


def test_no_meeting_goes_away_with_its_recording() -> None:
    recording = RecordingFactory()

    with pytest.raises(ProtectedError):
        recording.meeting.delete()


def test_states_and_what_a_player_needs_read_as_sentences() -> None:
    ready, waiting = RecordingFactory(ready=True), RecordingFactory(video_codec="")

    assert list(Recording.objects.current().ready()) == [ready]
    assert (ready.is_ready, ready.has_video, ready.has_audio) == (True, True, True)
    assert (waiting.is_ready, waiting.has_video) == (False, False)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth_over_rows() -> None:
    from django.db.migrations.executor import MigrationExecutor

    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    meeting = MeetingFactory()
    before, after = [("meetings", "0001_initial")], [("meetings", "0002_recording")]
    try:
        MigrationExecutor(connection).migrate(after)
        executor = MigrationExecutor(connection)
        apps = executor.loader.project_state(after).apps
        steps = apps.get_model("meetings", "Step").objects
        steps.create(meeting_id=meeting.pk, name="packaged", state="held", error="Nothing yet.")
        steps.create(meeting_id=meeting.pk, name="drafted", state="done")
        executor.migrate(before)
        apps = MigrationExecutor(connection).loader.project_state(before).apps
        old = apps.get_model("meetings", "Step").objects
        assert list(old.values_list("name", "state")) == [("drafted", "done")]
        MigrationExecutor(connection).migrate(after)
        assert steps.get().name == "drafted"
    finally:
        MigrationExecutor(connection).migrate(newest)
