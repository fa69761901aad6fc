"""What the API gives, and to whom."""

import json

import pytest
from django.utils import timezone

from meetings.data.api.articles import ArticleRow, InsightRow
from meetings.data.api.own import AlertRow, ClipRow
from meetings.data.api.records import AgendaItemRow, BodyRow, MeetingRow, PlaceRow
from meetings.data.api.segments import SegmentRow
from meetings.data.api.words import RecordingRow, SpeakerRow, TranscriptRow
from meetings.records import services as records
from meetings.records.models import State
from memberships.models import Token
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.data.api.world import BASE, PAID_FOR
from tests.meetings.records.factories import MeetingFactory
from tests.memberships.factories import (
    MembershipFactory,
    RefundedMembershipFactory,
    StaffFactory,
    token_of,
)

OPEN = {
    "places": PlaceRow,
    "bodies": BodyRow,
    "meetings": MeetingRow,
    "agenda-items": AgendaItemRow,
    "articles": ArticleRow,
}
FOR_MEMBERS = {
    "recordings": RecordingRow,
    "transcripts": TranscriptRow,
    "segments": SegmentRow,
    "speakers": SpeakerRow,
    "clips": ClipRow,
    "alerts": AlertRow,
}
NEEDED = {"clips": "clips", "alerts": "alerts", "search": "search"}


def addresses(town):
    meeting, transcript = town.meeting.pk, town.transcript.pk
    return [
        *FOR_MEMBERS,
        f"transcripts/{transcript}",
        f"transcripts/{transcript}/segments",
        f"recordings/{town.recording.pk}",
        f"meetings/{meeting}/insights",
        f"clips/{town.clip.slug}",
        "search",
    ]


@pytest.mark.parametrize("path", OPEN)
def test_facts_are_open_to_everybody(ask, path):
    answer = ask(path, token=None)
    assert answer.status_code == 200
    (row,) = answer.json()["data"]
    assert OPEN[path].model_validate(row)
    assert PAID_FOR not in answer.text
    assert not answer.cookies


@pytest.mark.parametrize("path", FOR_MEMBERS)
def test_members_get_what_is_theirs(ask, path):
    answer = ask(path)
    assert answer.status_code == 200
    rows = answer.json()["data"]
    assert rows
    assert all(FOR_MEMBERS[path].model_validate(row) for row in rows)


def test_nothing_of_members_is_given_to_others(client, ask, town):
    refunded = token_of(RefundedMembershipFactory().user).written
    for path in addresses(town):
        for token, expected in ((None, 401), (refunded, 402), ("cp_live_wrong", 401)):
            answer = ask(path, token=token, q="marmalade")
            assert answer.status_code == expected, path
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert PAID_FOR not in answer.text
            assert ("WWW-Authenticate" in answer.headers) is (expected == 401)


def test_a_session_opens_nothing(member, town):
    assert member.get(f"{BASE}segments").status_code == 401


def test_membership_that_ends_closes_every_address_at_once(ask, town):
    membership = town.member.memberships.get()
    membership.status, membership.ended_at = "ended", timezone.now()
    membership.end_reason = "refunded"
    membership.save()
    for path in (*OPEN, *addresses(town)):
        answer = ask(path)
        assert answer.status_code == 402
        assert answer.json()["type"].endswith("/membership/#membership-needed")


def test_staff_read_as_members_do(ask, town):
    assert ask("segments", token=token_of(StaffFactory()).written).status_code == 200


@pytest.mark.parametrize("scope", ["read", "search", "clips", "alerts"])
def test_a_token_does_what_its_scopes_say(ask, town, scope):
    token = token_of(town.member, scopes=[scope]).written
    for path in addresses(town):
        needed = NEEDED.get(path.partition("/")[0], "read")
        status = ask(path, token=token, q="marmalade").status_code
        assert (status == 403) is (needed != scope), path


def test_evidence_says_where_to_visitors_and_what_to_members(ask, town):
    path = f"articles/{town.article.pk}"
    (sentence,) = ask(path, token=None).json()["sentences"]
    (evidence,) = sentence["evidence"]
    assert (evidence["start_ms"], evidence["words"]) == (200_000, None)
    assert sentence["verdicts"] == [
        {"kind": "quotation", "verdict": "altered", "is_failed": True, "start": 0, "end": 3}
    ]
    (sentence,) = ask(path).json()["sentences"]
    assert PAID_FOR in sentence["evidence"][0]["words"]
    search = token_of(town.member, scopes=["search"]).written
    assert PAID_FOR not in ask(path, token=search).text


def test_drafts_and_withdrawn_things_are_not_there(ask, town):
    draft = MeetingFactory(state=State.DRAFT)
    in_review = ArticleFactory(state="in_review", meeting=draft)
    gone = ArticleFactory(state="withdrawn", meeting=town.meeting)
    assert ask(f"meetings/{draft.pk}").status_code == 404
    for article in (in_review, gone):
        assert ask(f"articles/{article.pk}").status_code == 404
    assert len(ask("articles").json()["data"]) == 1
    assert len(ask("meetings").json()["data"]) == 1


def test_withdrawing_a_meeting_takes_its_words_along(ask, town):
    records.withdraw(meeting=town.meeting, reason="It was private.")
    for path in ("segments", "transcripts", "speakers", "recordings", "clips"):
        assert ask(path).json()["data"] == []
    assert ask(f"transcripts/{town.transcript.pk}/segments").status_code == 404


def test_insights_rest_on_words_that_stand(ask, town):
    (row,) = ask(f"meetings/{town.meeting.pk}/insights").json()
    assert InsightRow.model_validate(row)
    town.transcript.segments.all().delete()
    assert ask(f"meetings/{town.meeting.pk}/insights").json() == []


def test_segments_by_time_and_speaker(ask, town):
    def texts(**query):
        return [
            row["text"] for row in ask("segments", meeting=town.meeting.pk, **query).json()["data"]
        ]

    assert texts(to_ms=1_001) == ["Good evening."]
    assert texts(from_ms=5_000, to_ms=204_000) == [f"The {PAID_FOR} is approved."]
    okafor = next(row for row in ask("speakers").json()["data"] if row["name"] == "Member Okafor")
    assert texts(speaker=okafor["id"]) == ["Thank you all."]
    assert ask("segments", from_ms=1).status_code == 400


def test_a_whole_transcript_comes_line_by_line(ask, town):
    answer = ask(
        f"transcripts/{town.transcript.pk}/segments", headers={"Accept": "application/x-ndjson"}
    )
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = answer.getvalue().decode().splitlines()
    assert len(lines) == int(answer.headers["Segment-Count"]) == 3
    assert [json.loads(line)["start_ms"] for line in lines] == [1_000, 200_000, 204_000]


def test_lines_that_break_off_say_so_in_the_last_one(ask, town, monkeypatch):
    """A server ends an answer that failed as it ends a whole one."""
    shown = iter([{"key": "a"}, {"key": "b"}])
    monkeypatch.setattr("meetings.data.api.words.segment_row", lambda _one: next(shown))
    path = f"transcripts/{town.transcript.pk}/segments"
    answer = ask(path, headers={"Accept": "application/x-ndjson"})
    lines, stream = [], iter(answer.streaming_content)
    with pytest.raises(RuntimeError):  # it rises, so that it is logged
        lines += (json.loads(line) for line in stream)
    *rows, last = lines
    assert [row["key"] for row in rows] == ["a", "b"]
    assert (last["status"], last["instance"]) == (500, BASE + path)
    assert len(rows) < int(answer.headers["Segment-Count"])


def test_a_recording_plays_by_its_signed_address_alone(ask, client, town):
    row = ask(f"recordings/{town.recording.pk}").json()
    playlist = row["playlist_url"].removeprefix("http://127.0.0.1:8000")
    answer = client.get(playlist)
    assert answer.status_code == 200
    assert "/playback/" in answer.text
    token = playlist.rpartition("/")[2].removesuffix(".m3u8")
    broken = playlist.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert client.get(broken).status_code == 403
    records.withdraw(meeting=town.meeting, reason="It was private.")
    assert client.get(playlist).status_code == 404


def test_clips_own_and_public(ask, town):
    other = ClipFactory(owner=MembershipFactory().user, visibility="public")
    hidden = ClipFactory(owner=MembershipFactory().user, visibility="private")
    former = ClipFactory(owner=RefundedMembershipFactory().user, visibility="public")

    def slugs(**query):
        return {row["id"] for row in ask("clips", **query).json()["data"]}

    assert slugs() == {town.clip.slug}
    assert slugs(whose="public") == {town.clip.slug, other.slug}
    assert ask(f"clips/{other.slug}").json()["is_own"] is False
    for clip in (hidden, former):
        assert ask(f"clips/{clip.slug}").status_code == 404


def test_cutting_a_clip(client, town):
    wanted = {"meeting": town.meeting.pk, "spans_ms": [[1_000, 5_000]], "title": "Hello"}

    def post(body):
        return client.post(f"{BASE}clips", body, "application/json", headers=town.bearer)

    answer = post(wanted)
    assert answer.status_code == 201
    assert ClipRow.model_validate(answer.json())
    assert answer.json()["visibility"] == "private"
    assert answer.json()["words"][0]["text"] == "Good evening."
    for wrong, status in (
        ({"spans_ms": [[5_000, 1_000]]}, 422),
        ({"spans_ms": [[0, 10**15]]}, 422),
        ({"title": ""}, 422),
        ({"meeting": 10**6}, 404),
        ({"visibility": "everybody"}, 422),
    ):
        assert post(wanted | wrong).status_code == status, wrong
    assert post("no json").status_code in {400, 422}
    assert town.member.clips.count() == 2


def test_unknown_addresses_and_methods_are_problems(ask, client, town):
    for path, method, status in (
        ("nothing", "get", 404),
        ("meetings", "post", 405),
        ("meetings/x", "get", 422),
        ("meetings/0", "get", 422),
        (f"meetings/{2**64}", "get", 422),
    ):
        answer = getattr(client, method)(BASE + path)
        assert answer.status_code == status, path
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_names_with_nul_are_refused(ask):
    assert ask("segments", language="\0").status_code == 400


def test_fields_leave_out_the_rest(ask):
    (row,) = ask("meetings", fields="id, title").json()["data"]
    assert set(row) == {"id", "title"}
    answer = ask("meetings", fields="id,secret")
    assert answer.status_code == 400
    assert "secret" in answer.json()["detail"]


def test_what_has_not_changed_is_not_sent_again(ask, town):
    first = ask("meetings")
    again = ask("meetings", headers={"If-None-Match": f'"x", W/{first.headers["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    town.meeting.title = "Another title"
    town.meeting.save()
    changed = ask("meetings", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_head_says_what_get_would(client, town):
    got, head = client.get(f"{BASE}meetings"), client.head(f"{BASE}meetings")
    assert head.content == b""
    assert head.headers["ETag"] == got.headers["ETag"]


def test_a_list_asks_the_database_little(ask, town, django_assert_num_queries):
    Token.objects.update(last_used_at=timezone.now())
    for path, expected in (("meetings", 4), ("segments", 7), ("articles", 7), ("clips", 4)):
        with django_assert_num_queries(expected):
            ask(path)
