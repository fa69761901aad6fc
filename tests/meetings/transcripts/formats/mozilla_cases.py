"""Mozilla's vtt.js test files: what each expects, and where today's W3C rules say otherwise."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meetings.transcripts.formats.cues import NotCaptions
from meetings.transcripts.formats.cuesettings import Region, Settings
from meetings.transcripts.formats.cuetext import Node, tree
from meetings.transcripts.formats.decoding import decode
from meetings.transcripts.formats.webvtt import WebVtt, parse

# Words that the W3C changed since: each is compared under its name of today.
ALIGN_TODAY = {"middle": "center"}
LINE_ALIGN_TODAY = {"middle": "center"}
POSITION_ALIGN_TODAY = {"start": "line-left", "middle": "center", "end": "line-right"}

NO_LINE: dict[str, object] = {"line": "auto", "snapToLines": True, "lineAlign": "start"}
NO_POSITION: dict[str, object] = {"position": "auto", "positionAlign": "middle"}


@dataclass(frozen=True)
class Difference:
    """Why today's W3C rules want something else than vtt.js did, and what they want."""

    reason: str
    change: dict[str, object] = field(default_factory=dict)  # in every cue
    cues: list[dict[str, object]] | None = None  # instead of all cues, only what is not default
    trees: list[Any] | None = None
    has_regions: bool = True


DIFFERENCES: dict[str, Difference] = {
    "cue-settings/line/bad-line-align": Difference(
        "an alignment that is none drops the whole setting today", change=NO_LINE
    ),
    "cue-settings/line/line-middle-align": Difference(
        "“middle” is called “center” today, and is none", change=NO_LINE
    ),
    "cue-settings/position/bad-position-align": Difference(
        "an alignment that is none drops the whole setting today", change=NO_POSITION
    ),
    "cue-settings/position/position-end-align": Difference(
        "“end” is called “line-right” today, and is none", change=NO_POSITION
    ),
    "cue-settings/position/position-start-align": Difference(
        "“start” is called “line-left” today, and is none", change=NO_POSITION
    ),
    "cue-times/min-top-digits": Difference(
        "three digits before the only colon are neither minutes nor hours "
        "(vtt.js's own test wants no cue either)",
        cues=[],
        trees=[],
    ),
    "cue-times/minimum-spots-over-sixty": Difference(
        "more than 59 minutes need hours before them (vtt.js skips this test)", cues=[], trees=[]
    ),
    "cuetext/escape-characters/incorrect": Difference(
        "vtt.js knows six character references, the W3C those of HTML, some without “;”",
        trees=[["&l &g; \xa0 &am; < > &nbs &nbs; &g; &lr;"]],
    ),
    "file-layout/header-no-new-line": Difference(
        "a line of times ends the header today, and begins a cue",
        cues=[{"startTime": 11, "endTime": 13, "text": "Test"}],
        trees=[["Test"]],
    ),
    "integration/id": Difference(
        "a second line with an arrow begins a new block today (the W3C's own arrows.vtt)",
        cues=[
            {"id": "1", "startTime": 1, "endTime": 2, "text": "This"},
            {"id": "Random", "startTime": 2, "endTime": 3, "text": "Is"},
            {"id": "12*AS& Over ...", "startTime": 3, "endTime": 4, "text": "A"},
            {"startTime": 4, "endTime": 5, "text": "Test"},
            {"id": "ja88120 aa", "startTime": 6, "endTime": 7, "text": "And stuff?"},
        ],
        trees=[["This"], ["Is"], ["A"], ["Test"], ["And stuff?"]],
    ),
}

# vtt.js drew nothing for these; what the W3C's rules make of them, time marks as milliseconds.
UNDRAWN_TREES: dict[str, list[Any]] = {
    "cue-settings/line/line-middle-align": [["Text"]],
    "cuetext/timestamp/basic": [[1000, "It's a blue apple tree!"]],
    "cuetext/timestamp/nested": [[1000, "Hee!", 1500, " Hee!"]],
    "cuetext/timestamp/no-end-gt": [[]],
    "cuetext/timestamp/out-of-cue-range": [[3000, "That's awesome!"]],
    "cuetext/timestamp/space-before-gt": [["No way!"]],
    "regions/id/arrows": [["Text"]],
    "regions/id/correct": [["Text"]],
}

_OLD_REGIONS = Difference(
    "“Region:” lines in the header are of 2013; regions are REGION blocks today",
    change={"region": ""},
    has_regions=False,
)
_REGION_FILES = {
    "cue-settings/region": "region-arrows valid",
    "integration": "regions",
    "regions": "incorrect-delimiter line-break no-line-break no-space-after-delimiter "
    "space-before-delimiter",
    "regions/id": "arrows correct",
    "regions/lines": "correct decimal-value incorrect-delimiter letter-in-value "
    "space-after-delimiter space-before-delimiter",
    "regions/regionanchor": "correct incorrect-delimiter letter-in-value negative-percent "
    "no-comma no-percent no-percentage percent-at-front percent-over space-after-delimiter "
    "space-before-delimiter two-periods",
    "regions/scroll": "bogus-value correct incorrect-delimiter space-after-delimiter "
    "space-before-delimiter",
    "regions/viewportanchor": "correct incorrect-delimiter letter-in-value negative-percent "
    "no-comma no-percent no-percentage percent-at-front percent-over space-after-delimiter "
    "space-before-delimiter two-periods",
    "regions/width": "correct incorrect-delimiter letter-in-value negative-percent no-percentage "
    "percent-over percentage-at-front space-after-delimiter space-before-delimiter two-periods",
}
DIFFERENCES.update(
    {
        f"{where}/{one}": _OLD_REGIONS
        for where, them in _REGION_FILES.items()
        for one in them.split()
    }
)

DEFAULT_CUE: dict[str, object] = {
    "id": "",
    "align": "center",
    "line": "auto",
    "lineAlign": "start",
    "position": "auto",
    "positionAlign": "center",
    "region": None,
    "size": 100,
    "snapToLines": True,
    "vertical": "",
}

# Files whose expectation is not in a file of their own name.
SHARED = {
    "cue-settings/align": "bad-align",
    "cue-settings/line": "bad-line",
    "cue-settings/position": "bad-position",
    "cue-settings/region": "bad-region",
    "cue-settings/size": "bad-size",
    "cue-settings/vertical": "bad-vertical",
    "cue-times": "with-data",
    "file-layout": "no-output",
    "regions": "good-region",
    "regions/id": "bad-id",
    "regions/lines": "bad-line",
    "regions/regionanchor": "bad-regionanchor",
    "regions/scroll": "bad-scroll",
    "regions/viewportanchor": "bad-viewportanchor",
    "regions/width": "bad-width",
}
SHARED_BY_FILE = {
    "cue-times/missing-separator": "bad-data",
    "file-layout/webvtt-no-bom": "with-data",
    "file-layout/webvtt-space": "with-data",
    "file-layout/webvtt-tab": "with-data",
    "file-layout/webvtt-with-bom": "with-data",
}


def names(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.vtt")
    )


def parsed(path: Path) -> WebVtt:
    """The file, or an empty one where it is not WebVTT at all, as vtt.js has it."""
    try:
        return parse(decode(path.read_bytes()).text)
    except NotCaptions:
        return WebVtt()


def expected(folder: Path, name: str) -> dict[str, Any]:
    own = folder / f"{name}.json"
    if not own.exists():
        where = name.rpartition("/")[0]
        own = folder / where / f"{SHARED_BY_FILE.get(name) or SHARED[where]}.json"
    document: dict[str, Any] = json.loads(own.read_text("utf-8"))
    return document


def drawn_trees(folder: Path, name: str) -> list[Any] | None:
    """The cues' trees out of the boxes that vtt.js drew, or None where it drew none."""
    path = folder / f"{name}-proc.json"
    boxes = json.loads(path.read_text("utf-8")) if path.exists() else None
    if boxes is None:
        return None
    return [[drawn(node) for node in box["childNodes"][0]["childNodes"]] for box in boxes]


def drawn(node: dict[str, Any]) -> Any:
    if not node.get("localName"):
        return node["data"]
    children = [drawn(child) for child in node["childNodes"]]
    return [node["localName"], node["className"], node["title"], node["lang"], children]


def as_dom(node: Node) -> Any:
    """A node of ours as the W3C's "DOM construction rules" make it; a time mark is a number."""
    if node.milliseconds is not None:
        return node.milliseconds
    if not node.name:
        return node.text
    element = "span" if node.name in {"c", "v", "lang"} else node.name
    title = node.annotation if node.name == "v" else ""
    lang = node.annotation if node.name == "lang" else ""
    return [element, " ".join(node.classes), title, lang, list(map(as_dom, node.children))]


def wanted(folder: Path, name: str, difference: Difference | None) -> dict[str, Any]:
    """What a file should give: cues, regions and, where somebody says so, trees."""
    document = expected(folder, name)
    difference = difference or Difference("")
    if difference.cues is None:
        cues = [in_todays_words({**cue, **difference.change}) for cue in document["cues"]]
    else:
        cues = [{**DEFAULT_CUE, **cue} for cue in difference.cues]
    trees = difference.trees
    if trees is None:
        trees = UNDRAWN_TREES.get(name)
    if trees is None:
        trees = drawn_trees(folder, name)
    regions = document["regions"] if difference.has_regions else []
    return {"cues": cues, "regions": regions, "trees": trees}


def found(folder: Path, name: str) -> dict[str, Any]:
    file = parsed(folder / f"{name}.vtt")
    return {
        "cues": found_cues(file),
        "regions": [found_region(region) for region in file.regions],
        "trees": [[as_dom(child) for child in tree(cue.text).children] for cue in file.cues],
    }


def is_met(folder: Path, name: str, difference: Difference | None) -> bool:
    want = wanted(folder, name, difference)
    return {**want, "trees": want["trees"] or []} == found(folder, name)


def in_todays_words(cue: dict[str, Any]) -> dict[str, Any]:
    cue["align"] = ALIGN_TODAY.get(cue["align"], cue["align"])
    cue["lineAlign"] = LINE_ALIGN_TODAY.get(cue["lineAlign"], cue["lineAlign"])
    cue["positionAlign"] = POSITION_ALIGN_TODAY[cue["positionAlign"]]
    cue["region"] = cue["region"] or None
    cue.pop("pauseOnExit")
    return cue


def found_cues(file: WebVtt) -> list[Any]:
    return [
        {
            "id": cue.identifier,
            "startTime": cue.start_ms / 1000,
            "endTime": cue.end_ms / 1000,
            "text": cue.text,
            **found_settings(cue.settings),
        }
        for cue in file.cues
    ]


def found_settings(settings: Settings) -> dict[str, object]:
    return {
        "align": settings.align,
        "line": "auto" if settings.line is None else settings.line,
        "lineAlign": settings.line_align,
        "position": "auto" if settings.position is None else settings.position,
        "positionAlign": computed_position_align(settings),
        "region": settings.region and found_region(settings.region),
        "size": settings.size,
        "snapToLines": settings.snap_to_lines,
        "vertical": settings.vertical,
    }


def computed_position_align(settings: Settings) -> str:
    """The W3C's "computed position alignment" for text that runs from left to right."""
    if settings.position_align != "auto":
        return settings.position_align
    sides = {"start": "line-left", "left": "line-left", "end": "line-right", "right": "line-right"}
    return sides.get(settings.align, "center")


def found_region(region: Region) -> dict[str, object]:
    return {
        "lines": region.lines,
        "regionAnchorX": region.anchor[0],
        "regionAnchorY": region.anchor[1],
        "scroll": region.scroll,
        "viewportAnchorX": region.viewport_anchor[0],
        "viewportAnchorY": region.viewport_anchor[1],
        "width": region.width,
    }
