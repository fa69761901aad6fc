"""Steps are done once, survive a dead worker, and say what went wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from meetings.articles.services import NotDraftable
from meetings.intake import services, steps, tasks
from meetings.intake.models import Step
from tests.concurrency import at_once
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.records.factories import MeetingFactory

NOW = datetime(2026, 9, 15, 9, tzinfo=UTC)


@pytest.fixture
def step() -> Step:
    return steps.ask_for(meeting=MeetingFactory(), name=Step.Name.DRAFTED)


def work(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> list[object]:
    """Replace the work by one that notes whom it was done for, or fails."""
    done: list[object] = []

    def do(meeting: object, now: datetime, alive: object) -> None:
        done.append(meeting)
        if error:
            raise error

    monkeypatch.setitem(steps.WORK, Step.Name.DRAFTED, do)
    return done


@pytest.mark.django_db
def test_a_step_is_done_once(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    done = work(monkeypatch)

    tasks.take_up_waiting()
    tasks.take_up_waiting()

    step.refresh_from_db()
    assert done == [step.meeting]
    assert (step.state, step.tries, step.error) == (Step.State.DONE, 1, "")
    assert step.duration is not None


@pytest.mark.django_db
def test_what_was_expected_to_fail_says_so(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    work(monkeypatch, NotDraftable("There is too little to write about."))

    tasks.take_up_waiting()

    step.refresh_from_db()
    assert (step.state, step.error) == (Step.State.FAILED, "There is too little to write about.")


@pytest.mark.django_db
def test_the_unexpected_is_kept_and_rises(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    work(monkeypatch, KeyError("secret"))

    with pytest.raises(KeyError):
        tasks.take_up_waiting()

    step.refresh_from_db()
    assert step.state == Step.State.FAILED
    assert "KeyError" in step.error
    assert "secret" not in step.error


@pytest.mark.django_db
def test_a_step_whose_worker_died_is_taken_up_again(step: Step) -> None:
    assert steps.claim(now=NOW) == step
    assert steps.claim(now=NOW + timedelta(minutes=1)) is None

    again = steps.claim(now=NOW + Step.LEASE + timedelta(seconds=1))

    assert again == step
    assert again is not None
    assert again.tries == 2


@pytest.mark.django_db
def test_a_step_that_kills_its_worker_each_time_is_given_up(step: Step) -> None:
    later = NOW
    for _try in range(Step.TRIES_MAX):
        steps.claim(now=later)
        later += Step.LEASE + timedelta(seconds=1)

    steps.claim(now=later)

    step.refresh_from_db()
    assert step.state == Step.State.FAILED
    assert step.error


@pytest.mark.django_db
def test_a_late_worker_does_not_end_what_another_took_up(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(monkeypatch)
    late = steps.claim(now=NOW)
    steps.claim(now=NOW + Step.LEASE + timedelta(seconds=1))
    assert late is not None

    steps.run(late)

    step.refresh_from_db()
    assert step.state == Step.State.RUNNING


@pytest.mark.django_db
def test_a_late_worker_does_not_end_what_was_asked_for_anew(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words changed while they were checked, and a second worker checks them by now."""
    work(monkeypatch)
    late = steps.claim(now=NOW)
    assert late is not None
    steps.ask_for(meeting=step.meeting, name=Step.Name.DRAFTED)
    second = steps.claim(now=NOW + timedelta(seconds=1))
    assert second is not None
    assert second.tries == late.tries

    steps.run(late)
    steps._heartbeat(late)()

    step.refresh_from_db()
    assert (step.state, step.alive_at) == (Step.State.RUNNING, None)


@pytest.mark.django_db
def test_staff_run_a_failed_step_again(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    work(monkeypatch, NotDraftable("Not yet."))
    tasks.take_up_waiting()
    step.refresh_from_db()

    services.run_again(step=step)

    step.refresh_from_db()
    assert (step.state, step.tries, step.error) == (Step.State.WAITING, 0, "")


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_step() -> None:
    for _ in range(3):
        steps.ask_for(meeting=MeetingFactory(), name=Step.Name.DRAFTED)

    def claim() -> int | None:
        taken = steps.claim(now=NOW)
        return taken.pk if taken else None

    taken = at_once(*[claim] * 6)

    ids = [pk for pk in taken if pk is not None]
    assert len(ids) == len(set(ids)) == 3


@pytest.mark.django_db
def test_without_a_recording_packaging_is_held_up_and_says_so() -> None:
    step = steps.ask_for(meeting=MeetingFactory(), name=Step.Name.PACKAGED)

    tasks.take_up_long()

    step.refresh_from_db()
    assert step.state == Step.State.HELD
    assert "no recording yet" in step.error
    assert steps.claim(now=NOW, among=steps.LONG) is None


@pytest.mark.django_db
def test_a_recording_is_packaged_by_its_step() -> None:
    recording = RecordingFactory(ready=True)
    step = steps.ask_for(meeting=recording.meeting, name=Step.Name.PACKAGED)

    tasks.take_up_long()

    step.refresh_from_db()
    assert step.state == Step.State.FAILED
    assert "Restore it from a backup" in step.error
    recording.refresh_from_db()
    assert recording.error == step.error


@pytest.mark.django_db
def test_long_work_waits_for_workers_of_its_own(step: Step) -> None:
    long = steps.ask_for(meeting=step.meeting, name=Step.Name.PACKAGED)

    assert steps.claim(now=NOW) == step
    assert steps.claim(now=NOW) is None
    assert steps.claim(now=NOW, among=steps.LONG) == long
    assert steps.long_ones() == steps.LONG  # no language model is set


@pytest.mark.django_db
def test_long_work_that_goes_on_is_not_taken_up_again(step: Step) -> None:
    steps.claim(now=NOW)
    hours = NOW + timedelta(hours=5)
    Step.objects.update(alive_at=hours)

    assert steps.claim(now=hours + timedelta(minutes=1)) is None
    again = steps.claim(now=hours + Step.SILENCE + timedelta(seconds=1))

    assert again is not None
    assert (again.tries, again.alive_at) == (2, None)


@pytest.mark.django_db
def test_work_says_that_it_goes_on_but_not_too_often(
    step: Step, django_assert_num_queries: Any
) -> None:
    claimed = steps.claim(now=NOW)
    assert claimed is not None
    alive = steps._heartbeat(claimed)

    with django_assert_num_queries(1):
        for _time in range(100):
            alive()

    step.refresh_from_db()
    assert step.alive_at is not None
