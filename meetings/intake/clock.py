"""Mending the clock of a caption file, so that time runs forward and every cue lasts a while."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from meetings.transcripts.formats.cues import Cue

# A cue whose own end cannot be used lasts to the next cue, at most this long.
LONGEST_GUESS_MS = 5_000
# Sound cues that are out of order by no more than this are neighbours that overlap.
OVERLAP_MS = 10_000
# A step back of no more than this is never a restart, not even at the end of a file.
SLIP_MS = 3_000
# A clock that is ahead again within this many cues did not restart: the times between are wrong.
STRAY_CUES = 3
# One cue this far ahead of its neighbours, which are within this of each other, is wrong alone.
LEAP_MS = 60_000

Report = Callable[[str, int], None]


def run_forward(cues: Sequence[Cue], report: Report) -> list[Cue]:
    """The cues in the order of their words: starts never fall, no cue ends before it starts.

    Three things make a caption clock go back, and each wants its own answer. They are told apart
    by the latest start so far and the few starts that follow:

    - **out of order**: a sound cue starts up to 10 s before the latest one, as where two people
      talk at once, and the next cues are ahead again. Its times are right: the cues are sorted.
    - **stray time**: the clock goes back, or leaps, and is right again within three cues. Real
      files have this where a live clock was corrected (California Assembly, 3 August 2020:
      19:57 → 19:04 → 19:59; Senate, 8 April 2019: 13:44.9 → 13:43.1 → 13:46.5, both with a cue
      that ends before it starts). What comes later is right and stays where it is; the words keep
      their order, and the cues between two sound times share the time between them, each by the
      length of its text.
    - **restart**: the clock goes back by more than 3 s and stays back. That cue and all after it
      are moved on, so that it starts where the one before it ended.

    A cue that ends before it starts lasts to the next cue, at most 5 s. `report(kind, line)` is
    called for each cue that was changed, and for a restart once.
    """
    steady = _leaps_taken_back(cues, report)
    steady = _restarts_moved_on(steady, report)
    steady = _strays_spread(steady, report)
    return _ends_mended(_sorted(steady, report), report)


def _leaps_taken_back(cues: Sequence[Cue], report: Report) -> list[Cue]:
    steady = list(cues)
    for position in range(1, len(cues) - 1):
        before, cue, after = steady[position - 1], steady[position], steady[position + 1]
        neighbours = 0 <= after.start_ms - before.start_ms <= LEAP_MS
        if neighbours and cue.start_ms > after.start_ms + LEAP_MS:
            start = max(before.start_ms, min(before.end_ms, after.start_ms))
            end = max(start, after.start_ms)
            steady[position] = replace(cue, start_ms=start, end_ms=end, words=())
            report("stray_time", cue.line)
    return steady


def _restarts_moved_on(cues: Sequence[Cue], report: Report) -> list[Cue]:
    moved: list[Cue] = []
    offset = 0
    high = before = -1
    for position, cue in enumerate(cues):
        start = cue.start_ms + offset
        if start < high - SLIP_MS and not _is_ahead_again(cues, position, high - offset):
            offset += max(before, high) - start
            report("clock_restarts", cue.line)
        now = _shifted(cue, offset)
        moved.append(now)
        if now.start_ms >= high:
            high = now.start_ms
            sound = now.end_ms > now.start_ms
            before = now.end_ms if sound else now.start_ms + LONGEST_GUESS_MS
    return moved


def _is_ahead_again(cues: Sequence[Cue], position: int, high: int) -> bool:
    return any(cue.start_ms >= high for cue in cues[position + 1 : position + 1 + STRAY_CUES])


def _shifted(cue: Cue, offset: int) -> Cue:
    if not offset:
        return cue
    words = tuple(
        replace(word, start_ms=word.start_ms + offset, end_ms=word.end_ms + offset)
        for word in cue.words
    )
    # An end before the start, or at 0, is no time on any clock; it is mended later.
    end = cue.end_ms + offset if cue.end_ms >= cue.start_ms else cue.end_ms
    return replace(cue, start_ms=cue.start_ms + offset, end_ms=end, words=words)


def _strays_spread(cues: list[Cue], report: Report) -> list[Cue]:
    spread: list[Cue] = []
    position = 0
    while position < len(cues):
        cue = cues[position]
        after = position + 1
        while after < len(cues) and cues[after].start_ms < cue.start_ms:
            after += 1
        run = cues[position + 1 : after]
        if not run or not _is_stray(cue, run):
            spread.append(cue)
            position += 1
            continue
        shared, start = [cue, *run], cue.start_ms
        if cue.end_ms > cue.start_ms:  # the cue before the step is sound, and keeps its times
            spread.append(cue)
            shared, start = run, cue.end_ms
        end = max(start, *(stray.end_ms for stray in run))
        if end == start:
            end = start + LONGEST_GUESS_MS
        if after < len(cues):
            end = max(start, min(end, cues[after].start_ms))
        spread.extend(_share(shared, start, end))
        for stray in shared:
            report("stray_time", stray.line)
        position = after
    return spread


def _is_stray(cue: Cue, run: Sequence[Cue]) -> bool:
    """Whether the cues of `run`, all before `cue` in time, are not only in the wrong place."""
    reversed_before = cue.end_ms < cue.start_ms and cue.end_ms != 0
    return reversed_before or min(stray.start_ms for stray in run) < cue.start_ms - OVERLAP_MS


def _share(cues: Sequence[Cue], start: int, end: int) -> list[Cue]:
    """`cues` laid one after the other between `start` and `end`, by the length of their text."""
    whole = sum(len(cue.text) for cue in cues) or 1
    shared: list[Cue] = []
    told = 0
    for cue in cues:
        begins = start + (end - start) * told // whole
        told += len(cue.text)
        ends = start + (end - start) * told // whole
        shared.append(replace(cue, start_ms=begins, end_ms=ends, words=()))
    return shared


def _sorted(cues: list[Cue], report: Report) -> list[Cue]:
    high = -1
    for cue in cues:
        if cue.start_ms < high:
            report("out_of_order", cue.line)
        high = max(high, cue.start_ms)
    return sorted(cues, key=lambda cue: cue.start_ms)


def _ends_mended(cues: list[Cue], report: Report) -> list[Cue]:
    mended: list[Cue] = []
    later: int | None = None
    current: int | None = None
    for cue in reversed(cues):
        if cue.start_ms != current:
            later, current = current, cue.start_ms
        if cue.end_ms < cue.start_ms:
            longest = cue.start_ms + LONGEST_GUESS_MS
            end = longest if later is None else min(later, longest)
            report("ends_before_start", cue.line)
            mended.append(replace(cue, end_ms=end, words=()))
        else:
            mended.append(cue)
    mended.reverse()
    return mended
