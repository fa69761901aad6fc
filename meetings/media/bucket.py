"""The one door to object storage: a bucket that speaks S3's language, where recordings may lie.

Which bucket is said by `MEDIA_BUCKET` and its neighbors; django-storages opens it. Nothing here is
loaded before it is needed, because the library behind it takes a second to load. What is reported
while files are on their way is reported in the caller's thread.
"""

import contextlib
import errno
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

Report = Callable[[float], None]
"""Told how much is done, from 0 to 1."""

AT_ONCE = 8
TOLD_EVERY_S = 0.5
GOOD_FOR_S = 60  # an address is followed at once; what was begun may be read to its end
NEVER_KEPT = "private, no-store"
KINDS = {
    ".m4s": "video/iso.segment",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4a": "audio/mp4",
}


class Unreachable(OSError):
    """The bucket did not do it. `strerror` is a sentence for staff; another time it may."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, why)


def send(path: Path, name: str, *, report: Report | None = None) -> None:
    """Bring one file to the bucket, in parts where it is large. Raises Unreachable."""
    size = path.stat().st_size

    def bring(told: Callable[[int], None]) -> None:
        _client().upload_file(str(path), _name(), name, ExtraArgs=_about(name), Callback=told)

    _carry(bring, size, report)


def fetch(name: str, file: IO[bytes], *, report: Report | None = None) -> None:
    """Write what lies under a name into a file. Raises FileNotFoundError and Unreachable."""
    size = size_of(name)
    if size is None:
        raise FileNotFoundError(name)

    def bring(told: Callable[[int], None]) -> None:
        _client().download_fileobj(_name(), name, file, Callback=told)

    _carry(bring, size, report)


def send_folder(folder: Path, prefix: str, *, last: str, report: Report | None = None) -> None:
    """Bring a folder's files below a prefix, and `last` when all others are there.

    Whoever finds `last` finds a whole folder. Raises Unreachable; what was sent by then stays.
    """
    client, name = _client(), _name()
    others = sorted(path for path in folder.iterdir() if path.name != last)

    def bring(path: Path) -> None:
        about = _about(path.name)
        with path.open("rb") as file:
            client.put_object(Bucket=name, Key=f"{prefix}/{path.name}", Body=file, **about)

    with _said_plainly(), ThreadPoolExecutor(AT_ONCE) as hands:
        under_way = {hands.submit(bring, path) for path in others}
        try:
            for done in _as_they_end(under_way):
                if report is not None:
                    report(done / len(others))
        except BaseException:
            hands.shutdown(wait=True, cancel_futures=True)
            raise
        bring(folder / last)


def sizes(prefix: str) -> dict[str, int]:
    """The names below a prefix, without it, and how many bytes each has. Raises Unreachable."""
    found: dict[str, int] = {}
    with _said_plainly():
        pages = (
            _client().get_paginator("list_objects_v2").paginate(Bucket=_name(), Prefix=f"{prefix}/")
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                found[entry["Key"].removeprefix(f"{prefix}/")] = entry["Size"]
    return found


def size_of(name: str) -> int | None:
    """How many bytes lie under a name; None where there is nothing. Raises Unreachable."""
    try:
        with _said_plainly():
            return int(_client().head_object(Bucket=_name(), Key=name)["ContentLength"])
    except FileNotFoundError:
        return None


def read(name: str) -> bytes:
    """A small file as a whole. Raises FileNotFoundError and Unreachable."""
    with _said_plainly():
        return bytes(_client().get_object(Bucket=_name(), Key=name)["Body"].read())


def read_start(name: str, count: int) -> bytes:
    """At most so many bytes from the start of a file. Raises FileNotFoundError and Unreachable."""
    with _said_plainly():
        asked = {"Bucket": _name(), "Key": name, "Range": f"bytes=0-{count - 1}"}
        return bytes(_client().get_object(**asked)["Body"].read())


def remove(prefix: str) -> None:
    """Everything below a prefix. Raises Unreachable."""
    names = [f"{prefix}/{name}" for name in sizes(prefix)]
    with _said_plainly():
        for start in range(0, len(names), 1_000):  # the most that one request may name
            some = [{"Key": name} for name in names[start : start + 1_000]]
            _client().delete_objects(Bucket=_name(), Delete={"Objects": some, "Quiet": True})


def remove_one(name: str) -> None:
    with _said_plainly():
        _client().delete_object(Bucket=_name(), Key=name)


def give_up_unfinished(prefix: str, *, before: datetime) -> None:
    """End transfers in parts that somebody began and died over: nobody sees their bytes."""
    with _said_plainly():
        pages = (
            _client()
            .get_paginator("list_multipart_uploads")
            .paginate(Bucket=_name(), Prefix=f"{prefix}/")
        )
        for page in pages:
            for entry in page.get("Uploads", ()):
                if entry["Initiated"] < before:
                    _client().abort_multipart_upload(
                        Bucket=_name(), Key=entry["Key"], UploadId=entry["UploadId"]
                    )


def address(name: str, *, method: str = "GET", disposition: str = "") -> str:
    """Where the bucket gives this file to whoever asks within a minute. It asks nobody.

    With a `disposition` (RFC 6266) it says with the file what browsers are to do with it.
    """
    said = {"ResponseContentDisposition": disposition} if disposition else None
    return default_storage.url(  # type: ignore[call-arg]  # django-storages' own arguments
        name, parameters=said, expire=GOOD_FOR_S, http_method=method
    )


def _client() -> Any:
    """`Any`: boto3 makes its clients from descriptions, so they have no types."""
    opened: Any = default_storage
    return opened.connection.meta.client


def _name() -> str:
    opened: Any = default_storage
    return str(opened.bucket_name)


def _about(name: str) -> Mapping[str, str]:
    """What the bucket says of a file to whoever it gives it to."""
    kind = KINDS.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    return {"ContentType": kind or "application/octet-stream", "CacheControl": NEVER_KEPT}


def _carry(bring: Callable[[Any], None], size: int, report: Report | None) -> None:
    """Have one file brought by another thread, and report in this one how far it is."""
    gone = 0

    def told(count: int) -> None:
        nonlocal gone
        gone += count

    with _said_plainly(), ThreadPoolExecutor(1) as hands:
        under_way = {hands.submit(bring, told)}
        for _done in _as_they_end(under_way):
            if report is not None:
                report(min(gone / size, 1.0) if size else 1.0)


def _as_they_end(under_way: set[Future[None]]) -> Iterator[int]:
    """How many have ended, said again and again until all have. Raises what one ended with."""
    count = len(under_way)
    while under_way:
        ended, under_way = wait(under_way, timeout=TOLD_EVERY_S, return_when="FIRST_COMPLETED")
        for one in ended:
            one.result()
        yield count - len(under_way)


@contextlib.contextmanager
def _said_plainly() -> Iterator[None]:
    """The library's errors as ours. They name neither keys nor addresses."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _translated(error) from error
    except Boto3Error as error:  # what went wrong stands behind it
        cause = error.__context__
        told = cause if isinstance(cause, ClientError) else None
        raise _translated(told) if told else _silent(error) from error
    except BotoCoreError as error:
        raise _silent(error) from error


def _translated(error: Any) -> OSError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in {"404", "NoSuchKey"}:
        return FileNotFoundError(code)
    return Unreachable(_("the bucket refused it (%s)") % code[:60])


def _silent(error: Exception) -> Unreachable:
    return Unreachable(_("the bucket does not answer (%s)") % type(error).__name__)
