"""The index follows the log: what is published is found, what is withdrawn is gone."""

import shutil
import time
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from meetings.records import changes
from meetings.records import services as records
from meetings.records.models import Change, Meeting, State
from meetings.search import following
from meetings.search.building import rebuild
from meetings.search.folder import Folder, lock
from meetings.search.following import IndexFollower, lag
from meetings.search.hits import EVERYTHING, Order, Question, find
from meetings.search.parsing import parse
from meetings.search.reading import Reader
from meetings.search.writing import Checkpoint, NoRoom, Unusable, Writer, writer
from meetings.transcripts.utterances import Utterance
from tests.meetings.records.factories import MeetingFactory
from tests.meetings.search.contents import builds, contents
from tests.meetings.transcripts.factories import transcribe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("alone"),
]


def draft(text: str) -> Meeting:
    return say(text, MeetingFactory(state=State.DRAFT))


def say(text: str, meeting: Meeting) -> Meeting:
    version = meeting.transcripts.count() + 1
    return transcribe([Utterance(0, 1_000, text)], meeting=meeting, version=version).meeting


def publish(meeting: Meeting) -> Meeting:
    return records.publish(meeting=meeting, now=timezone.now())


@pytest.fixture
def index(folder):
    """A follower of the test's folder, which has built it already."""
    one = IndexFollower(folder)
    follow(one)
    yield one
    one.leave()


@pytest.fixture
def found(folder):
    """The meetings in which a word is found."""
    reader = Reader(folder)

    def found(word: str) -> set[int]:
        question = Question(parse(word).tree, EVERYTHING)
        hits = find(reader.open(), question, order=Order.RELEVANCE, limit=100).hits
        return {hit.meeting for hit in hits}

    return found


def follow(index: IndexFollower) -> None:
    for _ in range(20):
        if not index.follow():
            return
    raise AssertionError("It never comes to the end.")


def test_a_meeting_is_found_when_published_and_gone_when_withdrawn(index, found):
    meeting = draft("The levee.")
    follow(index)
    assert found("levee") == set()
    publish(meeting)
    follow(index)
    assert found("levee") == {meeting.pk}
    with transaction.atomic():
        say("The dam.", meeting)
        records.note_edit(meeting=meeting)
    follow(index)
    assert (found("levee"), found("dam")) == (set(), {meeting.pk})
    records.withdraw(meeting=meeting, reason="Recorded twice.")
    follow(index)
    assert found("dam") == set()


def test_a_meeting_that_is_no_more_is_gone_from_the_index(index, found):
    meeting = publish(draft("The levee."))
    follow(index)
    records.withdraw(meeting=meeting, reason="Recorded twice.")
    meeting.transcripts.all().delete()
    Meeting.objects.filter(pk=meeting.pk).delete()
    follow(index)
    assert found("levee") == set()


def test_what_was_followed_equals_a_fresh_rebuild(index, folder, tmp_path):
    meetings = [publish(draft(f"The levee holds number{number}.")) for number in range(6)]
    follow(index)
    records.withdraw(meeting=meetings[0], reason="Recorded twice.")
    records.set_agenda(meeting=meetings[1], items=[records.Item("Opening the levee")])
    with transaction.atomic():
        say("A dam instead.", meetings[2])
        records.note_edit(meeting=meetings[2])
    follow(index)
    fresh = Folder(tmp_path / "fresh")
    rebuild(fresh)
    assert contents(folder) == contents(fresh)
    assert contents(folder).total() == 6  # four levees, a dam and an agenda item
    records.withdraw(meeting=meetings[3], reason="Recorded twice.")
    rebuild(fresh)
    assert contents(folder) != contents(fresh)


def test_each_change_is_done_once(index, monkeypatch):
    publish(draft("The levee."))
    follow(index)
    monkeypatch.setattr(Writer, "replace", lambda *_: pytest.fail("It was done already."))
    follow(index)
    index.leave()
    follow(index)  # nor after a start


def test_a_slow_transaction_that_commits_late_is_not_skipped(index, found):
    slow_one, quick_one = draft("The levee."), draft("The levee.")
    with closing(psycopg.connect(**connection.get_connection_params())) as slow:
        slow.execute(
            "INSERT INTO meetings_change (meeting_id, kind, created_at)"
            " VALUES (%s, 'published', now())",
            [slow_one.pk],
        )
        publish(quick_one)
        follow(index)
        assert found("levee") == set()
        slow.execute(
            "UPDATE meetings_meeting SET state = 'published', published_at = now() WHERE id = %s",
            [slow_one.pk],
        )
        slow.commit()
    follow(index)
    assert found("levee") == {slow_one.pk, quick_one.pk}


@pytest.mark.parametrize("moment", ["before the commit", "after the commit"])
def test_a_crash_at_the_commit_loses_nothing_and_doubles_nothing(
    index, folder, found, monkeypatch, moment
):
    meeting = publish(draft("The levee."))
    commit = Writer.commit

    def dies(self: Writer, at: Checkpoint) -> None:
        if moment == "after the commit":
            commit(self, at)
        raise RuntimeError("power is gone")

    with monkeypatch.context() as broken:
        broken.setattr(Writer, "commit", dies)
        with pytest.raises(RuntimeError):
            index.follow()
    assert found("levee") == ({meeting.pk} if moment == "after the commit" else set())
    follow(IndexFollower(folder))
    assert found("levee") == {meeting.pk}
    assert contents(folder).total() == 1


def test_a_missing_index_is_built(folder, found):
    meeting = publish(draft("The levee."))
    follow(IndexFollower(folder))
    assert found("levee") == {meeting.pk}


def _meta_gone(build):
    (build / "meta.json").unlink()


def _cut_short(build):
    for part in [*build.glob("*.idx"), *build.glob("*.term"), *build.glob("*.fast")]:
        with part.open("r+b") as file:
            file.truncate(part.stat().st_size // 2)


def _of_another_version(build):
    with writer(build) as index:
        index.commit(Checkpoint(system=1, xid=1, version=0))


@pytest.mark.parametrize("damage", [_meta_gone, _cut_short, _of_another_version, shutil.rmtree])
def test_an_index_that_cannot_be_trusted_is_built_anew(index, folder, found, damage):
    meeting = publish(draft("The levee."))
    follow(index)
    index.leave()
    damage(folder.current())
    follow(IndexFollower(folder))
    assert found("levee") == {meeting.pk}


@pytest.mark.parametrize("damage", [_meta_gone, shutil.rmtree])
def test_files_that_go_while_it_follows_are_missed(index, folder, found, damage):
    meeting = publish(draft("The levee."))
    follow(index)
    damage(folder.current())
    follow(index)
    assert found("levee") == {meeting.pk}


def test_another_system_identifier_means_a_rebuild(index, folder, found, monkeypatch):
    meeting = publish(draft("The levee."))
    follow(index)
    build = folder.current()
    here = changes._snapshot
    monkeypatch.setattr(changes, "_snapshot", lambda: (here()[0] + 1, *here()[1:]))
    with pytest.raises(Unusable, match="another database"):
        lag(Reader(folder), now=timezone.now())
    follow(index)
    assert folder.current() != build
    assert found("levee") == {meeting.pk}
    assert Reader(folder).open().checkpoint.system == here()[0] + 1


def test_a_database_that_went_back_in_time_means_a_rebuild(index, folder, found):
    kept, lost = publish(draft("The levee.")), publish(draft("The levee."))
    follow(index)
    index.leave()
    assert found("levee") == {kept.pk, lost.pk}
    Change.objects.filter(meeting_id=lost.pk).delete()  # as the backup was made before
    Meeting.objects.filter(pk=lost.pk).update(state=State.DRAFT)
    follow(IndexFollower(folder))
    assert found("levee") == {kept.pk}


def test_of_two_on_one_folder_one_stands_by_and_takes_over(index, folder, found, caplog):
    second = IndexFollower(folder)
    meeting = publish(draft("The levee."))
    for _ in range(3):
        assert second.follow() is False
    assert found("levee") == set()
    assert caplog.text.count("stands by") == 1
    index.leave()
    follow(second)
    assert found("levee") == {meeting.pk}
    assert index.follow() is False
    second.leave()


def test_a_rebuild_beside_it_is_taken_over_and_the_old_build_goes(index, folder, found):
    follow(index)
    first = publish(draft("The levee."))
    rebuild(folder)
    second = publish(draft("The levee."))
    follow(index)
    assert found("levee") == {first.pk, second.pk}
    assert len(builds(folder)) == 1


def test_while_another_process_rebuilds_it_waits(folder, found):
    meeting = publish(draft("The levee."))
    one = IndexFollower(folder)
    folder.builds.mkdir(parents=True)
    with lock(folder.root / "rebuild.lock"):
        assert one.follow() is False
    follow(one)
    assert found("levee") == {meeting.pk}
    one.leave()


def test_a_full_disk_is_told_and_nothing_is_lost(index, folder, found, monkeypatch):
    meeting = publish(draft("The levee."))

    def full(self, at):
        raise NoRoom("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Writer, "commit", full)
        with pytest.raises(NoRoom):
            index.follow()
    follow(index)
    assert found("levee") == {meeting.pk}


def test_the_lag_of_an_index(index, folder):
    reader = Reader(folder)
    assert lag(reader, now=timezone.now()) is None
    publish(draft("The levee."))
    assert lag(reader, now=timezone.now() + timedelta(seconds=5)).seconds > 4
    follow(index)
    assert lag(reader, now=timezone.now()) is None


def test_a_build_that_could_not_be_searched_is_made_again_once_it_is_an_hour_old(
    index, folder, found, monkeypatch
):
    meeting = publish(draft("The levee."))
    follow(index)
    first = folder.current()
    folder.doubt()
    follow(index)
    assert folder.current() == first  # it opens, and is young
    later = time.time() + following.TRUSTED + 1
    monkeypatch.setattr(following, "time", lambda: later)
    follow(index)
    assert folder.current() == first  # nobody doubts it any more
    folder.doubt()
    follow(index)
    assert folder.current() != first
    assert not [*folder.builds.glob("*.doubt")]
    assert found("levee") == {meeting.pk}


def test_a_build_that_a_searcher_finds_damaged_is_made_again_at_once(index, folder, found):
    meeting = publish(draft("The levee."))
    follow(index)
    first = folder.current()
    (first / "meta.json").write_text("{")
    with pytest.raises(Unusable):
        found("levee")
    folder.doubt()
    follow(index)
    assert folder.current() != first
    assert found("levee") == {meeting.pk}


def test_doubts_need_no_folder_and_no_permission(tmp_path, folder, index):
    Folder(tmp_path / "none").doubt()
    folder.builds.chmod(0o500)
    try:
        folder.doubt()
    finally:
        folder.builds.chmod(0o700)
