"""Parameter sets of two encoders in one track: numbers that differ, and a configuration of both."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.media import h264

numbers = st.integers(0, 31)


def golomb(number: int) -> str:
    """An unsigned Exp-Golomb code (ITU-T H.264, section 9.1)."""
    bits = f"{number + 1:b}"
    return "0" * (len(bits) - 1) + bits


def unit(kind: int, number: int, *, profile: int = 100) -> bytes:
    bits = golomb(number) + "1011"
    bits += "0" * (-len(bits) % 8)
    rest = int(bits, 2).to_bytes(len(bits) // 8)
    before = bytes([profile, 0, 31]) if kind == h264.SPS else b""
    return bytes([0x60 | kind]) + before + rest + b"\x55\xaa"


def configuration(*taken: int, profile: int = 100, level: int = 31) -> h264.Configuration:
    sps = tuple(unit(h264.SPS, number, profile=profile) for number in taken)
    pps = tuple(unit(h264.PPS, number) for number in taken)
    return h264.Configuration(profile, 0, level, 4, sps, pps)


@given(number=numbers, kind=st.sampled_from([h264.SPS, h264.PPS]))
def test_a_set_tells_its_number(number: int, kind: int) -> None:
    assert h264.number_of(unit(kind, number)) == number


@given(taken=st.sets(numbers, min_size=1, max_size=31))
def test_a_free_number_is_one_that_no_set_has(taken: set[int]) -> None:
    free = configuration(*taken).free_number()
    assert free in range(32)
    assert free not in taken


def test_where_all_numbers_are_taken_nothing_can_be_added() -> None:
    with pytest.raises(h264.NotH264):
        configuration(*range(32)).free_number()


@given(
    one=st.sets(numbers, min_size=1, max_size=6),
    other=st.sets(numbers, min_size=1, max_size=6),
    profiles=st.tuples(st.sampled_from([66, 77, 100]), st.sampled_from([66, 77, 100])),
)
def test_a_configuration_of_both_reads_back_as_both(
    one: set[int], other: set[int], profiles: tuple[int, int]
) -> None:
    first = configuration(*one, profile=profiles[0], level=30)
    second = configuration(*other, profile=profiles[1], level=40)

    read = h264.read(h264.written(first, second))

    assert read.sets == first.sets | second.sets
    assert (read.profile, read.level, read.length_size) == (max(profiles), 40, 4)
    assert (read.extension != b"") == (max(profiles) == 100)


@given(data=st.binary(max_size=60))
def test_what_is_no_configuration_is_refused(data: bytes) -> None:
    with contextlib.suppress(h264.NotH264):
        assert h264.read(b"\x01" + data).length_size in {1, 2, 3, 4}


@given(pictures=st.lists(st.binary(min_size=1, max_size=40), max_size=5), size=st.integers(2, 4))
def test_an_encoder_s_pictures_are_laid_out_as_the_track_has_them(
    pictures: list[bytes], size: int
) -> None:
    # What an encoder writes has no start code inside (section 7.4.1).
    bodies = [b"\x65" + picture.replace(b"\0", b"\1") for picture in pictures]
    stream = b"".join(b"\0\0\0\1" + body for body in [unit(h264.SPS, 0), b"\x06\x05", *bodies])

    packet = h264.as_packet(stream, size)

    assert list(h264.units(packet, size)) == bodies
    assert h264.begins_anew(packet, size) == bool(bodies)
    assert h264.brings_sets(packet, size) == frozenset()


@pytest.mark.parametrize("packet", [b"\0\0\0\5ab", b"\0\0\0\0", b"\0\0"])
def test_a_packet_that_breaks_off_is_no_packet(packet: bytes) -> None:
    with pytest.raises(h264.NotH264):
        list(h264.units(packet, 4))
