"""What every test finds ready: personas, the sample data, a cache of its own."""

import uuid
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import override_settings

from memberships.gate import pages
from memberships.gate.shelf import Shelf

pytest_plugins = [
    "tests.personas",
    "tests.memberships.sandboxed",
    "tests.meetings.records.horizon",
]

# How long one example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")


@pytest.fixture
def sample_data() -> Path:
    """The folder of sample data that lies outside the repository; skips where there is none."""
    folder = Path(settings.SAMPLE_DATA)
    if not folder.is_dir():
        pytest.skip(f"no sample data at {folder}")
    return folder


@pytest.fixture(autouse=True, scope="session")
def _files_of_their_own(tmp_path_factory):
    """Uploads and the index go to temporary folders; static files keep plain names, uncollected."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
        INDEX_ROOT=tmp_path_factory.mktemp("index"),
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _passwords_in_no_time():
    """The hash of production takes a fifth of a second each time, on purpose; tests do not."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch):
    """Nothing that one test leaves in Redis, kept pages and rate limits included, meets another."""
    prefix = f"test-{uuid.uuid4().hex}"
    monkeypatch.setitem(settings.CACHES["default"], "KEY_PREFIX", prefix)  # for other threads
    monkeypatch.setattr(caches["default"], "key_prefix", prefix)
    monkeypatch.setattr(pages, "shelf", Shelf())
