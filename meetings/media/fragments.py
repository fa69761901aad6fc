"""Fragmented MP4, as far as cutting knows it: when tracks begin, and how they are put on a clock.

Boxes are those of ISO/IEC 14496-12. Only what our own packager and `splicing` write is read.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

HEAD = 64 * 1024
"""So many bytes of a segment hold its first box of times, unless it lasts for minutes."""
PRIMING = 1_024  # samples of AAC with nothing in them yet: nearly every encoder begins so


class NotFragments(Exception):
    """The bytes are no file of ours."""


@dataclass(frozen=True, slots=True)
class Track:
    """What the first box of a package says of a track."""

    is_sound: bool
    tick: Fraction
    """Seconds."""
    shift: int
    """By how many ticks its edit list moves it."""


def clock_begins_at(init: bytes, head: bytes) -> Fraction:
    """The second on a package's clock that is 0 on the recording's. Raises NotFragments.

    A package's clock starts a little early, so that no time is negative: pictures are decoded
    before they are shown, and sound begins with packets that only prepare. A recording starts with
    what is first shown or heard. `head` is the start of the first segment.
    """
    known, found = tracks(init), []
    for number, time in first_times(head).items():
        if number in known:
            track = known[number]
            priming = PRIMING if track.is_sound else 0
            found.append((time + track.shift + priming) * track.tick)
    if not found:
        raise NotFragments
    return min(found)


def tracks(init: bytes) -> dict[int, Track]:
    """The tracks of a package, by their numbers. Raises NotFragments."""
    found = {}
    try:
        for kind, movie in boxes(init):
            if kind != b"moov":
                continue
            scale = int.from_bytes(_inside(movie, b"mvhd")[12:16])
            for inner, track in boxes(movie):
                if inner == b"trak":
                    number = int.from_bytes(_inside(track, b"tkhd")[12:16])
                    media = _inside(track, b"mdia")
                    ticks = int.from_bytes(_inside(media, b"mdhd")[12:16])
                    is_sound = _inside(media, b"hdlr")[8:12] == b"soun"
                    shift = round(_edited(track, Fraction(ticks, scale)))
                    found[number] = Track(is_sound, Fraction(1, ticks), shift)
    except (KeyError, IndexError, struct.error, ZeroDivisionError) as error:
        raise NotFragments from error
    return found


def first_times(head: bytes) -> dict[int, int]:
    """Of each track, by its number: when its first sample is shown, in ticks. Raises NotFragments.

    What an edit list makes of that is not counted.
    """
    times = {}
    try:
        fragment = _inside(head, b"moof")
        for kind, track in boxes(fragment):
            if kind == b"traf":
                number = int.from_bytes(_inside(track, b"tfhd")[4:8])
                decoded = _inside(track, b"tfdt")
                at = int.from_bytes(decoded[4 : 12 if decoded[0] else 8])
                times[number] = at + _first_offset(_inside(track, b"trun"))
    except (KeyError, IndexError, struct.error) as error:
        raise NotFragments from error
    return times


def split(file: bytes, begins: Mapping[int, int]) -> tuple[bytes, bytes]:
    """The two parts of a file with one fragment: what players read first, and the media.

    Its tracks are put on a clock: `begins` says when the first sample of each is decoded, in its
    ticks. The encoder's library lets every fragmented file begin at 0. Raises NotFragments.
    """
    first, media, at = bytearray(), bytearray(), 0
    for kind, body in boxes(file):
        whole = file[at : at + 8 + len(body)]
        at += len(whole)
        if kind == b"moof":
            whole = _on_clock(whole, begins)
        (media if media or kind == b"moof" else first).extend(whole)
    if not first or not media or at != len(file):
        raise NotFragments
    return bytes(first), bytes(media)


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each whole box."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size < 8 or at + size > len(data):
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _inside(data: bytes, wanted: bytes) -> bytes:
    """The first box of a kind. Raises KeyError."""
    for kind, body in boxes(data):
        if kind == wanted:
            return body
    raise KeyError(wanted)


def _edited(track: bytes, ticks: Fraction) -> Fraction:
    """By how much an edit list moves a track: it waits first, or begins later in the media."""
    try:
        edits = _inside(_inside(track, b"edts"), b"elst")
    except KeyError:
        return Fraction(0)
    form = struct.Struct(">Qqi" if edits[0] else ">Iii")
    waits = Fraction(0)
    for number in range(int.from_bytes(edits[4:8])):
        lasts, begins, _rate = form.unpack_from(edits, 8 + number * form.size)
        if begins >= 0:
            return waits - int(begins)
        waits += lasts * ticks
    return waits


def _first_offset(run: bytes) -> int:
    """How much later than decoded the first sample of a run (`trun`) is shown."""
    flags = int.from_bytes(run[1:4])
    if not flags & 0x800:
        return 0
    at = 8 + 4 * bool(flags & 0x001) + 4 * bool(flags & 0x004)
    at += 4 * sum(bool(flags & flag) for flag in (0x100, 0x200, 0x400))
    return int(struct.unpack_from(">i" if run[0] else ">I", run, at)[0])


def _on_clock(fragment: bytes, begins: Mapping[int, int]) -> bytes:
    """The same fragment, whose tracks begin when they are told to."""
    moved, at = bytearray(fragment), 8
    for kind, track in boxes(fragment[8:]):
        if kind == b"traf":
            inside = at + 8
            number = int.from_bytes(_inside(track, b"tfhd")[4:8])
            for inner, body in boxes(track):
                if inner == b"tfdt" and number in begins:
                    size = 8 if body[0] else 4
                    moved[inside + 12 : inside + 12 + size] = begins[number].to_bytes(size)
                inside += 8 + len(body)
        at += 8 + len(track)
    return bytes(moved)
