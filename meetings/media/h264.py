"""H.264, as far as cutting knows it: parameter sets, and where a picture begins anew.

A track's parameter sets stand in its configuration (`avcC`, ISO/IEC 14496-15, section 5.3.3.1). A
picture names by its numbers which of them it was made with, so pictures of two encoders stand in
one track, and each keeps its own, as long as their numbers differ.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SLICE_OF_IDR, SPS, PPS = 5, 7, 8
NUMBERS = range(32)
# These profiles say more of the color at the end of a configuration.
_HIGH = {100, 110, 122, 144}
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")


class NotH264(Exception):
    """A configuration or a packet is not what it should be."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a decoder is told before the first picture."""

    profile: int
    compatibility: int
    level: int
    length_size: int
    """Bytes in which the length of each unit of a packet is written."""
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    extension: bytes = b""

    @property
    def sets(self) -> frozenset[bytes]:
        return frozenset(self.sps + self.pps)

    def free_number(self) -> int:
        """One that no parameter set here has. Raises NotH264 where all are in use."""
        taken = {number_of(one) for one in self.sets}
        for number in NUMBERS:
            if number not in taken:
                return number
        raise NotH264


def read(configuration: bytes) -> Configuration:
    """What an `avcC` says. Raises NotH264."""
    if len(configuration) < 7 or configuration[0] != 1:
        raise NotH264
    sps, at = _sets(configuration, 6, configuration[5] & 0x1F)
    if at >= len(configuration):
        raise NotH264
    pps, at = _sets(configuration, at + 1, configuration[at])
    profile, compatibility, level = configuration[1:4]
    length_size = (configuration[4] & 3) + 1
    return Configuration(profile, compatibility, level, length_size, sps, pps, configuration[at:])


def of_encoder(extradata: bytes) -> Configuration:
    """What an encoder says, which writes its sets one after another with start codes."""
    units = list(units_of_stream(extradata))
    sps = tuple(unit for unit in units if unit[0] & 0x1F == SPS)
    pps = tuple(unit for unit in units if unit[0] & 0x1F == PPS)
    if not sps or not pps or len(sps[0]) < 4:
        raise NotH264
    profile, compatibility, level = sps[0][1:4]
    return Configuration(profile, compatibility, level, 4, sps, pps)


def written(one: Configuration, *others: Configuration) -> bytes:
    """The `avcC` of a track that holds pictures of all of these. It is laid out like the first."""
    every = (one, *others)
    sps = list(dict.fromkeys(unit for each in every for unit in each.sps))
    pps = list(dict.fromkeys(unit for each in every for unit in each.pps))
    if len(sps) > 31 or len(pps) > 255:
        raise NotH264
    first = max(every, key=lambda each: (each.profile in _HIGH, each.profile))
    head = bytes([1, first.profile, first.compatibility, max(each.level for each in every)])
    extension = first.extension
    if first.profile in _HIGH and not extension:
        extension = b"\xfd\xf8\xf8\x00"  # 4:2:0 with 8 bits: nothing else is played
    return b"".join(
        [
            *(head, bytes([0xFC | (one.length_size - 1), 0xE0 | len(sps)])),
            *(len(unit).to_bytes(2) + unit for unit in sps),
            bytes([len(pps)]),
            *(len(unit).to_bytes(2) + unit for unit in pps),
            extension if first.profile in _HIGH else b"",
        ]
    )


def units(packet: bytes, length_size: int) -> Iterator[bytes]:
    """The units of a packet as a track holds it. Raises NotH264 where it breaks off."""
    at = 0
    while at < len(packet):
        end = at + length_size + int.from_bytes(packet[at : at + length_size])
        if end > len(packet) or at + length_size >= end:
            raise NotH264
        yield packet[at + length_size : end]
        at = end


def units_of_stream(stream: bytes) -> Iterator[bytes]:
    """The units of a stream with start codes (ITU-T H.264, annex B)."""
    for unit in _START_CODE.split(stream):
        if unit:
            yield unit


def as_packet(stream: bytes, length_size: int) -> bytes:
    """What an encoder wrote, as a track holds it: pictures alone, each after its length."""
    slices = [unit for unit in units_of_stream(stream) if 1 <= unit[0] & 0x1F <= SLICE_OF_IDR]
    if any(len(unit) >= 1 << (8 * length_size) for unit in slices):
        raise NotH264
    return b"".join(len(unit).to_bytes(length_size) + unit for unit in slices)


def begins_anew(packet: bytes, length_size: int) -> bool:
    """Nothing from here on needs what came before (an IDR picture)."""
    return any(unit[0] & 0x1F == SLICE_OF_IDR for unit in units(packet, length_size))


def brings_sets(packet: bytes, length_size: int) -> frozenset[bytes]:
    """Parameter sets that stand among the pictures."""
    return frozenset(u for u in units(packet, length_size) if u[0] & 0x1F in {SPS, PPS})


def number_of(unit: bytes) -> int:
    """The number that a parameter set has: the first of its fields, behind an SPS's profile."""
    plain = unit[:16].replace(b"\0\0\3", b"\0\0")
    bits = int.from_bytes(plain[4 if unit[0] & 0x1F == SPS else 1 :])
    length = 8 * len(plain[4 if unit[0] & 0x1F == SPS else 1 :])
    zeros = length - bits.bit_length()  # an Exp-Golomb code (section 9.1)
    if not bits or 2 * zeros + 1 > length:
        raise NotH264
    return (bits >> (length - 2 * zeros - 1)) - 1


def _sets(configuration: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    found = []
    for _one in range(count):
        end = at + 2 + int.from_bytes(configuration[at : at + 2])
        if end > len(configuration) or end <= at + 2:
            raise NotH264
        found.append(configuration[at + 2 : end])
        at = end
    return tuple(found), at
