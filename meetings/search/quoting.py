"""The link from a moment to its words: a time and a quotation, which the reader finds and marks.

    #t=754.2,761.9&q=vote+on+the+budget&p=we+will+now&s=before+the+recess

`t` is the span in seconds, `q` what is marked, `p` and `s` some words before and after it. Whoever
opens it sees the words marked even when the transcript has been edited since.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from .moments import Line, Moment

CONTEXT_WORDS = 4
LONGEST = 24
"""Words of a quotation. What is longer is found by its time alone."""

_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_DOTS = re.compile(r"\.{2,}")  # would part the head of a quotation from its tail


def quoted(moment: Moment) -> str:
    """The fragment, with its "#"; nothing for an article, or for an agenda item.

    From the first to the last word that matches. Without any, the whole moment is meant.
    """
    if moment.start_ms is None or moment.end_ms is None:
        return ""
    given = {"t": f"{_seconds(moment.start_ms)},{_seconds(moment.end_ms)}"}
    before, words, after = _parted(moment.lines)
    if 0 < len(_WORD.findall(words)) <= LONGEST:
        given["q"] = _plain(words)
        sides = {
            "p": _WORD.findall(_plain(" ".join([*_texts(moment.before), before])))[-CONTEXT_WORDS:],
            "s": _WORD.findall(_plain(" ".join([after, *_texts(moment.after)])))[:CONTEXT_WORDS],
        }
        given |= {name: " ".join(side) for name, side in sides.items() if side}
    return "#" + urlencode(given, safe=",")


def _parted(lines: Sequence[Line]) -> tuple[str, str, str]:
    """What comes before the first mark, all from there to the end of the last, and the rest."""
    text, start, end = "", None, 0
    for line in lines:
        for part in line.parts:
            if part.is_match:
                start = len(text) if start is None else start
                end = len(text) + len(part.text)
            text += part.text
        text += " "
    if start is None:
        return text, "", ""
    # Whole words, as the reader's script counts them: where a script writes no spaces, a run.
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[:start], text[start:end], text[end:]


def _texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def _plain(text: str) -> str:
    return " ".join(_DOTS.sub("…", text).split())


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")
