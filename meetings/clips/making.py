"""What the form of a new clip shows: the words of each part, and what the context guard says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from operator import attrgetter, or_

from django.conf import settings
from django.db.models import Q
from django.utils.text import Truncator

from meetings.transcripts.models import Segment, Transcript
from memberships.gate.entitlement import User

from .guard import LONGEST_SENTENCE_MS, OFFER_MAX_MS, Cut, Finding, findings
from .models import Clip
from .spans import BRIDGED_MS
from .timed import Span, Word, timed, within
from .wanted import Wanted, written

# How far around a part the guard looks.
NEAR_MS = LONGEST_SENTENCE_MS + OFFER_MAX_MS
# How much of a long part is shown: its beginning and its end, which were chosen.
SHOWN_WORDS, BEFORE_WORDS = 80, 12
_KEY = re.compile(r"[0-9a-f]{1,16}", re.ASCII)
LEFT_OUT = "[…]"
TITLE_LONG = 70


@dataclass(frozen=True, slots=True)
class Line:
    """What one speaker says in a part."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part as the form shows it: as it is written, what is said in it, and what is amiss."""

    wanted: Wanted
    lines: list[Line] = field(default_factory=list)
    before: str = ""
    after: str = ""
    findings: list[Finding] = field(default_factory=list)


def parts(transcript: Transcript | None, wanted: Sequence[Wanted]) -> list[Part]:
    """Each part with its words. One query, whatever their number."""
    spans = [_worth_showing(one.span) for one in wanted]
    near = _segments_near(transcript, [span for span in spans if span]) if transcript else []
    language = transcript.language if transcript else ""
    starts, ends = _edges([span for span in spans if span])
    found = []
    for one, span in zip(wanted, spans, strict=True):
        if span is None or not near:
            found.append(Part(one))
            continue
        words = timed(_around(near, span))
        amiss = [
            finding
            for finding in findings(span, words, language=language)
            if _is_heard(finding, span, starts, ends)
        ]
        found.append(_shown(one, span, words, amiss))
    return found


def offer(parts: Sequence[Part], number: int, which: int) -> Span | None:
    """What the guard offers for a part; None where the transcript was corrected meanwhile."""
    try:
        return parts[number].findings[which].offer
    except IndexError:
        return None


def suggested(parts: Sequence[Part], owner: User) -> dict[str, str]:
    """What the form holds at first: the first words that are said, and the name given last."""
    names = Clip.objects.owned_by(owner).newest_first().values_list("maker_name", flat=True)
    return {"title": _title(parts), "maker_name": names.first() or ""}


def kept(said: dict[str, str], suggested: dict[str, str]) -> dict[str, str]:
    """What somebody wrote. A title that is still the one suggested before follows the words."""
    is_ours = said.get("title", "") in {"", said.get("suggested", "")}
    return said | {"title": suggested["title"]} if is_ours else said


def _title(parts: Sequence[Part]) -> str:
    lines = [line for part in parts for line in part.lines]
    if not lines:
        return ""
    words = Truncator(lines[0].text).chars(TITLE_LONG, truncate="…")
    title = f"{lines[0].speaker}: {words}" if lines[0].speaker else words
    return Truncator(title).chars(Clip.TITLE_MAX, truncate="…")


def of_keys(transcript: Transcript | None, keys: Sequence[tuple[str, str]]) -> list[Wanted]:
    """Parts of segments that are named by the keys of the first and last of them.

    What is not in the transcript any more gives no part.
    """
    if transcript is None or not keys:
        return []
    named = {key for pair in keys for key in pair if _KEY.fullmatch(key)}
    rows = Segment.objects.filter(transcript=transcript, key__in=named)
    times = {row.key: Span(row.start_ms, row.end_ms) for row in rows}
    ends = [(times[first], times[last]) for first, last in keys if {first, last} <= times.keys()]
    return [written(Span(first.start_ms, max(first.end_ms, last.end_ms))) for first, last in ends]


def _worth_showing(span: Span | None) -> Span | None:
    """What is longer than any clip may be is refused; its words are not looked up for that."""
    if span is None or span.end_ms - span.start_ms > settings.CLIP_MAX_SECONDS * 1000:
        return None
    return span


def _segments_near(transcript: Transcript, spans: Sequence[Span]) -> list[Segment]:
    if not spans:
        return []
    windows = [
        Q(start_ms__lt=span.end_ms + NEAR_MS, end_ms__gt=max(span.start_ms - NEAR_MS, 0))
        for span in spans
    ]
    rows = Segment.objects.filter(reduce(or_, windows), transcript=transcript)
    return list(rows.in_order().select_related("speaker"))


def _around(segments: Sequence[Segment], span: Span) -> list[Segment]:
    return [
        one
        for one in segments
        if one.start_ms < span.end_ms + NEAR_MS and one.end_ms > span.start_ms - NEAR_MS
    ]


def _edges(spans: Sequence[Span]) -> tuple[set[int], set[int]]:
    """Where the clip begins and ends to be heard: where one part follows another, it does not."""
    starts, ends = {span.start_ms for span in spans}, {span.end_ms for span in spans}
    for one in spans:
        for other in spans:
            if one != other and 0 <= other.start_ms - one.end_ms < BRIDGED_MS:
                starts.discard(other.start_ms)
                ends.discard(one.end_ms)
    return starts, ends


def _is_heard(finding: Finding, span: Span, starts: set[int], ends: set[int]) -> bool:
    if finding.cut == Cut.BEGINS_INSIDE:
        return span.start_ms in starts
    return span.end_ms in ends


def _shown(wanted: Wanted, span: Span, words: Sequence[Word], amiss: list[Finding]) -> Part:
    inside = within(span, words)
    if not inside:
        return Part(wanted)
    before = words[max(inside.start - BEFORE_WORDS, 0) : inside.start]
    after = words[inside.stop : inside.stop + BEFORE_WORDS]
    return Part(
        wanted,
        lines=list(_lines(words[inside.start : inside.stop])),
        before=_text(before),
        after=_text(after),
        findings=amiss,
    )


def _lines(words: Sequence[Word]) -> Iterator[Line]:
    half = SHOWN_WORDS // 2
    if len(words) > SHOWN_WORDS:
        yield from _by_speaker(words[:half])
        yield Line("", LEFT_OUT)
        yield from _by_speaker(words[-half:])
    else:
        yield from _by_speaker(words)


def _by_speaker(words: Sequence[Word]) -> Iterator[Line]:
    for speaker, run in groupby(words, key=attrgetter("speaker")):
        yield Line(speaker, _text(run))


def _text(words: Sequence[Word] | Iterator[Word]) -> str:
    return " ".join(word.text for word in words)
