"""The W3C's own parser tests: what each file should give.

Cue text: the expected trees stand beside the files. File parsing: the files are those of
web-platform-tests (webvtt/parsing/file-parsing); what each page there asserts is set down here
in our words, with the names that these copies of the files give their cues.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meetings.transcripts.formats.cuesettings import PLAIN, Region
from meetings.transcripts.formats.cuetext import Node, tree
from meetings.transcripts.formats.decoding import decode
from meetings.transcripts.formats.webvtt import WebVtt, parse

SECOND = (0, 1000)


@dataclass(frozen=True)
class Wanted:
    """What a file should give. `settings` and `regions` have a value for each cue."""

    texts: list[str]
    times: list[tuple[int, int]] | None = None
    ids: list[str] | None = None
    settings: dict[str, list[object]] = field(default_factory=dict)
    regions: dict[str, list[object]] | None = None  # None: no cue is in a region
    also: Callable[[WebVtt], bool] = lambda _: True


def _numbered(count: int, word: str = "text", start: int = 0) -> list[str]:
    return [f"{word}{number}" for number in range(start, start + count)]


_SIZES: list[object] = [100, 2, 0, 0, 100, 50, 1.5, *[100] * 9]
_POSITIONS: list[object] = [1, 100, 1, 1.5, *[1] * 4, *[None] * 14]
_POSITION_ALIGNS: list[object] = [
    *["auto"] * 4,
    "line-left",
    "center",
    "line-right",
    *["auto"] * 15,
]
_LARGEST, _SMALLEST = sys.float_info.max, 5e-324
_LINES: list[object] = [
    *(-1, 0, 0, 1, 100, 101, 65536, 4294967296, 1.8446744073709552e19, 1e34, 1.5),
    *(_LARGEST, -_LARGEST, _SMALLEST, 0),
    *[None] * 23,
    *(0, 0, 100, 100, 100, 100, _SMALLEST, 0),
]
_ANCHORS: list[object] = [(0, 100), (0, 0), (1, 1), (100, 0), (0, 100), (100, 100)]
_ANCHORS += [(0, 100)] * 14
_HUGE = [65536, 4294967296, 18446744073709552000, 10000000000000000000000000000000000]

FILES: dict[str, Wanted] = {
    "arrows": Wanted(_numbered(6)),
    "header-garbage": Wanted(["text"]),
    "header-space": Wanted(["text"]),
    "header-tab": Wanted(["text"]),
    "header-timings": Wanted(["text"], [SECOND]),
    "ids": Wanted(_numbered(5), ids=[" leading space", "trailing space ", "-- >", "->", " "]),
    "newlines": Wanted(_numbered(4), ids=["cr", "lf", "crlf", "lfcr"]),
    "nulls": Wanted(
        ["text0", "text1", "\ufffdtext\ufffd2", "text3", "text4", "text5", "text6"],
        ids=["", "\ufffd (null in id)", "\ufffd (null in cue data)", "", "", "", ""],
        settings={"align": [*["center"] * 6, "end"]},
    ),
    "regions-id": Wanted(["valid"] * 4, regions={"lines": [2, 1, 3, 4]}),
    "regions-lines": Wanted(
        ["text"] * 13, regions={"lines": [0, 1, 100, 101, *_HUGE, 2, *[3] * 4]}
    ),
    "regions-old": Wanted(["text0", "text1"]),
    "regions-regionanchor": Wanted(["text"] * 20, regions={"anchor": _ANCHORS}),
    "regions-scroll": Wanted(["text"] * 6, regions={"scroll": ["", "up", "up", "", "", "up"]}),
    "regions-viewportanchor": Wanted(["text"] * 20, regions={"viewport_anchor": _ANCHORS}),
    "settings-align": Wanted(
        _numbered(13),
        settings={
            "align": ["center", "start", "center", "end", "left", "right", *["end"] * 6, "center"]
        },
    ),
    "settings-line": Wanted(
        [*_numbered(15, "valid"), *_numbered(23, "invalid", 15), *_numbered(8, "text", 38)],
        settings={
            "line": _LINES,
            "snap_to_lines": [*[True] * 38, *[False] * 8],
            "line_align": [*["start"] * 42, "center", "end", "start", "start"],
        },
    ),
    "settings-multiple": Wanted(
        ["text0", "text1"],
        ids=["id0", "id1"],
        settings={
            "align": ["start", "center"],
            "line": [1, 1],
            "snap_to_lines": [False, True],
            "vertical": ["lr", "rl"],
            "size": [50, 0],
            "position": [25, 100],
        },
    ),
    "settings-position": Wanted(
        [*_numbered(8), *_numbered(14, "invalid", 8)],
        settings={"position": _POSITIONS, "position_align": _POSITION_ALIGNS},
    ),
    "settings-region": Wanted(
        [*_numbered(5), *_numbered(4, "invalid", 5)],
        regions={"identifier": ["foo", "bar", "bar", None, "foo", None, None, None, None]},
    ),
    "settings-size": Wanted(
        [*_numbered(7), *_numbered(9, "invalid", 7)], settings={"size": _SIZES}
    ),
    "settings-vertical": Wanted(
        [*_numbered(4), *_numbered(4, "invalid", 4)],
        settings={"vertical": ["", "lr", "rl", "lr", "", "", "", ""]},
    ),
    **{
        f"signature-{name}": Wanted([])
        for name in (
            *("bom", "no-newline", "space-no-newline", "space", "tab-no-newline", "tab"),
            "timings",
        )
    },
    "stylesheets": Wanted(
        ["text", "text"], ids=["foo", "bar"], also=lambda file: len(file.stylesheets) == 1
    ),
    "timings-60": Wanted(["text1", "text2"], [(0, 216_001_000), (216_000_000, 216_001_000)]),
    "timings-eof": Wanted([]),
    "timings-garbage": Wanted([]),
    "timings-negative": Wanted(
        _numbered(4), [(0, 0), (1000, 999), (60_000, 59_999), (3_600_000, 3_599_999)]
    ),
    "timings-omitted-hours": Wanted(_numbered(3), [SECOND] * 3),
    "timings-too-long": Wanted(["text0", "text1"], [SECOND] * 2),
    "timings-too-short": Wanted(["text0", "text1"], [SECOND] * 2),
    "whitespace-chars": Wanted(
        ["   text0", "text1", "text2"], [SECOND] * 3, ids=["spaces", "tabs", "form feed"]
    ),
}


def parsed(path: Path) -> WebVtt:
    return parse(decode(path.read_bytes()).text)


def file_problems(path: Path) -> list[str]:
    """Where the file does not give what is wanted; empty when all is well."""
    wanted, file = FILES[path.stem], parsed(path)
    have: dict[str, object] = {"texts": [cue.text for cue in file.cues]}
    want: dict[str, object] = {"texts": wanted.texts}
    if wanted.times is not None:
        have["times"] = [(cue.start_ms, cue.end_ms) for cue in file.cues]
        want["times"] = wanted.times
    if wanted.ids is not None:
        have["ids"] = [cue.identifier for cue in file.cues]
        want["ids"] = wanted.ids
    for name, values in wanted.settings.items():
        have[name] = [getattr(cue.settings, name) for cue in file.cues]
        want[name] = values
    regions: list[Region | None] = [cue.settings.region for cue in file.cues]
    if wanted.regions is None:
        have["regions"], want["regions"] = regions, [PLAIN.region] * len(regions)
    else:
        for name, values in wanted.regions.items():
            have[name] = [region and getattr(region, name) for region in regions]
            want[name] = values
    problems = [f"{key}: {have[key]} is not {want[key]}" for key in want if have[key] != want[key]]
    return problems if wanted.also(file) else [*problems, "the file as a whole"]


def cue_texts(folder: Path) -> list[tuple[str, str, str]]:
    """(name, the cue's text as the file's parser gives it, the expected tree as text)."""
    cases: list[tuple[str, str, str]] = []
    for path in sorted(folder.glob("*.vtt")):
        expected: list[dict[str, Any]] = json.loads(path.with_suffix(".json").read_text("utf-8"))
        cues = parsed(path).cues
        assert len(cues) == len(expected), path.name
        cases += [
            (f"{path.stem}-{number}", cue.text, one["expectedTree"])
            for number, (cue, one) in enumerate(zip(cues, expected, strict=True))
        ]
    return cases


def drawn(text: str) -> str:
    """A cue's tree as web-platform-tests writes it: a line a node, two spaces a level."""
    lines: list[str] = []
    for node in tree(text).children:
        _draw(node, "| ", lines)
    return "".join(line + "\n" for line in lines)


def _draw(node: Node, indent: str, lines: list[str]) -> None:
    if node.milliseconds is not None:
        seconds, thousandths = divmod(node.milliseconds, 1000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"
        lines.append(f"{indent}<?timestamp {clock}>")
        return
    if not node.name:
        lines.append(f'{indent}"{node.text}"')
        return
    element = "span" if node.name in {"c", "v", "lang"} else node.name
    lines.append(f"{indent}<{element}>")
    if node.classes:
        lines.append(f'{indent}  class="{" ".join(node.classes)}"')
    if node.name == "lang":
        lines.append(f'{indent}  lang="{node.annotation}"')
    if node.name == "v":
        lines.append(f'{indent}  title="{node.annotation}"')
    for child in node.children:
        _draw(child, indent + "  ", lines)
