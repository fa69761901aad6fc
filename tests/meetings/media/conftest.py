"""One thread for ffmpeg, and a folder of files that are made once."""

from pathlib import Path

import pytest

from meetings.media import storage
from tests.meetings.media.buckets import bucket, objects
from tests.meetings.media.factories import video

__all__ = ["bucket", "objects"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="session")
def council(made: Path) -> Path:
    """Fourteen seconds of H.264 and AAC."""
    return video(made)


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    """A media folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FFMPEG_THREADS = 1
    assert storage.root() == settings.MEDIA_ROOT
    return settings.MEDIA_ROOT


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
