"""Composing a message: matches as alerts, their meetings, and in those the words that matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.records.models import Meeting
from meetings.search.moments import Part

from . import link
from .models import Alert, Match, Stage

MOMENTS_MAX = 40
"""Of one message: mail programs cut off what is longer than 100 kB."""
WORDS_BEFORE, WORDS_MAX = 100, 420
"""Characters of a moment that are quoted: before what matched, and in all."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What was said, by whom and when; in marks what matched."""

    parts: Sequence[Part]
    speaker: str
    start_ms: int | None
    url: str

    @property
    def marked(self) -> str:
        """The words in plain text, with asterisks around what matched."""
        return "".join(f"*{part.text}*" if part.is_match else part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class InMeeting:
    """What an alert found in a meeting, before it or after."""

    meeting: Meeting
    is_before: bool
    standfirst: str
    quotes: Sequence[Quote]
    more: int
    """Moments of this meeting that are not quoted."""

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.meeting.get_absolute_url()}"


@dataclass(frozen=True, slots=True)
class OfAlert:
    """An alert and the meetings that met it, and where it is changed, paused or stopped."""

    alert: Alert
    meetings: Sequence[InMeeting]

    @property
    def url(self) -> str:
        return link.to_alert(self.alert.pk)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is put into the words of a mail."""

    subject: str
    alerts: Sequence[OfAlert]
    left_out: int
    """Moments that did not fit in: they stand in the reading list."""

    @property
    def list_url(self) -> str:
        return f"{settings.SITE_URL}{reverse('alert-matches')}"


def letter(matches: Iterable[Match], *, standfirsts: Mapping[int, str]) -> Letter:
    """These matches as one message: alerts by name, meetings by day, moments as they were said.

    Matches come with their alert, article and meeting with its body and place. `standfirsts` are
    those of the meetings that have an article, by the meeting's number.
    """
    rows = sorted(matches, key=_place)
    shown = rows[:MOMENTS_MAX]
    left_out = len(rows) - len(shown)
    alerts = [
        OfAlert(of_alert[0].alert, [*_meetings(of_alert, standfirsts)])
        for of_alert in _grouped(shown, lambda row: row.alert_id)
    ]
    return Letter(_subject(rows), alerts, left_out)


def _place(row: Match) -> tuple[object, ...]:
    start = row.start_ms
    return (
        row.alert.name.casefold(),
        row.alert_id,
        row.meeting.held_on,
        row.meeting_id,
        row.stage != Stage.BEFORE,
        start is None,
        start or 0,
        row.pk,
    )


def _grouped(rows: Sequence[Match], key: Callable[[Match], object]) -> list[list[Match]]:
    return [list(group) for _key, group in groupby(rows, key)]


def _meetings(rows: Sequence[Match], standfirsts: Mapping[int, str]) -> Iterable[InMeeting]:
    for group in _grouped(rows, lambda row: (row.meeting_id, row.stage)):
        first = group[0]
        yield InMeeting(
            meeting=first.meeting,
            is_before=first.stage == Stage.BEFORE,
            standfirst=standfirsts.get(first.meeting_id, ""),
            quotes=[quote(row) for row in group],
            more=max(row.more for row in group),
        )


def quote(row: Match) -> Quote:
    """The words of a match, shortened to what is around the marks."""
    parts = [Part(str(text), bool(hit)) for line in row.lines for text, hit in _spaced(line)]
    return Quote(shortened(parts), row.speaker, row.start_ms, f"{settings.SITE_URL}{row.url}")


def _spaced(line: Mapping[str, Sequence[tuple[str, bool]]]) -> list[tuple[str, bool]]:
    return [*line["parts"], (" ", False)]


def shortened(parts: Sequence[Part]) -> list[Part]:
    """Some words before the first mark, and from there as many as fit; cut between words."""
    texts = list(parts)
    while texts and not texts[-1].text.strip():
        texts.pop()
    first = next((n for n, part in enumerate(texts) if part.is_match), 0)
    before = "".join(part.text for part in texts[:first])
    if len(before) > WORDS_BEFORE:
        _cut, _space, kept = before[-WORDS_BEFORE:].partition(" ")
        before = "…" + (kept or before[-WORDS_BEFORE:])
    short = [Part(before)] if before else []
    room = WORDS_MAX - len(before)
    for part in texts[first:]:
        if len(part.text) > room:
            head, _space, _rest = part.text[:room].rpartition(" ")
            kept = part.text[:room] if part.is_match and not head else head
            return [*short, *([Part(kept, part.is_match)] if kept else []), Part("…")]
        short.append(part)
        room -= len(part.text)
    return short


def _subject(rows: Sequence[Match]) -> str:
    """What a member sees first: the alert, and whether there is still time to go there."""
    names = list(dict.fromkeys(row.alert.name for row in rows))
    meetings = {row.meeting_id: row.meeting for row in rows}
    if len(names) > 1:
        count = ngettext("%d new moment", "%d new moments", len(rows)) % len(rows)
        return _("%(count)s: %(names)s") % {"count": count, "names": ", ".join(names)}
    if len(meetings) == 1:
        (meeting,) = meetings.values()
        facts = {
            "name": names[0],
            "body": meeting.body.name,
            "day": date_format(meeting.held_on, "F j"),
        }
        if all(row.stage == Stage.BEFORE for row in rows):
            return _("%(name)s: coming up at %(body)s on %(day)s") % facts
        return _("%(name)s: %(body)s, %(day)s") % facts
    count = ngettext("%d meeting", "%d meetings", len(meetings)) % len(meetings)
    return _("%(name)s: in %(count)s") % {"name": names[0], "count": count}
