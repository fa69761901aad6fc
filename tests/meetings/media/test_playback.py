"""Members play to the end; a link that was passed on dies; nobody else gets a byte."""

import itertools
import re
import shutil
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from meetings.media import packaging, playback, segments, storage, tokens
from meetings.media.models import Recording, State
from meetings.media.probing import probe
from meetings.records.models import State as MeetingState
from meetings.transcripts.utterances import Utterance
from memberships.purchases import services as purchases
from memberships.purchases.models import Membership
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.transcripts.factories import transcribe

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r"/playback/[\w-]+/[\w.]+")
OTHERS = ["visitor", "refunded_member"]


@pytest.fixture(scope="session")
def package(council: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What packaging makes of fourteen seconds, made once."""
    folder = tmp_path_factory.mktemp("package")
    packaging.build(council, probe(council), folder)
    return folder


@pytest.fixture
def ready(package: Path) -> Callable[..., Recording]:
    """A recording that can be played, with its files, as packaging leaves it."""

    def make(**facts: Any) -> Recording:
        recording = RecordingFactory(ready=True, has_poster=True, **facts)
        shutil.copytree(package, storage.package_of(recording.key, 1))
        return recording

    return make


@pytest.fixture
def recording(ready: Callable[..., Recording]) -> Recording:
    return ready()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many seconds go by for the whole site."""
    now = timezone.now

    def pass_by(seconds: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=seconds))

    return pass_by


def playlist_of(recording: Recording) -> str:
    return f"/meetings/{recording.meeting_id}/playlist.m3u8"


def addresses(client: Client, recording: Recording) -> list[str]:
    return ADDRESS.findall(client.get(playlist_of(recording)).content.decode())


def body(answer: Any) -> bytes:
    return answer.getvalue()


def nothing_but(status: int, answer: Any) -> bool:
    return answer.status_code == status and not body(answer)


def token_in(address: str) -> str:
    return address.split("/")[2]


@pytest.mark.parametrize("who", ["member", "staff"])
def test_members_and_staff_play_every_byte(
    who: str, recording: Recording, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(who)
    package = storage.package_of(recording.key, 1)

    answer = client.get(playlist_of(recording))
    found = ADDRESS.findall(answer.content.decode())

    assert answer["Content-Type"] == "application/vnd.apple.mpegurl"
    assert answer["Cache-Control"] == "private, no-store"
    assert [one.rsplit("/", 1)[1] for one in found] == ["init.mp4", "0.m4s", "1.m4s", "2.m4s"]
    for address in found:
        served = client.get(address)
        assert served.status_code == 200
        assert body(served) == (package / address.rsplit("/", 1)[1]).read_bytes()
        assert served["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("who", OTHERS)
def test_others_get_a_problem_and_no_address(
    who: str, recording: Recording, request: pytest.FixtureRequest
) -> None:
    answer = request.getfixturevalue(who).get(playlist_of(recording))

    assert answer.status_code == 402
    assert answer["Content-Type"] == "application/problem+json"
    assert b"/playback/" not in body(answer)


@pytest.mark.parametrize("state", list(MeetingState))
def test_a_meeting_is_played_once_it_is_published(
    state: MeetingState, member: Client, staff: Client, ready: Callable[..., Recording]
) -> None:
    recording = ready(meeting__state=state)

    expected = 200 if state == MeetingState.PUBLISHED else 404
    assert member.get(playlist_of(recording)).status_code == expected
    assert staff.get(playlist_of(recording)).status_code == 200


@pytest.mark.parametrize("state", [State.WAITING, State.PACKAGING, State.FAILED])
def test_what_is_not_ready_has_no_playlist_and_no_poster(state: State, member: Client) -> None:
    recording = RecordingFactory(state=state, error="No." if state == State.FAILED else "")

    assert nothing_but(404, member.get(playlist_of(recording)))
    assert nothing_but(404, member.get(f"/meetings/{recording.meeting_id}/poster.jpg"))


def test_a_segment_asks_no_database(
    recording: Recording, member: Client, visitor: Client, django_assert_num_queries: Any
) -> None:
    found = addresses(member, recording)
    package = found[0].rsplit("/", 1)[0]

    with django_assert_num_queries(0):
        for client in (member, visitor):
            for address in [*found, f"{package}/thumbnails.vtt", f"{package}/sprite-1.jpg"]:
                assert client.get(address).status_code == 200
            assert client.get(f"{package}/9.m4s").status_code == 403
            assert client.get("/playback/x/0.m4s").status_code == 403


def test_a_member_plays_to_the_end_with_new_tokens_and_an_old_address_dies(
    recording: Recording, member: Client, settings: Any, later: Callable[[float], None]
) -> None:
    settings.PLAYBACK_SECONDS = 5
    first = addresses(member, recording)
    assert member.get(first[1]).status_code == 200

    later(4)
    assert member.get(first[2]).status_code == 200
    second = addresses(member, recording)
    later(6)

    for address in first:
        assert nothing_but(403, member.get(address))
    assert member.get(second[3]).status_code == 200


def test_a_link_that_was_passed_on_dies(
    recording: Recording,
    member: Client,
    visitor: Client,
    settings: Any,
    later: Callable[[float], None],
) -> None:
    settings.PLAYBACK_SECONDS = 5
    found = addresses(member, recording)
    package = found[0].rsplit("/", 1)[0]
    stolen = [*found, f"{package}/thumbnails.vtt", f"{package}/captions.vtt"]

    later(6)

    for address in stolen:
        assert nothing_but(403, visitor.get(address)), address


def test_a_membership_that_ends_in_mid_play_gets_no_new_token(
    recording: Recording, member: Any, settings: Any, later: Callable[[float], None]
) -> None:
    settings.PLAYBACK_SECONDS = 5
    found = addresses(member, recording)
    assert member.get(found[1]).status_code == 200

    purchases.end(
        membership=Membership.objects.get(user=member.user),
        reason=Membership.EndReason.STAFF,
        now=timezone.now(),
    )

    assert member.get(playlist_of(recording)).status_code == 402
    later(6)
    assert nothing_but(403, member.get(found[2]))


def test_a_token_opens_no_other_recording(
    recording: Recording, member: Client, ready: Callable[..., Recording]
) -> None:
    other = ready()
    mine = addresses(member, recording)[1]
    leave = tokens.read(token_in(mine))
    forged = tokens.issue(leave).replace(token_in(mine)[2:24], token_in(mine)[2:24][::-1])

    assert leave.recording == recording.key != other.key
    assert nothing_but(403, member.get(f"/playback/{forged}/0.m4s"))
    assert nothing_but(403, member.get(mine.replace("0.m4s", f"../../{other.key}/1/0.m4s")))


@pytest.mark.parametrize(
    "name",
    [
        *("..", "../original.mp4", "../../../secret_key", "../1/0.m4s", "./0.m4s", "//0.m4s"),
        *("..%2f..%2foriginal.mp4", "%2e%2e/original.mp4", "..\\original.mp4", "0.m4s%00.jpg"),
        *("original.mp4", ".lock", "index.m3u8", "poster.jpg", "0.m4s/", "", "3.m4s", "-1.m4s"),
    ],
)
def test_no_path_leads_out_of_the_package(name: str, recording: Recording, member: Client) -> None:
    token = token_in(addresses(member, recording)[0])

    answer = member.get(f"/playback/{token}/{name}")

    assert answer.status_code in ({403, 404} if name in {"", "//0.m4s"} else {403})
    assert answer.status_code == 404 or not body(answer)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(max_size=30).filter(lambda name: "\r" not in name))
def test_whatever_is_asked_gets_a_file_of_the_package_or_nothing(
    name: str, recording: Recording
) -> None:
    leave = tokens.read(playback.token_for(recording, now=timezone.now()))
    if playback.opens(leave, name):
        file = playback.file_of(leave, name)
        assert file.parent == storage.package_of(recording.key, 1)


def test_posting_to_playback_does_nothing(recording: Recording, member: Client) -> None:
    assert member.post(addresses(member, recording)[1]).status_code == 405


def test_a_file_that_is_gone_is_404_and_nothing_else(recording: Recording, member: Client) -> None:
    found = addresses(member, recording)
    (storage.package_of(recording.key, 1) / "1.m4s").unlink()

    assert nothing_but(404, member.get(found[2]))


def test_the_poster_is_for_everybody_and_the_rest_is_not(
    recording: Recording, personas: dict[str, Client]
) -> None:
    poster = f"/meetings/{recording.meeting_id}/poster.jpg"
    picture = (storage.package_of(recording.key, 1) / "poster.jpg").read_bytes()
    for who, persona in personas.items():
        answer = persona.get(poster)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg"), who
        assert answer.content == picture

    recording.meeting.state = MeetingState.DRAFT
    recording.meeting.save()
    for who in ("member", "refunded"):
        assert personas[who].get(poster).status_code == 404
    assert personas["staff"].get(poster).status_code == 200


def test_sheets_of_thumbnails_come_by_token_alone(
    recording: Recording, member: Client, visitor: Client
) -> None:
    package = addresses(member, recording)[0].rsplit("/", 1)[0]

    times = visitor.get(f"{package}/thumbnails.vtt")

    assert times["Content-Type"] == "text/vtt"
    sheet = body(times).decode().splitlines()[3].partition("#")[0]
    assert body(visitor.get(f"{package}/{sheet}"))[:3] == b"\xff\xd8\xff"


def test_captions_are_what_is_said_now(recording: Recording, member: Client, visitor: Any) -> None:
    package = addresses(member, recording)[0].rsplit("/", 1)[0]
    assert nothing_but(404, member.get(f"{package}/captions.vtt"))
    meeting = recording.meeting
    transcribe([Utterance(0, 2_000, "Good <b>evening</b> & welcome.", "Chair")], meeting=meeting)
    transcribe(
        [Utterance(1_000, 3_000, "Good morning & <i>.", "Chair")], meeting=meeting, version=2
    )

    answer = member.get(f"{package}/captions.vtt")

    assert answer["Content-Type"].startswith("text/vtt")
    text = body(answer).decode()
    assert text.startswith("WEBVTT\n")
    assert "00:00:01.000 --> 00:00:03.000\n<v Chair>Good morning &amp; &lt;i&gt;." in text
    assert "evening" not in text
    for address in (f"{package[:-1]}A/captions.vtt", "/playback/x/captions.vtt"):
        assert nothing_but(403, visitor.get(address))


def test_a_stretch_has_no_captions_of_the_rest(recording: Recording, visitor: Client) -> None:
    transcribe([Utterance(0, 2_000, "Good evening.", "Chair")], meeting=recording.meeting)
    stretch = tokens.leave(
        recording=recording.key, version=1, first=1, last=1, is_whole=False, now=timezone.now()
    )
    package = f"/playback/{tokens.issue(stretch)}"

    statuses = {
        name: visitor.get(f"{package}/{name}").status_code
        for name in ("init.mp4", "0.m4s", "1.m4s", "2.m4s", "captions.vtt", "sprite-1.jpg")
    }

    assert statuses == {
        "init.mp4": 200, "0.m4s": 403, "1.m4s": 200, "2.m4s": 403,
        "captions.vtt": 403, "sprite-1.jpg": 403,
    }  # fmt: skip


def test_a_file_is_never_in_memory_as_a_whole(tmp_path: Path, rf: RequestFactory) -> None:
    large = tmp_path / "0.m4s"
    with large.open("wb") as file:
        file.truncate(64 * 2**20)
    answer = playback.send(large, rf.get("/"))

    tracemalloc.start()
    try:
        length = sum(map(len, answer))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert length == 64 * 2**20
    assert peak < 2 * 2**20


def test_nginx_is_told_where_the_file_lies(
    recording: Recording, member: Client, visitor: Client, settings: Any
) -> None:
    settings.PLAYBACK_ACCEL = "/protected-media"
    found = addresses(member, recording)

    answer = member.get(found[1])

    assert not body(answer)
    assert answer["X-Accel-Redirect"] == f"/protected-media/recordings/{recording.key}/1/0.m4s"
    assert answer["Content-Type"] == "video/iso.segment"
    refused = visitor.get(found[1].replace("0.m4s", "7.m4s"))
    assert nothing_but(403, refused)
    assert "X-Accel-Redirect" not in refused


def test_media_files_have_no_address_of_their_own(recording: Recording, staff: Client) -> None:
    assert staff.get(f"/media/recordings/{recording.key}/original.mp4").status_code == 404


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=200))
def test_lengths_in_a_playlist_add_up_to_the_whole(lengths: list[int]) -> None:
    ends = list(itertools.accumulate(lengths))

    text = "".join(segments.playlist(ends, base="/playback/t/"))

    shown = [float(one) for one in re.findall(r"#EXTINF:([\d.]+),", text)]
    assert round(sum(shown) * 1000) == ends[-1]
    longest = int(re.findall(r"TARGETDURATION:(\d+)", text)[0])
    assert all(round(one) <= longest for one in shown)
    assert text.startswith("#EXTM3U\n")
    assert text.endswith(f"/playback/t/{len(lengths) - 1}.m4s\n#EXT-X-ENDLIST\n")


def test_a_playlist_of_a_stretch_names_its_segments_alone() -> None:
    text = "".join(segments.playlist([6_000, 12_000, 14_000], base="", first=1))

    assert re.findall(r"#EXTINF:([\d.]+),\n(.*)", text) == [
        ("6.000", "1.m4s"),
        ("2.000", "2.m4s"),
    ]
