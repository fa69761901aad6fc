"""The page that checks: what it says of addresses, manifests and files, and what it does not."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from meetings.clips import manifests, services, signing
from meetings.clips.models import Clip, Manifest, Rendering
from meetings.records.models import State
from meetings.transcripts.models import Segment
from memberships.models import Membership
from tests.meetings.clips.factories import SAID, cut
from tests.meetings.clips.signed import NOW, address_of, made, mp4
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db
WORDS = "The budget is approved."


def seen(answer, status=200) -> str:
    assert answer.status_code == status, answer.content.decode()[:500]
    return " ".join(answer.content.decode().split())


def outcome(answer) -> str:
    seen(answer)
    return answer.context["verdict"].outcome.value


def by_address(persona, address):
    return persona.get("/verify/", {"clip": address})


def by_text(persona, text):
    return persona.post("/verify/", {"text": text})


def by_file(persona, body, *, name="clip.mp4", text=""):
    return persona.post("/verify/", {"text": text, "file": SimpleUploadedFile(name, body)})


def signed(clip) -> str:
    return manifests.write(manifests.of(clip, now=NOW)).decode()


# What is proven ----------------------------------------------------------------------------------


def test_page_asks_for_an_address_a_manifest_or_a_file(visitor):
    page = seen(visitor.get("/verify/"))
    assert "Check a clip" in page
    assert "csrfmiddlewaretoken" not in page


def test_address_of_a_clip_is_proven_with_what_is_not(visitor):
    clip = cut(maker_name="Ana")
    for answer in (by_address(visitor, address_of(clip)), by_text(visitor, address_of(clip))):
        assert outcome(answer) == "proven"
        page = seen(answer)
        assert WORDS in page
        assert "These words stood in version 1 of the transcript" in page
        assert "Who spoke. The names are those of the transcript" in page
        assert "That the recording is genuine or whole" in page
        assert clip.recording.sha256 in page
        assert "“Ana”" in page


@pytest.mark.parametrize("end", ["", "embed/", "manifest.json", "?t=3", "playlist.m3u8", "#words"])
def test_any_address_below_the_clip_s_will_do(visitor, end):
    assert outcome(by_address(visitor, address_of(cut()) + end)) == "proven"


def test_manifest_is_proven_as_text_and_as_a_file(visitor):
    text = signed(cut())
    pretty = json.dumps(json.loads(text), indent=2)
    for answer in (
        by_text(visitor, text),
        by_text(visitor, pretty),
        by_file(visitor, text.encode(), name="manifest.json"),
        by_file(visitor, b"\xef\xbb\xbf" + pretty.encode(), name="manifest.json"),
    ):
        assert outcome(answer) == "proven"
        assert WORDS in seen(answer)


def test_file_is_proven_by_itself_by_its_hash_and_with_its_manifest(visitor):
    clip = cut()
    body = mp4(address_of(clip))
    made(clip, Rendering.Kind.SQUARE, body=body)
    sha256 = hashlib.sha256(body).hexdigest()
    for answer in (
        by_file(visitor, body),
        by_text(visitor, sha256.upper()),
        by_file(visitor, body, text=signed(clip)),
    ):
        assert outcome(answer) == "proven"
        assert "byte for byte: Captions in the picture, 1:1" in seen(answer)


def test_file_of_an_earlier_manifest_stays_proven(visitor):
    clip = cut()
    body = mp4(address_of(clip))
    file = made(clip, body=body)
    manifests.of(clip, now=NOW)
    file.delete()
    manifests.of(clip, now=NOW)
    assert outcome(by_file(visitor, body)) == "proven"


def test_later_correction_is_told_and_proves_nothing_wrong(visitor):
    clip = cut()
    text = signed(clip)
    said = [replace(one, text=one.text.replace("approved", "adopted")) for one in SAID]
    transcribe(said, meeting=clip.meeting, version=2)
    for answer in (by_address(visitor, address_of(clip)), by_text(visitor, text)):
        assert outcome(answer) == "proven"
        assert "read differently in version 2" in seen(answer)


def test_newer_manifest_is_told(visitor):
    clip = cut()
    text = signed(clip)
    made(clip)
    manifests.of(clip, now=NOW)
    assert "We have issued a newer manifest" in seen(by_text(visitor, text))


def test_rotation_of_the_key_keeps_old_manifests_proven(visitor, settings):
    text = signed(cut())
    settings.CLIP_FORMER_KEYS = signing.written()
    settings.CLIP_SIGNING_KEY = signing.encode(bytes(range(32)))
    assert outcome(by_text(visitor, text)) == "proven"
    settings.CLIP_FORMER_KEYS = []
    answer = by_text(visitor, text)
    assert outcome(answer) == "refused"
    assert "key that is not among ours" in seen(answer)


# One byte ----------------------------------------------------------------------------------------


def test_one_byte_of_a_file_is_refused_with_the_reason(visitor):
    clip = cut()
    body = mp4(address_of(clip))
    made(clip, body=body)
    start = body.index(b"frames")
    for at in (start, start + 100, len(body) - 1):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        answer = by_file(visitor, changed)
        assert outcome(answer) == "refused"
        page = seen(answer)
        assert "it was changed" in page
        assert "At least one byte differs" in page
        assert hashlib.sha256(changed).hexdigest() in page
        assert WORDS not in page


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("approved", "rejected", "What differs: the words."),
        ('"end_ms":8000,', '"end_ms":8001,', "What differs:"),
        ('"version":1', '"version":2', "What differs: the version of the transcript."),
        ('"made_by":"Ana"', '"made_by":"Ann"', "What differs: who made the clip."),
        ('"files":[]', '"files":[],"x":1', "What differs: something that we do not state."),
    ],
)
def test_change_of_a_statement_is_refused_and_named(visitor, before, after, why):
    text = signed(cut(maker_name="Ana"))
    assert before in text
    answer = by_text(visitor, text.replace(before, after, 1))
    assert outcome(answer) == "refused"
    assert "another statement" in seen(answer)
    assert why in seen(answer)
    assert answer.context["verdict"].said is None


def test_change_of_a_signature_is_refused_and_named(visitor):
    text = signed(cut())
    value = json.loads(text)["signature"]["value"]
    other = ("B" if value[0] != "B" else "C") + value[1:]
    answer = by_text(visitor, text.replace(value, other))
    assert outcome(answer) == "refused"
    assert "to the letter. Its signature is not" in seen(answer)
    damaged = by_text(visitor, text.replace(value, value[:-1]))
    assert "The signature is damaged" in seen(damaged)
    assert outcome(damaged) == "refused"


def test_change_of_the_key_is_refused_and_named(visitor):
    text = signed(cut())
    key = json.loads(text)["signature"]["key"]
    answer = by_text(visitor, text.replace(key, key[::-1]))
    assert outcome(answer) == "refused"
    assert "key that is not among ours" in seen(answer)


def test_both_changed_is_refused(visitor):
    one, other = cut(), cut()
    text, foreign = json.loads(signed(one)), json.loads(signed(other))
    text["signature"] = {**foreign["signature"]}
    answer = by_text(visitor, json.dumps(text))
    assert outcome(answer) == "refused"
    text["manifest"]["words"] = []
    assert "Neither the statement nor the signature" in seen(by_text(visitor, json.dumps(text)))


def test_manifest_that_somebody_else_signed_is_refused(visitor, settings):
    clip, ours = cut(), settings.CLIP_SIGNING_KEY
    settings.CLIP_SIGNING_KEY = signing.encode(bytes(range(32)))
    forged = signed(clip)
    Manifest.objects.all().delete()
    settings.CLIP_SIGNING_KEY = ours
    assert outcome(by_text(visitor, forged)) == "refused"


def test_signature_of_ours_without_a_record_is_told(visitor):
    text = signed(cut())
    Manifest.objects.all().delete()
    assert "no record of having issued it" in seen(by_text(visitor, text))


def test_file_that_the_manifest_does_not_list_is_refused(visitor):
    clip = cut()
    made(clip)
    answer = by_file(visitor, mp4("", frames=b"other"), text=signed(clip))
    assert outcome(answer) == "refused"
    assert "this file is not in it" in seen(answer)


# What is changed where we keep it ----------------------------------------------------------------


def test_changed_words_in_our_own_transcript_are_seen(visitor):
    clip = cut()
    manifests.of(clip, now=NOW)
    Segment.objects.filter(text=WORDS).update(text="The budget is refused.")
    answer = by_address(visitor, address_of(clip))
    assert outcome(answer) == "refused"
    assert "do not stand so in version 1" in seen(answer)


def test_changed_manifest_in_our_own_database_is_seen(visitor):
    clip = cut()
    issued = manifests.of(clip, now=NOW)
    forged = issued.canonical.replace("approved", "refused!")
    Manifest.objects.update(canonical=forged)
    Clip.objects.update(words=json.loads(forged)["words"])
    answer = by_address(visitor, address_of(clip))
    assert outcome(answer) == "refused"
    assert "Our own copy of the manifest does not fit" in seen(answer)


# What leaks nothing ------------------------------------------------------------------------------


def make_private(clip):
    Clip.objects.filter(pk=clip.pk).update(visibility="private")


def hide(clip):
    Membership.objects.filter(user=clip.owner).update(
        status="ended", ended_at=timezone.now() - timedelta(days=1), end_reason="refunded"
    )


def take_down(clip):
    Clip.objects.filter(pk=clip.pk).update(
        taken_down_at=timezone.now(), taken_down_reason="It named a child."
    )


def withdraw(clip):
    clip.meeting.__class__.objects.filter(pk=clip.meeting_id).update(
        state=State.WITHDRAWN, withdrawn_reason="It was another meeting."
    )


def delete(clip):
    services.delete(clip=clip, now=timezone.now())


@pytest.mark.parametrize("away", [make_private, hide, take_down, withdraw, delete])
def test_clip_that_is_not_there_for_somebody_leaks_nothing(away, personas):
    clip = cut(maker_name="Ana", title="What the chair said")
    body = mp4(address_of(clip))
    file = made(clip, body=body)
    text = signed(clip)
    tampered = text.replace("approved", "rejected")
    nowhere = f"{'0' * 11}"
    away(Clip.objects.get(pk=clip.pk))
    for who in ("visitor", "member", "refunded"):
        persona = personas[who]
        assert persona.get(clip.get_absolute_url() + "manifest.json").status_code == 404
        there = seen(by_address(persona, address_of(clip))).replace(clip.slug, nowhere)
        never = seen(by_address(persona, address_of(clip).replace(clip.slug, nowhere)))
        assert there == never
        for answer in (by_file(persona, body), by_text(persona, file.sha256)):
            assert outcome(answer) == "unknown"
            for said in (WORDS, "Ana", clip.title, clip.recording.sha256):
                assert said not in seen(answer)
        refused = by_text(persona, tampered)
        assert outcome(refused) == "refused"
        assert "What differs" not in seen(refused)
        # Whoever holds the manifest has read it, and its signature is no secret.
        assert outcome(by_text(persona, text)) == "proven"
        assert "There is no clip at its address that you can open" in seen(by_text(persona, text))
        assert outcome(by_file(persona, body, text=text)) == "proven"


def test_owner_checks_a_private_clip(member):
    clip = cut(owner=member.user, visibility="private")
    assert outcome(by_address(member, address_of(clip))) == "proven"
    assert member.get(clip.get_absolute_url() + "manifest.json").status_code == 200


# What is sent ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "hello",
        "https://elsewhere.example/clips/abcdefghijkl/",
        "http://[broken/clips/abcdefghijkl/",
        "/clips/new/",
        "javascript:alert(1)//clips/abcdefghijkl/",
        "<script>alert(1)</script>",
    ],
)
def test_what_is_no_address_of_ours_is_told_so(visitor, address):
    answer = by_text(visitor, address)
    assert outcome(answer) == "unknown"
    assert "no address of a clip on this site" in seen(answer)
    assert "<script>alert" not in seen(answer)


def test_nothing_at_all_is_asked_for_again(visitor):
    assert "Paste an address or a manifest" in seen(by_text(visitor, "   "), status=422)
    assert "The file is empty" in seen(by_file(visitor, b""), status=422)


def test_two_texts_at_once_are_refused(visitor):
    text = signed(cut())
    answer = by_file(visitor, text.encode(), name="manifest.json", text=text)
    assert "one manifest, or one address, at a time" in seen(answer, status=422)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "It is no MP4 video"),
        (b"MThd", "It is no MP4 video"),
        (mp4(""), "names no clip of this site"),
        (mp4("https://elsewhere.example/clips/abcdefghijkl/"), "names no clip of this site"),
        (mp4("x" * 300_000), "names no clip of this site"),
        (bytes(4) + b"ftyp" + bytes(99), "names no clip of this site"),
        ((1).to_bytes(4) + b"ftyp" + (2**63).to_bytes(8), "names no clip of this site"),
        (b"\xff" * 4 + b"ftyp", "names no clip of this site"),
    ],
)
def test_foreign_and_broken_files_are_told_what_they_are(visitor, body, why):
    answer = by_file(visitor, body)
    assert outcome(answer) == "unknown"
    assert why in seen(answer)


def test_text_in_another_encoding_is_refused(visitor):
    assert "no text in UTF-8" in seen(by_file(visitor, b'{"\xff'), status=422)


def test_header_at_the_end_is_found_in_pieces_of_any_size(visitor):
    clip = cut()
    body = mp4(address_of(clip), frames=bytes(700_000), header_first=False)
    made(clip, body=body)
    assert outcome(by_file(visitor, body)) == "proven"


def test_file_past_the_limit_is_not_read(visitor, settings):
    settings.VERIFY_MAX_MB = 1
    answer = by_file(visitor, bytes(1024 * 1024 + 1))
    assert "more than 1 MB" in seen(answer, status=413)
    answer = by_file(visitor, bytes(3 * 1024 * 1024))
    assert "more than 1 MB" in seen(answer, status=413)
    assert by_file(visitor, bytes(1024 * 1024)).status_code == 200


def test_nothing_that_is_sent_is_kept(visitor, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    before = set(Path(settings.MEDIA_ROOT).rglob("*"))
    by_file(visitor, mp4("", frames=bytes(3_000_000)))
    assert list(tmp_path.iterdir()) == []
    assert set(Path(settings.MEDIA_ROOT).rglob("*")) == before


def test_many_addresses_in_one_file_cost_few_queries(visitor, django_assert_max_num_queries):
    site = address_of(cut()).partition("/clips/")[0]
    many = " ".join(f"{site}/clips/{number:012}/" for number in range(1_000))
    body = mp4(many)
    with django_assert_max_num_queries(20):
        assert outcome(by_file(visitor, body)) == "unknown"


def test_form_works_from_anywhere_because_it_changes_nothing():
    sent = Client(enforce_csrf_checks=True)
    assert sent.post("/verify/", {"text": "hello"}).status_code == 200


# The keys ----------------------------------------------------------------------------------------


def test_keys_are_where_programs_look_and_anybody_may_read_them(visitor):
    answer = visitor.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    (key,) = answer.json()["keys"]
    assert key["kid"] == json.loads(signed(cut()))["signature"]["key"]
    assert "d" not in key


def test_manifest_may_be_read_by_pages_elsewhere_but_not_as_somebody(visitor):
    answer = visitor.get(cut().get_absolute_url() + "manifest.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cache-Control"] == "private, no-store"
