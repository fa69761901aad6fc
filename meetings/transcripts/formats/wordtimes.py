"""The time marks inside a WebVTT cue, where they tell when each of its words is said.

https://www.w3.org/TR/webvtt1/#webvtt-timestamp: `Good <00:00:04.320>evening, <00:00:04.810>all.`
Karaoke is written so, and speech recognizers write it.
"""

import itertools
import re

from meetings.transcripts.formats.cues import Word
from meetings.transcripts.formats.cuetext import Does, steps

_MARK = re.compile(r"<\d")


def word_times(text: str, start_ms: int, end_ms: int) -> tuple[Word, ...]:
    """The words of a cue with their times, or none where one has no mark of its own.

    The first word needs none: it begins with the cue. Marks stand in order within the cue's times.
    """
    if _MARK.search(text) is None:
        return ()
    words: list[str] = []
    starts: list[int] = []
    mark: int | None = start_ms
    is_inside = False  # a word, which tags may cut in two
    for step in steps(text):
        if step.does is Does.TIME:
            mark = step.milliseconds
        if step.does is not Does.TEXT:
            continue
        spoken = step.value.split()
        if is_inside and spoken and not step.value[0].isspace():
            words[-1] += spoken.pop(0)
        for word in spoken:
            if mark is None:
                return ()
            words.append(word)
            starts.append(mark)
            mark = None
        is_inside = bool(words) and not step.value[-1:].isspace()
    times = [*starts, end_ms]
    if any(later < sooner for sooner, later in itertools.pairwise([start_ms, *times])):
        return ()
    return tuple(map(Word, words, times, times[1:]))
