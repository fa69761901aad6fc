"""An index of a test's own."""

import pytest

from meetings.search.folder import Folder


@pytest.fixture
def folder(tmp_path) -> Folder:
    """Where the test's index is built."""
    return Folder(tmp_path / "index")
