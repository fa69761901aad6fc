"""A bucket for tests: moto's S3 on loopback, asked through the real library by the real storage."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings


@pytest.fixture(scope="session")
def objects() -> Iterator[str]:
    """The address of a service that speaks S3's language."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(objects: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty bucket, and a site that keeps recordings in it. boto3's own view of it is given."""
    import boto3

    from portal.settings import _recordings

    name = f"test-{uuid.uuid4()}"
    for key, value in {
        "MEDIA_BUCKET": name,
        "MEDIA_BUCKET_ENDPOINT": objects,
        "MEDIA_BUCKET_KEY_ID": "key",
        "MEDIA_BUCKET_SECRET": "secret",
    }.items():
        monkeypatch.setenv(key, value)
    storage, settings.MEDIA_ORIGINS = _recordings()
    settings.STORAGES = {**django_settings.STORAGES, "default": storage}
    opened = boto3.resource(
        "s3",
        endpoint_url=objects,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    ).Bucket(name)
    opened.create()
    return opened


def names_in(bucket: Any, below: str = "") -> set[str]:
    return {entry.key.removeprefix(below) for entry in bucket.objects.filter(Prefix=below)}


def put(bucket: Any, folder: Path, prefix: str) -> None:
    for path in folder.iterdir():
        bucket.upload_file(str(path), f"{prefix}/{path.name}")
