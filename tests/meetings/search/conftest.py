"""An index of a test's own."""

import pytest

from meetings.search.building import rebuild
from meetings.search.finding import search
from meetings.search.folder import Folder
from meetings.search.hits import Order, Question
from meetings.search.parsing import parse
from meetings.search.reading import Reader


@pytest.fixture
def folder(tmp_path) -> Folder:
    """Where the test's index is built."""
    return Folder(tmp_path / "index")


@pytest.fixture
def ask(folder):
    """Builds the index once, then answers what is typed: `ask("water main").groups`."""
    reader = Reader(folder)

    def ask(typed: str, *, order: Order = Order.RELEVANCE, page: int = 1, **options):
        if folder.current() is None:
            rebuild(folder)
        question = Question(parse(typed).tree, **options)
        return search(reader.open(), question, order=order, page=page)

    return ask


@pytest.fixture
def site_index(settings, tmp_path):
    """Builds the site's own index of all that is there: `site_index()`."""
    settings.INDEX_ROOT = tmp_path / "site-index"

    def build() -> Folder:
        built = Folder(settings.INDEX_ROOT)
        rebuild(built)
        return built

    return build
