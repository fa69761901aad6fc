"""Parts of a file, as RFC 9110 has them: one range, asked for by GET, of the file as it is."""

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from meetings.media import playback

DATA = bytes(itertools.islice(itertools.cycle(range(251)), 1000))


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    path = tmp_path / "0.m4s"
    path.write_bytes(DATA)
    return path


def get(path: Path, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return playback.send(path, RequestFactory().get("/", headers=named))


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("Bytes=10-19", (10, 20)),
        ("bytes=990-", (990, 1000)),
        ("bytes=-7", (993, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("bytes=500-5000", (500, 1000)),
        ("bytes=0-", (0, 1000)),
        ("bytes=0-999", (0, 1000)),
        ("bytes=999-999999999999999999", (999, 1000)),
    ],
)
def test_a_part_that_is_asked_for_is_sent(asked: str, part: tuple[int, int], segment: Path) -> None:
    answer = get(segment, Range=asked)

    assert answer.status_code == 206
    assert answer.getvalue() == DATA[slice(*part)]
    assert answer["Content-Length"] == str(part[1] - part[0])
    assert answer["Content-Range"] == f"bytes {part[0]}-{part[1] - 1}/1000"
    assert answer["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    "asked",
    [
        *("", "bytes=5-3", "bytes=-", "bytes=", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b"),
        *("bytes=1 - 2", "bytes=--5", "bytes=0-1-2", "bytes=\u0661-", "0-5", "bytes=" + "9" * 40),
    ],
)
def test_what_is_no_part_is_all_of_it(asked: str, segment: Path) -> None:
    answer = get(segment, Range=asked)

    assert (answer.status_code, answer.getvalue()) == (200, DATA)
    assert "Content-Range" not in answer


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_that_is_not_there_cannot_be_had(asked: str, segment: Path) -> None:
    answer = get(segment, Range=asked)

    assert (answer.status_code, answer.content) == (416, b"")
    assert answer["Content-Range"] == "bytes */1000"


def test_head_tells_of_the_whole_and_sends_nothing(segment: Path) -> None:
    """Ranges are of GET alone."""
    request = RequestFactory().head("/", headers={"Range": "bytes=0-1"})

    answer = playback.send(segment, request)

    assert (answer.status_code, answer["Content-Length"], answer.getvalue()) == (200, "1000", b"")
    assert answer["ETag"] == get(segment)["ETag"]


def test_the_rest_of_a_file_is_sent_if_it_is_still_the_same(segment: Path) -> None:
    begun = get(segment, Range="bytes=0-9")["ETag"]
    rest = get(segment, Range="bytes=10-", If_Range=begun)
    assert (rest.status_code, rest.getvalue()) == (206, DATA[10:])

    segment.write_bytes(DATA[::-1])
    os.utime(segment, (1, 1))

    changed = get(segment, Range="bytes=10-", If_Range=begun)
    assert (changed.status_code, changed.getvalue()) == (200, DATA[::-1])


@pytest.mark.parametrize(
    "validator", ['W/"1-3e8"', "Mon, 14 Sep 2026 09:00:00 GMT", '""', "nonsense"]
)
def test_another_validator_gets_all_of_it(validator: str, segment: Path) -> None:
    assert get(segment, Range="bytes=10-", If_Range=validator).status_code == 200


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(asked=st.from_regex(r"bytes=\d{0,4}-\d{0,4}", fullmatch=True), size=st.integers(1, 2000))
def test_every_part_is_a_part_of_the_file(asked: str, size: int, tmp_path: Path) -> None:
    path = tmp_path / f"{size}.m4s"
    data = (DATA * 2)[:size]
    path.write_bytes(data)

    answer = get(path, Range=asked)

    if answer.status_code == 206:
        span, _slash, whole = answer["Content-Range"].removeprefix("bytes ").partition("/")
        first, last = map(int, span.split("-"))
        assert 0 <= first <= last < size == int(whole)
        assert answer.getvalue() == data[first : last + 1]
    else:
        assert answer.status_code in {200, 416}


def test_an_empty_file_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "0.m4s").touch()

    assert get(tmp_path / "0.m4s").getvalue() == b""
    assert get(tmp_path / "0.m4s", Range="bytes=0-").status_code == 416
