"""A walk through open data: a visitor sees what there is and is offered membership, and a member's
download begins, breaks off, and goes on without the browser.
"""

import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from meetings.data.bulk import making
from portal.site import demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def manifest(site, settings, tmp_path):
    """The snapshot of a night, of all that the demonstration has."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return making.nightly(now=timezone.now())


def pictures(reader, name):
    """At a desk and on a phone, in light and dark, where `SHOTS` names a folder."""
    reader.looks_everywhere()
    if folder := os.environ.get("SHOTS"):
        for width in (390, 1280):
            reader.page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                reader.page.emulate_media(color_scheme=scheme)
                path = Path(folder) / f"{name}-{width}-{scheme}.png"
                reader.page.screenshot(path=str(path), full_page=True)
    reader.page.emulate_media(color_scheme="light")
    reader.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_visitor_sees_what_there_is_and_is_offered_membership(visitor, manifest):
    page = visitor.goes("/data/")
    assert f"{manifest.row_count:,}" in page.locator(".facts").inner_text()
    pictures(visitor, "data")
    visitor.presses(page.get_by_role("link", name="segments", exact=True))
    pictures(visitor, "table")
    first = manifest.table("segments").files[0]
    assert first.sha256[:8] in page.locator("main").inner_text()
    visitor.expects(402)
    visitor.presses(page.locator(f"a[href$='{first.name}']"))
    assert page.get_by_role("main").get_by_role("button", name="Become a member").count()
    pictures(visitor, "offer")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_member_s_download_begins_and_goes_on_where_it_broke_off(
    comes, manifest, width, tmp_path
):
    member = comes(account=demonstration.MEMBER, width=width)
    page = member.goes("/data/")
    with page.expect_download() as beginning:
        page.get_by_role("link", name="manifest.json").click()
    beginning.value.save_as(tmp_path / "manifest.json")
    said = (tmp_path / "manifest.json").read_bytes()
    assert hashlib.sha256(said).hexdigest() in page.locator(".facts").inner_text()

    member.presses(page.get_by_role("link", name="segments", exact=True))
    file = manifest.table("segments").of_kind("ndjson")[-1]
    with page.expect_download() as beginning:
        page.locator(f"a[href$='{file.name}']").click()
    assert beginning.value.suggested_filename == file.name
    beginning.value.save_as(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    assert hashlib.sha256(whole).hexdigest() == file.sha256
    assert json.loads(gzip.decompress(whole).splitlines()[0])["text"]

    # Another program goes on with the same address, and has no session.
    there, half = beginning.value.url, len(whole) // 2
    rest = comes().context.request.get(there, headers={"Range": f"bytes={half}-"})
    assert rest.status == 206
    assert rest.headers["content-range"] == f"bytes {half}-{len(whole) - 1}/{len(whole)}"
    assert whole[:half] + rest.body() == whole

    links = page.context.request.get("/data/snapshots/latest/links.txt").text().split()
    assert len(links) == len(list(manifest.files())) + 1
