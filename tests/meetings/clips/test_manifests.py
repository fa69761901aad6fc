"""What is signed of a clip, when it is signed anew, and that not a character of it can change."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as some

from meetings.clips import manifests, services, signing
from meetings.clips.models import Manifest, Rendering
from tests.concurrency import at_once
from tests.meetings.clips.factories import cut
from tests.meetings.clips.signed import made

pytestmark = pytest.mark.django_db
CUT = datetime(2026, 11, 23, 15, 40, 7, 999, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def manifest_of(persona, clip):
    answer = persona.get(clip.get_absolute_url() + "manifest.json")
    assert answer.status_code == 200
    return answer


def test_manifest_says_what_the_clip_is_made_of(settings):
    clip = cut((4_000, 13_000), maker_name="Ana", now=CUT)
    recording, meeting = clip.recording, clip.meeting
    file = made(clip, Rendering.Kind.WIDE, sha256="ab" * 32, size_bytes=77)
    assert json.loads(manifests.of(clip, now=LATER).canonical) == {
        "format": "citizen-portal-clip/1",
        "clip": settings.SITE_URL + clip.get_absolute_url(),
        "made_by": "Ana",
        "cut_at": "2026-11-23T15:40:07Z",
        "issued_at": "2026-11-24T09:00:00Z",
        "duration_ms": 9_000,
        "meeting": {
            "title": meeting.title,
            "body": meeting.body.name,
            "place": meeting.body.place.name,
            "held_on": meeting.held_on.isoformat(),
            "url": settings.SITE_URL + meeting.get_absolute_url(),
        },
        "recording": {
            "sha256": recording.sha256,
            "size_bytes": recording.size_bytes,
            "duration_ms": recording.duration_ms,
        },
        "spans": [{"start_ms": 4_000, "end_ms": 13_000}],
        "transcript": {"version": 1, "language": "en"},
        "words": [
            {
                "speaker": "Chair Ruiz",
                "start_ms": 4_000,
                "end_ms": 8_000,
                "text": "The budget is approved.",
                "key": clip.words[0]["key"],
            },
            {
                "speaker": "Member Okafor",
                "start_ms": 8_000,
                "end_ms": 13_000,
                "text": "But not the parking fees.",
                "key": clip.words[1]["key"],
            },
        ],
        "files": [{"kind": "wide", "sha256": file.sha256, "size_bytes": 77}],
    }


def test_clip_is_signed_as_it_is_cut():
    clip = cut(now=CUT)
    (issued,) = clip.manifests.all()
    assert issued.issued_at == CUT
    assert manifests.read_again(issued).is_ours()


def test_what_is_handed_out_is_canonical_and_the_signed_bytes_stand_in_it(visitor):
    answer = manifest_of(visitor, cut())
    assert answer["Content-Type"] == "application/json"
    body = answer.content
    assert body == rfc8785.dumps(json.loads(body))
    signed = manifests.read(body.decode())
    assert signed.is_ours()
    assert body.startswith(b'{"manifest":' + signed.canonical + b',"signature":{"algorithm":')


def test_asking_again_issues_nothing_new(visitor):
    clip = cut()
    first = manifest_of(visitor, clip).content
    assert manifest_of(visitor, clip).content == first
    assert Manifest.objects.count() == 1


def test_file_that_was_made_is_listed_in_a_new_manifest_and_the_old_one_stays():
    clip = cut()
    before = manifests.of(clip, now=CUT)
    file = made(clip, Rendering.Kind.PLAIN)
    after = manifests.of(clip, now=LATER)
    assert after.pk != before.pk
    assert [one["sha256"] for one in json.loads(after.canonical)["files"]] == [file.sha256]
    before.refresh_from_db()
    assert manifests.read_again(before).is_ours()


@pytest.mark.parametrize("state", ["waiting", "running", "failed", "cancelled"])
def test_only_what_is_there_to_download_is_listed(state):
    clip = cut()
    made(clip, Rendering.Kind.PLAIN, state=state, error="It broke.", alive_at=CUT)
    made(clip, Rendering.Kind.ENDS)
    assert json.loads(manifests.of(clip, now=CUT).canonical)["files"] == []


def test_new_name_of_the_maker_is_signed_anew_and_title_and_note_are_not_signed():
    clip = cut(maker_name="Ana")
    first = manifests.of(clip, now=CUT)
    services.change(
        clip=clip, title="Other", note="Mine", visibility="public", maker_name="Ana", now=LATER
    )
    assert manifests.of(clip, now=LATER) == first
    services.change(
        clip=clip, title="Other", note="", visibility="public", maker_name="Bo", now=LATER
    )
    assert json.loads(manifests.of(clip, now=LATER).canonical)["made_by"] == "Bo"
    assert "Other" not in manifests.of(clip, now=LATER).canonical


def test_key_that_we_answer_for_no_more_is_followed_by_a_new_signature(settings):
    clip = cut()
    first = manifests.of(clip, now=CUT)
    former = signing.written()
    settings.CLIP_SIGNING_KEY = signing.encode(bytes(range(32)))
    settings.CLIP_FORMER_KEYS = former
    assert manifests.of(clip, now=LATER) == first
    settings.CLIP_FORMER_KEYS = []
    assert manifests.of(clip, now=LATER).key_id != first.key_id


def test_without_a_key_there_is_no_manifest(visitor, settings):
    settings.CLIP_SIGNING_KEY = ""
    clip = cut()
    assert visitor.get(clip.get_absolute_url() + "manifest.json").status_code == 404
    assert Manifest.objects.count() == 0


def test_clip_that_is_deleted_in_this_moment_gets_no_manifest():
    clip = cut()
    services.delete(clip=clip.__class__.objects.get(pk=clip.pk), now=LATER)
    assert clip.words  # as whoever asked has read it before
    assert manifests.of(clip, now=LATER) is None
    assert Manifest.objects.count() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_the_same():
    clip = cut()
    first, second = at_once(
        lambda: manifests.of(clip, now=CUT).pk, lambda: manifests.of(clip, now=LATER).pk
    )
    assert first == second
    assert Manifest.objects.count() == 1


# One byte ----------------------------------------------------------------------------------------


def holds(body: bytes) -> bool:
    """Whether this is a manifest with a signature of ours that fits."""
    try:
        return manifests.read(body.decode()).is_ours()
    except (manifests.NotAManifest, signing.NotWritten, KeyError, UnicodeDecodeError):
        return False


@pytest.mark.parametrize("mask", [0x01, 0x02, 0x20, 0x80])
def test_no_byte_of_a_manifest_can_be_changed(mask):
    body = manifests.write(manifests.of(cut(maker_name="Ana Ñ"), now=CUT))
    assert holds(body)
    survived = [
        at
        for at in range(len(body))
        if holds(body[:at] + bytes([body[at] ^ mask]) + body[at + 1 :])
    ]
    assert survived == []


def test_no_byte_of_a_manifest_can_be_left_out_or_doubled():
    body = manifests.write(manifests.of(cut(), now=CUT))
    for at in range(len(body)):
        assert not holds(body[:at] + body[at + 1 :]), at
        assert not holds(body[: at + 1] + body[at:]), at


def test_another_layout_says_the_same_and_holds():
    body = manifests.write(manifests.of(cut(), now=CUT))
    shuffled = dict(reversed(json.loads(body).items()))
    assert holds(json.dumps(shuffled, indent=4).encode())


# What is no manifest ------------------------------------------------------------------------------

GOOD = {
    "manifest": {"format": manifests.FORMAT},
    "signature": {"algorithm": "Ed25519", "key": "k", "value": "v"},
}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1, character 1"),
        ('{"manifest": 1,\n  oops}', "line 2, character 3"),
        ("[]", "two members"),
        ("null", "two members"),
        ('{"manifest": {}}', "two members"),
        (json.dumps({**GOOD, "more": 1}), "two members"),
        (json.dumps({**GOOD, "manifest": []}), "format"),
        (json.dumps({**GOOD, "manifest": {"format": "citizen-portal-clip/2"}}), "format"),
        (json.dumps({**GOOD, "signature": "x"}), "three texts"),
        (json.dumps({**GOOD, "signature": {"algorithm": "Ed25519", "key": 1, "value": ""}}), "thr"),
        (
            json.dumps({**GOOD, "signature": {**GOOD["signature"], "algorithm": "none"}}),
            "algorithm",
        ),
        (json.dumps({**GOOD, "manifest": {**GOOD["manifest"], "x": 1.5}}), "number 1.5"),
        (json.dumps({**GOOD, "manifest": {**GOOD["manifest"], "x": float("nan")}}), "number NaN"),
        (json.dumps({**GOOD, "manifest": {**GOOD["manifest"], "x": 2**53}}), "canonical"),
        (json.dumps({**GOOD, "manifest": {**GOOD["manifest"], "x": "\ud800"}}), "canonical"),
        ('{"manifest": {"format": "a", "format": "b"}}', "twice"),
        ("[" * 100_000, "no manifest of ours"),
        ("9" * 5_000, "no manifest of ours"),
        (" " * (manifests.LONGEST + 1), "far longer"),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_reason(text, why):
    with pytest.raises(manifests.NotAManifest, match=why):
        manifests.read(text)


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_read_or_refused(value):
    for text in (json.dumps(value), json.dumps({**GOOD, "manifest": value})):
        with contextlib.suppress(manifests.NotAManifest):
            manifests.read(text)


PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53) + 1, 2**53 - 1) | some.text(),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.text("abcdefghijklmnopqrstuvwxyz_", max_size=5), inner)
    ),
    max_leaves=10,
)


@given(PLAIN)
def test_python_alone_writes_statements_as_the_standard_does(value):
    """docs/verifying.md says so: there are no fractions in them, and their names are ASCII."""
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert plain.encode() == rfc8785.dumps(value)
