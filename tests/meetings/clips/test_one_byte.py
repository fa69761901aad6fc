"""A file as the worker makes it and a visitor downloads it: whole it is proven, changed never."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from meetings.clips import orders
from meetings.clips.models import Rendering
from tests.meetings.clips.factories import cut
from tests.meetings.media.factories import record
from tests.meetings.records.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PLACES = 40


def checked(visitor, body):
    answer = visitor.post("/verify/", {"file": SimpleUploadedFile("clip.mp4", body)})
    assert answer.status_code == 200
    return answer.context["verdict"]


@pytest.mark.parametrize(
    ("kind", "ending"), [("plain", ".mp4"), ("square", "/square.mp4"), ("audio", ".m4a")]
)
def test_no_byte_of_a_downloaded_file_can_be_changed(visitor, council, media, kind, ending):
    clip = cut((4_500, 5_300), recording=record(MeetingFactory(), council))
    orders.ask(clip=clip, kinds=[kind], now=timezone.now())
    orders.run(orders.claim(now=timezone.now(), among={kind}))
    row = Rendering.objects.get(kind=kind)
    assert row.is_ready, row.error
    last = json.loads(clip.manifests.latest("pk").canonical)  # nobody has asked for it yet
    assert [file["sha256"] for file in last["files"]] == [row.sha256]

    body = visitor.get(f"/clips/{clip.slug}{ending}").getvalue()
    whole = checked(visitor, body)
    assert whole.outcome.value == "proven"
    assert whole.file.kind == kind

    outcomes = []
    for at in range(0, len(body), len(body) // PLACES):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        outcomes.append(checked(visitor, changed).outcome.value)
    assert "proven" not in outcomes
    # Where the change does not hit the address that the file carries, we say what is wrong.
    assert outcomes.count("refused") > PLACES * 0.8
    assert checked(visitor, body + b"\0").outcome.value == "refused"
    assert checked(visitor, body[:-1]).outcome.value == "refused"
