"""Prompts: what a model is told, in files with versions. A changed prompt is a new file.

What is stored with an article names the file, so that one can always read what was asked for.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "prompts"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and its name, such as `article-1`."""

    name: str
    text: str


@lru_cache(maxsize=16)
def prompt(name: str) -> Prompt:
    """The prompt in the file of this name."""
    return Prompt(name, (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip())
