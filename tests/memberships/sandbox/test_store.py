"""The store: what changes together is there together, wherever the plug is pulled."""

import json
import os
from pathlib import Path

import pytest

from memberships.sandbox.store import Record, Store


class Unplugged(BaseException):
    """The process ended here."""


def refund_twice(store):
    """A change of three documents, one of which is new."""
    with store.change() as change:
        charge = change.get("charges", "ch_1")
        charge.doc["refunded"] = True
        change.put("charges", "ch_1", charge)
        change.put("refunds", "re_1", Record({"id": "re_1"}))
        change.put("keys", "k", Record({"status": 200}))


@pytest.fixture
def folder(tmp_path):
    store = Store(tmp_path)
    with store.change() as change:
        change.put("charges", "ch_1", Record({"id": "ch_1", "refunded": False}))
    return tmp_path


def seen(folder):
    store = Store(folder)
    return (
        store.get("charges", "ch_1").doc["refunded"],
        store.get("refunds", "re_1") is not None,
        store.get("keys", "k") is not None,
    )


def pull_the_plug(monkeypatch, name, number, *, before):
    """End the process at the nth call of a Path method, before or after it has done its work."""
    original, calls = getattr(Path, name), iter(range(1000))

    def done(self, *args, **kwargs):
        is_last = next(calls) == number
        if is_last and before:
            raise Unplugged
        result = original(self, *args, **kwargs)
        if is_last:
            raise Unplugged
        return result

    monkeypatch.setattr(Path, name, done)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("name", "number"),
    [*(("write_text", n) for n in range(4)), *(("replace", n) for n in range(4)), ("unlink", 0)],
)
def test_a_pulled_plug_leaves_all_or_nothing(folder, monkeypatch, name, number, before):
    store = Store(folder)
    with monkeypatch.context() as patched:
        pull_the_plug(patched, name, number, before=before)
        with pytest.raises(Unplugged):
            refund_twice(store)
    assert seen(folder) in {(False, False, False), (True, True, True)}
    refund_twice(Store(folder))
    assert seen(folder) == (True, True, True)


def test_a_plug_pulled_during_the_mending_is_mended_too(folder, monkeypatch):
    store = Store(folder)
    with monkeypatch.context() as patched:
        pull_the_plug(patched, "replace", 0, before=False)  # the journal stands, nothing else
        with pytest.raises(Unplugged):
            refund_twice(store)
    with monkeypatch.context() as patched:
        pull_the_plug(patched, "replace", 1, before=False)
        with pytest.raises(Unplugged):
            Store(folder)
    assert seen(folder) == (True, True, True)


def test_half_a_journal_never_happened(folder):
    (folder / "journal.draft").write_text('[{"kind": "charges", "id"')
    assert seen(folder) == (False, False, False)


def test_an_error_inside_a_change_keeps_nothing(folder):
    store = Store(folder)

    def change_of_mind():
        with store.change() as change:
            change.put("refunds", "re_1", Record({"id": "re_1"}))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        change_of_mind()
    assert store.get("refunds", "re_1") is None
    assert not (folder / "journal.json").exists()
    assert seen(folder) == (False, False, False)


def test_what_was_read_can_be_changed_without_harm(folder):
    store = Store(folder)
    store.get("charges", "ch_1").doc["refunded"] = True
    store.newest_first("charges")[0].doc["refunded"] = True
    assert store.get("charges", "ch_1").doc["refunded"] is False


def test_the_newest_come_first_after_a_restart_too(tmp_path):
    for number in range(12):
        with Store(tmp_path).change() as change:
            change.put("events", f"evt_{number}", Record({"n": number}))
    with Store(tmp_path).change() as change:  # touching an old one does not move it
        change.put("events", "evt_3", change.get("events", "evt_3"))
    order = [record.doc["n"] for record in Store(tmp_path).newest_first("events")]
    assert order == list(range(11, -1, -1))


def test_documents_are_files_that_a_person_can_read(folder):
    kept = json.loads((folder / "charges" / "ch_1.json").read_text())
    assert kept["doc"] == {"id": "ch_1", "refunded": False}
    assert os.listdir(folder) == ["charges"]  # noqa: PTH208 - names are what is asked for
