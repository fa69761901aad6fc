"""A token says what it allows; nobody else can say it, change it, or make it last."""

import base64
import string
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from meetings.media import playback, tokens
from meetings.media.tokens import Leave, NotGood

NOW = datetime(2026, 9, 15, 9, tzinfo=UTC)
numbers = st.integers(min_value=0, max_value=tokens.SEGMENTS_MAX)
leaves = st.builds(
    Leave,
    recording=st.uuids(),
    version=numbers,
    first=numbers,
    last=numbers,
    is_whole=st.booleans(),
    expires_at=st.integers(min_value=0, max_value=2**40 - 1),
)
LEAVE = Leave(uuid.UUID(int=7), 1, 0, 599, is_whole=True, expires_at=2_000_000_000)


@given(leaves)
def test_what_is_issued_is_read(leave: Leave) -> None:
    token = tokens.issue(leave)

    assert tokens.read(token) == leave
    assert len(token) == tokens.LENGTH
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")


@given(leaves, st.data())
def test_no_token_can_be_changed_anywhere(leave: Leave, data: st.DataObject) -> None:
    token = tokens.issue(leave)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(exclude_characters=token[place]))

    with pytest.raises(NotGood):
        tokens.read(token[:place] + letter + token[place + 1 :])


@given(leaves)
def test_no_token_can_be_written_otherwise(leave: Leave) -> None:
    token = tokens.issue(leave)
    for sign, other in [("-", "+"), ("_", "/")]:
        if sign in token:
            with pytest.raises(NotGood):
                tokens.read(token.replace(sign, other))
    with pytest.raises(NotGood):
        tokens.read(token + "\n")


@given(leaves, leaves)
def test_no_two_leaves_have_one_token(one: Leave, other: Leave) -> None:
    assert (tokens.issue(one) == tokens.issue(other)) is (one == other)


@given(leaves, leaves)
def test_parts_of_two_tokens_make_none(one: Leave, other: Leave) -> None:
    spliced = tokens.issue(one)[:40] + tokens.issue(other)[40:]
    if spliced not in {tokens.issue(one), tokens.issue(other)}:
        with pytest.raises(NotGood):
            tokens.read(spliced)


@given(st.text(max_size=100) | st.binary(max_size=80).map(lambda b: base64.b64encode(b).decode()))
def test_nothing_else_is_a_token(text: str) -> None:
    with pytest.raises(NotGood):
        tokens.read(text)


@given(st.binary(min_size=35, max_size=35))
def test_another_key_signs_nothing(said: bytes) -> None:
    forged = said + tokens._mac(said, "another key")

    with pytest.raises(NotGood):
        tokens.read(base64.urlsafe_b64encode(forged).decode())


@pytest.mark.parametrize("dressed", ["{}=", " {}", "{}\n", "{}A", "%20{}", "{}/..", "\u0661{}"])
def test_a_token_has_one_way_to_be_written(dressed: str) -> None:
    with pytest.raises(NotGood):
        tokens.read(dressed.format(tokens.issue(LEAVE)))


def test_former_keys_are_believed_as_long_as_settings_name_them() -> None:
    with override_settings(SECRET_KEY="the-old-one", SECRET_KEY_FALLBACKS=[]):
        token = tokens.issue(LEAVE)
    with override_settings(SECRET_KEY="the-new-one", SECRET_KEY_FALLBACKS=["the-old-one"]):
        assert tokens.read(token) == LEAVE
    with (
        override_settings(SECRET_KEY="the-new-one", SECRET_KEY_FALLBACKS=[]),
        pytest.raises(NotGood),
    ):
        tokens.read(token)


def test_what_another_part_of_the_site_signs_is_no_token() -> None:
    from django.core.signing import Signer

    with pytest.raises(NotGood):
        tokens.read(Signer().sign("x")[: tokens.LENGTH])


@override_settings(PLAYBACK_SECONDS=900)
def test_a_token_lasts_a_quarter_of_an_hour_and_not_a_second_longer() -> None:
    leave = tokens.leave(recording=uuid.uuid4(), version=1, first=0, last=9, is_whole=True, now=NOW)
    token = tokens.issue(leave)

    assert playback.leave_of(token, now=NOW + timedelta(seconds=899)) == leave
    assert playback.leave_of(token, now=NOW + timedelta(seconds=900)) is None


@given(st.text(max_size=60))
def test_a_token_opens_nothing_but_what_a_package_holds(name: str) -> None:
    known = {"init.mp4", "thumbnails.vtt", *(f"{n}.m4s" for n in range(600))}
    known |= {f"sprite-{n}.jpg" for n in range(1, 100_000)} if name.startswith("sprite") else set()

    assert not playback.opens(LEAVE, name) or name in known


@pytest.mark.parametrize(
    "name",
    [
        *("600.m4s", "00.m4s", "-1.m4s", "\u0661.m4s", "0.m4s/", "0.M4S", "1e1.m4s", ""),
        *("../1/0.m4s", "..", ".lock", "index.m3u8", "poster.jpg", "original.mp4"),
        *("..%2foriginal.mp4", "sprite-0.jpg", "sprite-01.jpg", "0.m4s\n", "init.mp4\x00"),
    ],
)
def test_what_lies_near_by_is_not_opened(name: str) -> None:
    assert not playback.opens(LEAVE, name)


def test_a_stretch_opens_its_segments_and_nothing_that_shows_the_rest() -> None:
    stretch = Leave(uuid.UUID(int=7), 1, 10, 20, is_whole=False, expires_at=2_000_000_000)

    opened = [n for n in range(100) if playback.opens(stretch, f"{n}.m4s")]
    assert opened == list(range(10, 21))
    assert playback.opens(stretch, "init.mp4")
    assert not playback.opens(stretch, "thumbnails.vtt")
    assert not playback.opens(stretch, "sprite-1.jpg")
