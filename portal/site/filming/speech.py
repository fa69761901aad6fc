"""Speech: words said by eSpeak NG, which the wheel `espeakng-loader` brings.

The same words in the same order give the same sound, from the start of the process on: the library
draws its noise from a sequence that goes on from one utterance to the next.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from .aloud import read_aloud, word_starts

Sound = NDArray[np.float32]
"""One channel, from -1 to 1."""

# speak_lib.h of eSpeak NG
_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_RATE, _PITCH, _RANGE = 1, 3, 4
_BY_CHARACTER, _UTF8 = 1, 1
_LIST_ENDS, _WORD = 0, 1

# Words a minute: nobody likes to be spoken to more slowly, and the library cannot speak faster.
RATES = [round(120 * 1.025**step) for step in range(54)]
SILENT = 0.01  # of the loudest
BEFORE_S, AFTER_S = 0.005, 0.02  # what is kept around the words: consonants begin softly
LOUDNESS, LOUDEST = 0.1, 0.7  # root of the mean square, and peak


class TooShort(Exception):
    """The words cannot be said in the time that they have. The message says which."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words as they sound, and when each of them begins, in milliseconds from the start."""

    sound: Sound
    starts_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of eSpeak NG, and how high it is and how much it moves, from 0 to 99."""

    name: str
    pitch: int = 50
    range: int = 50


def say(text: str, voice: Voice, *, rate: int) -> Said:
    """The words at so many a minute, with no silence before or after them, evenly loud."""
    library, heard, marks = _library()
    if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
        raise ValueError(f"eSpeak NG has no voice {voice.name}.")
    for parameter, value in ((_RATE, rate), (_PITCH, voice.pitch), (_RANGE, voice.range)):
        library.espeak_SetParameter(parameter, value, 0)
    spoken = read_aloud(text)
    heard.clear()
    marks.clear()
    words = spoken.encode()
    library.espeak_Synth(words, len(words) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
    whole = np.concatenate(heard).astype(np.float32) / np.float32(32_768)
    first, last = _loud(whole)
    lasts_ms = (last - first) * 1000 // sample_rate()
    before_ms = first * 1000 // sample_rate()
    reached = [(at - 1, min(max(ms - before_ms, 0), lasts_ms)) for at, ms in marks]
    starts = word_starts(text, spoken, [*reached, (len(spoken), lasts_ms)])
    return Said(_evened(whole[first:last]), tuple(starts))


def fit(text: str, voice: Voice, *, within_s: float) -> Said:
    """The words as slowly as they can be said in that time. Raises TooShort."""
    fits, slow, fast = None, 0, len(RATES) - 1
    while slow <= fast:
        middle = (slow + fast) // 2
        said = say(text, voice, rate=RATES[middle])
        if said.sound.size <= within_s * sample_rate():
            fits, fast = said, middle - 1
        else:
            slow = middle + 1
    if fits is not None:
        return fits
    raise TooShort(f"“{text}” takes longer than {within_s:.3f} s.")


@cache
def sample_rate() -> int:
    """Samples a second."""
    _library()
    return _rate[0]


_rate: list[int] = []


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


@cache
def _library() -> tuple[Any, list[NDArray[np.int16]], list[tuple[int, int]]]:
    """The library, and where what it says is heard, and when. `Any`: a library of C."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    heard: list[NDArray[np.int16]] = []
    marks: list[tuple[int, int]] = []

    def hear(samples: Any, count: int, events: Any) -> int:
        number = 0
        while events[number].type != _LIST_ENDS:
            if events[number].type == _WORD:
                marks.append((events[number].text_position, events[number].audio_position))
            number += 1
        if count > 0 and samples:
            heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    kind = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
    )
    _kept.append(kind(hear))
    data = espeakng_loader.get_data_path().encode()
    _rate.append(library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT))
    library.espeak_SetSynthCallback(_kept[0])
    return library, heard, marks


_kept: list[Callable[..., int]] = []  # the library calls it for as long as the process lives


def _loud(sound: Sound) -> tuple[int, int]:
    """Where the words begin and end."""
    loud = np.flatnonzero(np.abs(sound) > SILENT * np.abs(sound).max(initial=0))
    if not loud.size:
        return 0, 0
    first = max(int(loud[0]) - int(BEFORE_S * sample_rate()), 0)
    return first, min(int(loud[-1]) + int(AFTER_S * sample_rate()), sound.size)


def _evened(sound: Sound) -> Sound:
    if not sound.size:
        return sound
    louder = LOUDNESS / float(np.sqrt(np.mean(sound**2)))
    louder = min(louder, LOUDEST / float(np.abs(sound).max()))
    edge = min(int(0.004 * sample_rate()), sound.size // 2)
    evened = sound * louder
    evened[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    evened[sound.size - edge :] *= np.linspace(1, 0, edge, dtype=np.float32)
    return evened
