"""What a model is given to read: the language to write in, the record, notes, the transcript."""

from collections.abc import Iterable, Sequence

from .answers import Cited
from .script import Script, one_line


def told_of(
    script: Script, positions: Iterable[int], language: str, *, notes: Sequence[Cited] = ()
) -> str:
    """The message with the segments at `positions`; all in it but the language is data."""
    source = script.source
    parts = [
        f"Write in the language with the BCP 47 code {language}.",
        f"The body that met: {one_line(source.body_name)}\nThe meeting: {one_line(source.title)}",
    ]
    if source.chapters:
        titles = "\n".join(one_line(chapter.title) for chapter in source.chapters)
        parts.append(f"<agenda>\n{titles}\n</agenda>")
    if notes:
        parts.append(
            "The meeting was long. These notes were taken of it, part by part, with the ids of "
            "the segments; the transcript below has these segments alone.\n<notes>\n"
            + "\n".join(_note(note) for note in notes)
            + "\n</notes>"
        )
    parts.append(script.shown(positions))
    return "\n\n".join(parts)


def _note(note: Cited) -> str:
    ids = " ".join(f"s{position + 1}" for position in note.positions)
    return f"{ids} | {one_line(note.text)}"
