"""The text of one WebVTT cue: tags, voices, time marks and character references, by the W3C.

https://www.w3.org/TR/webvtt1/, sections 6.4 (cue text parsing) and 6.5 (its tokenizer). The two
are walked as one: `steps` gives what the tree construction does, one step at a time, so that text
of any depth and length is read in a straight line and nothing is built that is not asked for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from meetings.transcripts.formats.characterreferences import decoded
from meetings.transcripts.formats.timestamps import w3c_timestamp

_WHITESPACE = " \t\n\f\r"
_RUN_OF_WHITESPACE = re.compile(r"[ \t\n\f\r]++")
_START_TAG = re.compile(r"([^.\t\n\f ]*+)((?:\.[^.\t\n\f ]*+)*+)(.*+)", re.DOTALL)
_SPANS = frozenset({"c", "i", "b", "u", "ruby", "rt", "v", "lang"})
# Only a voice and a language have a use for words inside their tag.
_ANNOTATED = frozenset({"v", "lang"})


class Does(Enum):
    """What a step does to the tree."""

    TEXT = auto()  # value: the characters
    TIME = auto()  # milliseconds
    OPEN = auto()  # value: the tag's name, with classes and annotation
    CLOSE = auto()  # value: the tag's name
    NOTHING = auto()  # the rules drop this tag


@dataclass(frozen=True, slots=True)
class Step:
    does: Does
    value: str
    raw: str
    classes: tuple[str, ...] = ()
    annotation: str = ""
    milliseconds: int = 0
    is_closed: bool = True  # False for a tag that lacks its ">" and so swallows the rest

    @property
    def may_hide_words(self) -> bool:
        """Whether words of the speaker may stand inside the tag, where the rules drop them."""
        if self.does is Does.OPEN:
            swallows = self.value not in _ANNOTATED or not self.is_closed
            return swallows and bool(self.annotation)
        if self.does is not Does.NOTHING:
            return False
        return any(map(str.isalnum, self.raw)) and not _is_markup(self.raw)


# Tags that caption tools write and WebVTT drops with no word lost: its own in capitals or out of
# place, and those of HTML and SubRip, with attributes at most; or a time mark not quite one.
_MARKUP = re.compile(
    r"</?(?:[bcisuvap]|br|em|rt|tt|big|div|sub|sup|body|font|head|html|lang|link|ruby|span|"
    r"small|style|center|script|strike|strong)(?:\.[\w-]++)*+"
    r"(?:\s++[\w:-]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++))*+\s*+/?>"
    r"|<[\d.,\s]*+:[\d:.,\s]*+>",
    re.IGNORECASE,
)


def _is_markup(raw: str) -> bool:
    return _MARKUP.fullmatch(raw) is not None


def steps(text: str) -> Iterator[Step]:
    """What the W3C's tree construction does with `text`, in order."""
    open_spans: list[str] = []
    position, end = 0, len(text)
    while position < end:
        bracket = text.find("<", position)
        if bracket != position:
            stretch = text[position:] if bracket < 0 else text[position:bracket]
            yield Step(Does.TEXT, decoded(stretch), stretch)
            if bracket < 0:
                return
        close = text.find(">", bracket)
        is_closed = close >= 0
        position = close + 1 if is_closed else end
        raw = text[bracket:position]
        body = raw[1:-1] if is_closed else raw[1:]
        if body[:1] == "/":
            yield from _end_tag(body[1:], raw, open_spans, is_closed=is_closed)
        elif body[:1].isascii() and body[:1].isdigit():
            time = w3c_timestamp(body)
            does = Does.NOTHING if time is None else Does.TIME
            yield Step(does, "", raw, milliseconds=time or 0, is_closed=is_closed)
        else:
            yield _start_tag(body, raw, open_spans, is_closed=is_closed)


def _start_tag(body: str, raw: str, open_spans: list[str], *, is_closed: bool) -> Step:
    name, classes, annotation = _named(body)
    if name not in _SPANS or (name == "rt" and open_spans[-1:] != ["ruby"]):
        return Step(Does.NOTHING, "", raw, is_closed=is_closed)
    open_spans.append(name)
    return Step(
        Does.OPEN,
        name,
        raw,
        classes=classes,
        annotation=annotation,
        is_closed=is_closed,
    )


@lru_cache(maxsize=1024)  # a hearing names its few speakers thousands of times
def _named(body: str) -> tuple[str, tuple[str, ...], str]:
    """Name, classes and annotation of a start tag."""
    match = _START_TAG.match(body)
    name, classes, rest = match.groups() if match else ("", "", "")
    annotation = _RUN_OF_WHITESPACE.sub(" ", decoded(rest).strip(_WHITESPACE))
    return name, tuple(one for one in classes.split(".") if one), annotation


def _end_tag(name: str, raw: str, open_spans: list[str], *, is_closed: bool) -> Iterator[Step]:
    innermost = open_spans[-1] if open_spans else ""
    if name == innermost and name:
        open_spans.pop()
        yield Step(Does.CLOSE, name, raw, is_closed=is_closed)
    elif name == "ruby" and innermost == "rt":
        del open_spans[-2:]
        yield Step(Does.CLOSE, "rt", raw, is_closed=is_closed)
        yield Step(Does.CLOSE, "ruby", raw, is_closed=is_closed)
    else:
        yield Step(Does.NOTHING, "", raw, is_closed=is_closed)


@dataclass(slots=True)
class Node:
    """One node of a cue's tree: a span with its children, a text, or a time mark."""

    name: str = ""  # "" is a text or a time mark, or the root
    text: str = ""
    milliseconds: int | None = None
    classes: tuple[str, ...] = ()
    annotation: str = ""
    children: list["Node"] = field(default_factory=list)


def tree(text: str) -> Node:
    """The W3C's "list of WebVTT node objects" of a cue's text, as the children of a root."""
    path = [Node()]
    for step in steps(text):
        if step.does is Does.TEXT:
            path[-1].children.append(Node(text=step.value))
        elif step.does is Does.TIME:
            path[-1].children.append(Node(milliseconds=step.milliseconds))
        elif step.does is Does.OPEN:
            node = Node(step.value, classes=step.classes, annotation=step.annotation)
            path[-1].children.append(node)
            path.append(node)
        elif step.does is Does.CLOSE:
            path.pop()
    return path[0]


@dataclass(frozen=True, slots=True)
class Voice:
    """Words of a cue by one speaker; "" where the cue does not say who."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class DroppedTags:
    """The tags of a cue that the rules drop, as written.

    `hiding` may hold words of the speaker; `odd` are tags that WebVTT does not know.
    """

    hiding: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


def dropped_tags(text: str) -> DroppedTags:
    """What the rules drop of a cue's text."""
    if "<" not in text or _lone_voice(text) is not None:
        return _NONE
    hiding: list[str] = []
    odd: list[str] = []
    for step in steps(text):
        if step.may_hide_words:
            hiding.append(step.raw)
        elif step.does is Does.NOTHING:
            odd.append(step.raw)
    return DroppedTags(tuple(hiding), tuple(odd))


_NONE = DroppedTags()


def voices(text: str, *, keep_hidden: bool = False) -> tuple[Voice, ...]:
    """The words of a cue by speaker, lines joined by a line feed. Empty where there are none.

    With `keep_hidden` a tag that may hide words stays in the text as written. `<br>`, which
    WebVTT drops, separates the words on its two sides.
    """
    if "<" not in text:
        only = _tidy(decoded(text))
        return (Voice("", only),) if only else ()
    if (lone := _lone_voice(text)) is not None:
        return (lone,) if lone.text else ()
    speaker = ""
    parts: list[tuple[str, list[str]]] = [(speaker, [])]
    outside: list[str | None] = []  # for each open voice who spoke around it, None for other spans
    for step in steps(text):
        if keep_hidden and step.may_hide_words:
            parts[-1][1].append(step.raw)
        elif step.raw[1:3].lower() == "br" and step.does is Does.NOTHING:
            parts[-1][1].append("\n")
        if step.does is Does.TEXT:
            parts[-1][1].append(step.value)
        elif step.does is Does.OPEN:
            outside.append(speaker if step.value == "v" else None)
            if step.value == "v":
                speaker = step.annotation
                parts.append((speaker, []))
        elif step.does is Does.CLOSE and (around := outside.pop()) is not None:
            speaker = around
            parts.append((speaker, []))
    return _merged(parts)


def _lone_voice(text: str) -> Voice | None:
    """The voice of a cue such as `<v Mayor Ruiz>Good evening.`: one tag at its start, no other.

    Nearly every cue that names its speaker is one, so it is read without walking through it.
    """
    if not text.startswith("<v ") or text.find("<", 3) >= 0:
        return None
    close = text.find(">")
    if close < 0:
        return None
    _name, _classes, speaker = _named(text[1:close])
    return Voice(speaker, _tidy(decoded(text[close + 1 :])))


def _merged(parts: list[tuple[str, list[str]]]) -> tuple[Voice, ...]:
    merged: list[tuple[str, list[str]]] = []
    for speaker, pieces in parts:
        text = "".join(pieces)
        if merged and (merged[-1][0] == speaker or not text.strip()):
            merged[-1][1].append(text)  # space between two voices keeps their words apart
        elif text.strip():
            merged.append((speaker, [text]))
    joined = ((speaker, _tidy("".join(texts))) for speaker, texts in merged)
    return tuple(Voice(speaker, text) for speaker, text in joined if text)


def _tidy(text: str) -> str:
    """`text` without space at the ends of its lines, and without empty lines."""
    if "\n" not in text:
        return text.strip()
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
