"""Files become parcels, or a sentence that says what is wrong."""

import json
from datetime import date
from typing import Any

import pytest

from meetings.intake.parcels import MANIFEST, Defaults, Offered, Parcel, bundles, open_bundle
from meetings.intake.repairs import CAPTIONS_MAX_BYTES, Refused
from meetings.records.services import Item

FACTS = {
    "title": "Regular meeting",
    "body": "council",
    "held_on": "2026-09-14",
    "agenda": [{"title": "Roll call", "start": "00:01:10.5"}, {"title": "Budget"}],
    "files": ["captions.vtt"],
}


def offer(path: str, data: bytes = b"WEBVTT\n") -> Offered:
    return Offered(path, len(data), lambda: data)


def opened(manifest: dict[str, Any] | str | None = None, **defaults: Any) -> Parcel:
    files = [offer("town/captions.vtt")]
    if manifest is not None:
        text = manifest if isinstance(manifest, str) else json.dumps(manifest)
        files.append(offer(f"town/{MANIFEST}", text.encode()))
    (bundle,) = bundles(files)
    return open_bundle(bundle, Defaults(**defaults))


def test_a_manifest_says_everything() -> None:
    parcel = opened(FACTS)

    assert (parcel.title, parcel.body, parcel.held_on) == (
        "Regular meeting",
        "council",
        date(2026, 9, 14),
    )
    assert parcel.agenda == (Item("Roll call", 70_500), Item("Budget"))
    assert parcel.captions_name == "captions.vtt"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title": ""}, "“title” is missing"),
        ({"title": 7}, "“title” is a text"),
        ({"title": "x" * 10_000}, "10000 characters"),
        ({"title": "a\x07b"}, "control character"),
        ({"held_on": "yesterday"}, "“yesterday” is not a day"),
        ({"held_on": "2026-02-30"}, "not a day"),
        ({"files": []}, "exactly one"),
        ({"files": ["other.vtt"]}, "not beside it"),
        ({"files": ["../../etc/passwd"]}, "not beside it"),
        ({"agenda": "none"}, "is a list"),
        ({"agenda": [{"title": "A", "start": "12:61"}]}, "item 1 starts at no time"),
        ({"agenda": [{"start": "12:01"}]}, "“title” is missing"),
        ({"agenda": ["A"]}, "item 1 has no title"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_field(change: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        opened(FACTS | change)


@pytest.mark.parametrize("text", ["{", "[]", '"text"', "[" * 100_000])
def test_what_is_no_object_of_json_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=MANIFEST):
        opened(text)


@pytest.mark.parametrize(
    ("name", "title", "day"),
    [
        ("assembly-20180207_HealthCare.vtt", "Assembly Health Care", date(2018, 2, 7)),
        ("assembly-20180703_Utilities_Energy.txt.vtt", "Assembly Utilities Energy", None),
        ("council 2026-09-14.srt", "Council", date(2026, 9, 14)),
        ("20260914.vtt", "Meeting", date(2026, 9, 14)),
    ],
)
def test_a_loose_file_is_named_and_dated_by_its_name(
    name: str, title: str, day: date | None
) -> None:
    (bundle,) = bundles([offer(name)])

    parcel = open_bundle(bundle, Defaults(body="council"))

    assert parcel.title == title
    if day:
        assert parcel.held_on == day
    assert parcel.agenda is None


def test_a_file_without_a_day_is_refused() -> None:
    (bundle,) = bundles([offer("captions.vtt")])

    with pytest.raises(Refused, match="day of the meeting is not known"):
        open_bundle(bundle, Defaults(body="council"))


def test_the_same_name_on_another_day_is_another_meeting() -> None:
    (bundle,) = bundles([offer("captions.vtt")])

    monday = open_bundle(bundle, Defaults(held_on=date(2026, 9, 14)))
    tuesday = open_bundle(bundle, Defaults(held_on=date(2026, 9, 15)))

    assert monday.name != tuesday.name


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    def read() -> bytes:
        raise AssertionError("It was read.")

    (bundle,) = bundles([Offered("2026-09-14.vtt", 200 * 2**20, read)])

    with pytest.raises(Refused, match="200 MB"):
        open_bundle(bundle, Defaults())
    assert CAPTIONS_MAX_BYTES < 200 * 2**20


def test_a_video_is_refused_by_its_name() -> None:
    (bundle,) = bundles([offer("2026-09-14.mp4")])

    with pytest.raises(Refused, match="not a caption file"):
        open_bundle(bundle, Defaults())


def test_a_folder_with_a_manifest_is_one_meeting_and_others_are_one_each() -> None:
    files = ["a/meeting.json", "a/captions.vtt", "b/2026-01-01.vtt", "b/2026-01-02.vtt"]

    found = list(bundles([offer(path) for path in files]))

    assert [bundle.name for bundle in found] == ["a", "2026-01-01.vtt", "2026-01-02.vtt"]
