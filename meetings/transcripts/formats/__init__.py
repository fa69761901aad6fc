"""Caption files read into cues: `read` takes the bytes of one, whatever its format."""

from meetings.transcripts.formats.reading import read

__all__ = ["read"]
