"""The index folder: whole or not at all, one writer, rebuilt when it cannot be trusted."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from io import StringIO

import pytest
import tantivy
from django.core.management import CommandError, call_command

from meetings.records import services as records
from meetings.records.changes import end
from meetings.records.models import Meeting
from meetings.search import schema, writing
from meetings.search.building import rebuild
from meetings.search.documents import Places, documents
from meetings.search.folder import Busy, Folder, lock
from meetings.search.hits import EVERYTHING, Order, Question, find
from meetings.search.parsing import parse
from meetings.search.reading import Reader
from meetings.search.writing import Checkpoint, NoRoom, Unusable, writer
from meetings.transcripts.utterances import Utterance
from tests.meetings.search.contents import builds
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db


def say(text: str) -> Meeting:
    return transcribe([Utterance(0, 1_000, text)]).meeting


def meetings_with(word: str, reader: Reader) -> set[int]:
    question = Question(parse(word).tree, EVERYTHING)
    hits = find(reader.open(), question, order=Order.RELEVANCE, limit=100).hits
    return {hit.meeting for hit in hits}


def everything(folder: Folder) -> list[str]:
    return sorted(path.name for path in folder.builds.iterdir())


def change(folder: Folder, *meetings: Meeting, checkpoint: Checkpoint) -> None:
    """Put the meetings as they are now into the current build."""
    build = folder.current()
    with folder.writing(build), writer(build) as index:
        places = Places()
        for meeting in meetings:
            fresh = Meeting.objects.select_related("body__place").get(pk=meeting.pk)
            index.replace(meeting.pk, documents(fresh, places))
        index.commit(checkpoint)


def test_before_the_first_build_there_is_nothing_to_open(folder):
    with pytest.raises(Unusable, match="no index yet"):
        Reader(folder).open()
    assert not folder.root.exists()


def test_a_rebuild_swaps_and_an_open_reader_sees_it(folder):
    first = say("The levee.")
    rebuild(folder)
    reader = Reader(folder)
    assert meetings_with("levee", reader) == {first.pk}
    second = say("The levee.")
    assert meetings_with("levee", reader) == {first.pk}
    rebuild(folder)
    assert meetings_with("levee", reader) == {first.pk, second.pk}
    assert len(builds(folder)) == 1


def test_the_checkpoint_is_where_the_log_stood_before(folder):
    system, xid, _change = end()
    rebuild(folder)
    found = Reader(folder).open().checkpoint
    assert (found.system, found.version) == (system, schema.VERSION)
    assert found.xid >= xid


def test_replacing_a_meeting_twice_changes_nothing_and_a_withdrawn_one_goes(folder):
    meeting, other = say("The levee."), say("The levee.")
    rebuild(folder)
    reader = Reader(folder)
    for step in (1, 2):
        change(folder, meeting, checkpoint=Checkpoint(system=1, xid=5, change=step))
        opened_now = reader.open()
        assert opened_now.checkpoint.change == step
        assert opened_now.searcher.num_docs == 3  # two passages and one checkpoint
    records.withdraw(meeting=meeting, reason="Recorded twice.")
    change(folder, meeting, checkpoint=Checkpoint(system=1, xid=6))
    assert meetings_with("levee", reader) == {other.pk}


def test_what_was_not_committed_is_forgotten(folder):
    meeting = say("The levee.")
    rebuild(folder)
    build = folder.current()

    def interrupted():
        with writer(build) as index:
            index.replace(meeting.pk, [])
            raise RuntimeError("power is gone")

    with pytest.raises(RuntimeError, match="power"):
        interrupted()
    assert meetings_with("levee", Reader(folder)) == {meeting.pk}


def test_of_two_rebuilds_at_once_the_second_is_refused_and_harms_nothing(folder):
    say("The levee.")
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with folder.rebuilding():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(Busy):
        rebuild(folder)
    leave.set()
    thread.join(10)
    rebuild(folder)
    assert meetings_with("levee", Reader(folder))


def test_a_build_has_one_writer(folder):
    rebuild(folder)
    with folder.writing(folder.current()), pytest.raises(Busy), folder.writing(folder.current()):
        pass


def test_a_failed_rebuild_leaves_the_old_index_and_no_trace(folder, monkeypatch):
    meeting = say("The levee.")
    rebuild(folder)
    before = everything(folder)

    def full(self, checkpoint):
        raise NoRoom("No space left on device")

    monkeypatch.setattr(writing.Writer, "commit", full)
    with pytest.raises(NoRoom):
        rebuild(folder)
    assert everything(folder) == before
    assert meetings_with("levee", Reader(folder)) == {meeting.pk}


@contextmanager
def no_file_longer_than(size: int):
    """As a full disk does, fails the write that goes beyond."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_is_full_ends_the_rebuild_and_leaves_the_old_index(folder):
    meeting = say("The levee.")
    rebuild(folder)
    before = everything(folder)
    say(" ".join(f"word{number}" for number in range(5_000)))
    with no_file_longer_than(20_000), pytest.raises(NoRoom):
        rebuild(folder)
    assert everything(folder) == before
    assert meetings_with("levee", Reader(folder)) == {meeting.pk}
    rebuild(folder)
    assert meetings_with("word77", Reader(folder))


def _without_meta(build):
    (build / "meta.json").unlink()


def _with_garbage(build):
    (build / "meta.json").write_text("{")


def _without_a_part(build):
    for part in build.glob("*.store"):
        part.unlink()


def _cut_short(build):
    for part in [*build.glob("*.idx"), *build.glob("*.term"), *build.glob("*.fast")]:
        with part.open("r+b") as file:
            file.truncate(part.stat().st_size // 2)


def _emptied(build):
    shutil.rmtree(build)
    build.mkdir()


def _of_another_version(build):
    with writer(build) as index:
        index.commit(Checkpoint(system=1, xid=1, version=schema.VERSION + 1))


def _of_another_schema(build):
    shutil.rmtree(build)
    build.mkdir()
    other = tantivy.SchemaBuilder()
    other.add_text_field("words")
    tantivy.Index(other.build(), path=str(build)).writer(15_000_000, 1).commit()


@pytest.mark.parametrize(
    "damage",
    [
        _without_meta,
        _with_garbage,
        _without_a_part,
        _cut_short,
        _emptied,
        _of_another_version,
        _of_another_schema,
    ],
)
def test_a_damaged_or_foreign_index_is_not_trusted_and_a_rebuild_heals_it(folder, damage):
    meeting = say("The levee.")
    rebuild(folder)
    damage(folder.current())
    reader = Reader(folder)
    with pytest.raises(Unusable):
        reader.open()
    rebuild(folder)
    assert meetings_with("levee", reader) == {meeting.pk}


def test_a_link_to_nowhere_is_no_index(folder):
    rebuild(folder)
    shutil.rmtree(folder.current())
    with pytest.raises(Unusable):
        Reader(folder).open()
    rebuild(folder)
    Reader(folder).open()


@pytest.mark.slow
def test_searches_go_on_while_the_index_is_swapped(folder):
    meeting = say("The levee.")
    rebuild(folder)
    reader, wrong, stop = Reader(folder), [], threading.Event()

    def read():
        while not stop.is_set():
            try:
                if meetings_with("levee", reader) != {meeting.pk}:
                    wrong.append("missing")
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to name it
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    for _ in range(5):
        rebuild(folder)
    stop.set()
    for thread in readers:
        thread.join(10)
    assert wrong == []


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
from meetings.search.folder import Folder
from meetings.search.writing import Checkpoint, writer
folder = Folder(Path({folder!r}))
with folder.rebuilding() as build:
    with writer(build) as index:
        index.commit(Checkpoint(system=1, xid=1))
        print("ready", flush=True)
        time.sleep(60)
"""


@pytest.mark.slow
def test_a_builder_that_is_killed_leaves_no_lock_and_its_build_is_swept(folder, settings):
    meeting = say("The levee.")
    rebuild(folder)
    script = KILLED.format(root=str(settings.BASE_DIR), folder=str(folder.root))
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ}, text=True
    ) as killed:
        assert killed.stdout.readline() == "ready\n"
        with pytest.raises(Busy), lock(folder.root / "rebuild.lock"):
            pass
        killed.send_signal(signal.SIGKILL)
    assert len(builds(folder)) == 2
    assert meetings_with("levee", Reader(folder)) == {meeting.pk}
    rebuild(folder)
    assert len(builds(folder)) == 1
    assert meetings_with("levee", Reader(folder)) == {meeting.pk}


def test_the_command_builds_and_tells(folder, settings):
    settings.INDEX_ROOT = folder.root
    meeting = say("The levee.")
    out = StringIO()
    call_command("rebuild_index", stdout=out)
    assert out.getvalue().startswith("1 meetings, 1 documents in ")
    assert meetings_with("levee", Reader(folder)) == {meeting.pk}
    with (
        lock(folder.root / "rebuild.lock"),
        pytest.raises(CommandError, match="being built by another"),
    ):
        call_command("rebuild_index", stdout=out)
