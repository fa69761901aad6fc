"""Whether recordings lie in a bucket is said by settings. Who has none pays nothing for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings import _recordings

ROOT = Path(__file__).resolve().parents[3]
TOLD = """
import sys
import django
django.setup()
import portal.wsgi
from django.conf import settings
from django.core.files.storage import storages
from django.urls import get_resolver
get_resolver().url_patterns
print("boto3" in sys.modules, "botocore" in sys.modules, "storages" in sys.modules)
print(type(storages["default"]).__name__)
policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
for name in ("connect-src", "media-src", "img-src", "default-src"):
    print(*policy[name])
"""


def started_with(**environment: str) -> list[str]:
    """What a site says of itself that was started with this environment."""
    told = subprocess.run(
        [sys.executable, "-c", TOLD],
        cwd=ROOT,
        env={
            **{name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")},
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


@pytest.mark.slow
def test_without_a_bucket_its_library_is_not_loaded_and_the_policy_is_strict() -> None:
    assert started_with() == [
        "False False False",
        "FileSystemStorage",
        "'self'",
        "'self' blob:",
        "'self' data:",
        "'self'",
    ]


@pytest.mark.slow
def test_with_a_bucket_the_policy_names_its_origin() -> None:
    origin = "https://films.s3.us-west-2.amazonaws.com"

    assert started_with(MEDIA_BUCKET="films", MEDIA_BUCKET_REGION="us-west-2")[1:] == [
        "S3Storage",
        f"'self' {origin}",
        f"'self' blob: {origin}",
        f"'self' data: {origin}",
        "'self'",
    ]


@pytest.mark.parametrize(
    ("environment", "origin"),
    [
        ({"REGION": "us-west-2"}, "https://films.s3.us-west-2.amazonaws.com"),
        ({"ENDPOINT": "https://objects.example:9000/"}, "https://objects.example:9000"),
        ({"ENDPOINT": "https://objects.example/s3/"}, "https://objects.example"),
    ],
)
def test_addresses_lie_at_the_origin_that_the_policy_names(
    environment: dict[str, str], origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storages.backends.s3 import S3Storage

    monkeypatch.setenv("MEDIA_BUCKET", "films")
    for name, value in ({"KEY_ID": "key", "SECRET": "secret"} | environment).items():
        monkeypatch.setenv(f"MEDIA_BUCKET_{name}", value)

    storage, origins = _recordings()

    assert origins == [origin]
    assert S3Storage(**storage["OPTIONS"]).url("a/0.m4s", expire=60).startswith(f"{origin}/")


def test_a_bucket_without_a_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_BUCKET", "films")

    with pytest.raises(ImproperlyConfigured, match="MEDIA_BUCKET_REGION"):
        _recordings()
