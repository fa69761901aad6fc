"""Clip and ClipSpan, Rendering, Manifest, ClipReport: a module for each."""

from .clip import Clip, ClipSpan, Visibility
from .manifest import Manifest
from .rendering import Rendering
from .report import ClipReport

__all__ = ["Clip", "ClipReport", "ClipSpan", "Manifest", "Rendering", "Visibility"]
