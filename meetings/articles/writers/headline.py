"""The headline: a short strong sentence that was said, or the matters of the meeting."""

from collections.abc import Iterable, Sequence

from .choosing import Candidate
from .draft import Source
from .voice import Voice

LONGEST = 160
LONGEST_BODY = 60
LONGEST_MATTERS = 90


def headline(
    source: Source,
    paragraphs: Sequence[Sequence[Candidate]],
    headliner: Candidate | None,
    quoting: Voice,
) -> str:
    """At most 160 characters, beginning with the body, out of what the article tells.

    An outcome is quoted; else the agenda names the matters; where there is none, `headliner` is
    quoted whatever it says, or the meeting's title stands.
    """
    body = _shortened(source.body_name, LONGEST_BODY)
    told = {one.order for paragraph in paragraphs for one in paragraph}
    if headliner is not None and headliner.order not in told:
        headliner = None
    matters = _matters(source, paragraphs)
    if headliner is not None and (headliner.is_outcome or not matters):
        return f"{body}: {quoting.quote(headliner.said.text)}"
    return _shortened(f"{body}: {matters or source.title}", LONGEST)


def _matters(source: Source, paragraphs: Iterable[Sequence[Candidate]]) -> str:
    """The titles of the agenda items that the article tells about, as many as fit."""
    chapters = dict.fromkeys(paragraph[0].chapter for paragraph in paragraphs)
    titles = [source.chapters[chapter].title for chapter in chapters if chapter >= 0]
    text = "; ".join(titles[:1])
    for title in titles[1:]:
        if len(text) + len(title) + 2 > LONGEST_MATTERS:
            break
        text = f"{text}; {title}"
    return text


def _shortened(text: str, longest: int) -> str:
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
