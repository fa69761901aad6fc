"""The transcript as a model is shown it: one segment a line, each with an id that it can cite.

What was said is data. Nobody who spoke can end the transcript, begin a line or make up an id: a
segment stays on its line, and signs that cannot be seen or heard are left out.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

from meetings.transcripts.utterances import Spoken

from ..spans import Span, runs, span
from ..writers.draft import Source
from .plaintext import plain


class Script:
    """The lines of a meeting with their ids: `s1` is the first."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines: Sequence[Spoken] = source.lines

    def shown(self, positions: Iterable[int]) -> str:
        """The segments at these positions, as a model reads them."""
        said = (
            f"s{position + 1} | {one_line(self.lines[position].speaker_name) or '?'} | "
            f"{one_line(self.lines[position].text)}"
            for position in positions
        )
        return "<transcript>\n" + "\n".join(said) + "\n</transcript>"

    def position(self, name: object, shown: Collection[int]) -> int | None:
        """Where the segment with this id stands; None for what was not shown, or is no id."""
        if not (isinstance(name, str) and name.startswith("s") and 2 <= len(name) <= 9):
            return None
        number = name[1:]
        if not (number.isascii() and number.isdecimal()):
            return None
        position = int(number) - 1
        return position if position in shown else None

    def spans(self, positions: Iterable[int]) -> tuple[Span, ...]:
        """What the cited segments hold, as few runs as there are."""
        return tuple(span(self.lines, run) for run in runs(positions))

    def words_at(self, positions: Iterable[int]) -> str:
        return " ".join(one_line(self.lines[position].text) for position in positions)

    def windows(self, most_words: int) -> list[range]:
        """The whole meeting in pieces that a model can read at once.

        Agenda items are kept together as far as they fit; one that is too long is cut in two or
        more. A segment is never cut.
        """
        found: list[range] = []
        held = 0
        for stretch in self._stretches(most_words):
            words = sum(len(self.lines[position].text.split()) for position in stretch)
            if found and held + words <= most_words:
                found[-1] = range(found[-1].start, stretch.stop)
                held += words
            else:
                found.append(stretch)
                held = words
        return found

    def _stretches(self, most_words: int) -> Iterator[range]:
        """Runs of segments under one agenda item, none longer than fits."""
        starts = [chapter.start_ms for chapter in self.source.chapters]
        begin, words, under = 0, 0, -2
        for position, line in enumerate(self.lines):
            chapter, length = bisect_right(starts, line.start_ms), len(line.text.split())
            if position > begin and (chapter != under or words + length > most_words):
                yield range(begin, position)
                begin, words = position, 0
            under = chapter
            words += length
        if begin < len(self.lines):
            yield range(begin, len(self.lines))


def one_line(text: str) -> str:
    """The text on one line, and nothing in it like a tag."""
    return plain(text).translate({ord("<"): "‹", ord(">"): "›"})
