"""A browser follows the site's address to the bucket, under the site's policy and no looser one."""

import pytest
from django.utils import timezone

from meetings.media import playback
from tests.browser.watching import LISTEN
from tests.meetings.media.buckets import bucket, objects
from tests.meetings.media.factories import record, video
from tests.meetings.records.factories import MeetingFactory

__all__ = ["bucket", "objects"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

FETCH = """async (address) => {
  const answer = await fetch(address);
  return [answer.status, answer.url, (await answer.arrayBuffer()).byteLength];
}"""
SHOW = """(address) => new Promise((shown) => {
  const picture = new Image();
  picture.onload = () => shown(picture.naturalWidth);
  picture.onerror = () => shown(0);
  picture.src = address;
})"""


@pytest.fixture
def kept(site, settings, tmp_path, bucket):
    """A recording whose package lies in the bucket, and a token for it."""
    settings.MEDIA_ROOT = tmp_path
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    added = {name: [*policy[name], *settings.MEDIA_ORIGINS] for name in ("connect-src", "img-src")}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy | added}
    recording = record(MeetingFactory(), video(tmp_path))
    return f"/playback/{playback.token_for(recording, now=timezone.now())}"


@pytest.fixture
def page(chromium, site):
    context = chromium.new_context(base_url=site)
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text))
    page.goto("/accounts/login/")  # not a page that is kept, with the policy of before
    yield page
    context.close()


def test_segments_and_pictures_come_through(kept, page, objects):
    page.reload()  # the policy is of the page that is open now

    status, address, length = page.evaluate(FETCH, f"{kept}/0.m4s")

    assert (status, address.startswith(f"{objects}/")) == (200, True)
    assert length > 10_000
    assert page.evaluate(SHOW, f"{kept}/sprite-1.jpg") == 1600
    assert page.complaints == []


def test_without_the_bucket_in_the_policy_the_browser_refuses(kept, page, settings, objects):
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    strict = {
        name: [one for one in policy[name] if one != objects] for name in ("connect-src", "img-src")
    }
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy | strict}
    page.reload()

    assert page.evaluate(SHOW, f"{kept}/sprite-1.jpg") == 0
    assert any("img-src" in said for said in page.complaints)
