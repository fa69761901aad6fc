"""Checking a clip, as somebody does who was sent one: by its address, its manifest, its hash."""

import json

import pytest

from meetings.records.models import Meeting
from memberships.models import User
from portal.site import demonstration
from tests.meetings.clips import factories
from tests.meetings.media.factories import RecordingFactory

pytestmark = pytest.mark.browser


def cut():
    """A clip of a demonstration's meeting, from half a minute on. Nobody plays it here."""
    recording = RecordingFactory(
        meeting=Meeting.objects.published().first(),
        ready=True,
        duration_ms=60_000,
        segment_ends_ms=list(range(6_000, 66_000, 6_000)),
    )
    owner = User.objects.get(email=demonstration.MEMBER.email)
    return factories.cut((30_000, 45_000), recording=recording, owner=owner, visibility="unlisted")


@pytest.mark.slow
def test_visitor_checks_a_clip_and_a_changed_manifest(visitor, site):
    clip = cut()
    page = visitor.goes("/verify/")
    visitor.looks_everywhere()

    page.get_by_label("The address of a clip, or a manifest").fill(site + clip.get_absolute_url())
    visitor.presses(page.get_by_role("button", name="Check it"))
    page.get_by_role("heading", name="This clip is as we signed it").wait_for()
    assert clip.words[0]["text"] in page.locator(".verdict blockquote").inner_text()
    assert "Who spoke." in page.locator(".verdict").inner_text()
    visitor.looks_everywhere()

    manifest = visitor.context.request.get(f"{clip.get_absolute_url()}manifest.json").text()
    said = json.loads(manifest)
    said["manifest"]["words"][0]["text"] = "I never said that."
    file = {"mimeType": "application/json", "name": "manifest.json"}
    for content, verdict in (
        (manifest, "We signed this, and not a character was changed since"),
        (json.dumps(said), "The signature does not fit: something was changed"),
    ):
        page.locator("textarea[name=text]").fill("")
        page.locator("input[type=file]").set_input_files({**file, "buffer": content.encode()})
        visitor.presses(page.get_by_role("button", name="Check it"))
        page.get_by_role("heading", name=verdict).wait_for()
    assert "What differs: the words." in page.locator(".verdict").inner_text()
    visitor.looks_everywhere()
