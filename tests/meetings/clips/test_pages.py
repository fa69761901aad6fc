"""The pages of a clip: who sees what, what it says of itself, and what became of it."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.articles import reporting
from meetings.clips import services
from meetings.clips.models import Clip, ClipReport, Visibility
from meetings.records.models import Meeting, State
from meetings.transcripts.utterances import Utterance
from tests.meetings.articles.factories import ArticleFactory
from tests.meetings.clips.factories import SAID, ClipFactory, cut
from tests.meetings.media.factories import RecordingFactory
from tests.meetings.transcripts.factories import transcribe
from tests.memberships.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def linked(answer):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)
    return json.loads(found[1])


def test_page_shows_words_speakers_source_and_ten_seconds_around(visitor):
    clip = cut((5_000, 7_000), maker_name="Ana Ruiz", note="Listen to the end.")
    answer = visitor.get(clip.get_absolute_url())
    assert answer.status_code == 200
    assert "budget is" in answer.text
    assert "Chair Ruiz" in answer.text
    assert "Clipped by Ana Ruiz" in answer.text
    assert "Listen to the end." in answer.text
    assert "Good evening and welcome." in answer.text  # before
    assert "But not the parking fees." in answer.text  # after
    assert clip.meeting.get_absolute_url() in answer.text
    assert clip.owner.email not in answer.text


def test_no_more_than_ten_seconds_around_are_shown(visitor):
    said = [Utterance(n * 5_000, n * 5_000 + 5_000, f"word{n}") for n in range(20)]
    recording = RecordingFactory(
        ready=True, duration_ms=600_000, segment_ends_ms=[6_000 * n for n in range(1, 101)]
    )
    clip = cut((50_000, 55_000), said=said, recording=recording)
    text = visitor.get(clip.get_absolute_url()).text
    shown = {int(n) for n in re.findall(r"word(\d+)", text)}
    assert shown == {8, 9, 10, 11, 12}


def test_visitor_is_led_to_the_article_and_member_to_the_moment(visitor, member):
    clip = cut((4_000, 8_000))
    article = ArticleFactory(meeting=clip.meeting)
    text = visitor.get(clip.get_absolute_url()).text
    assert article.get_absolute_url() in text
    assert "?t=4#moment" not in text
    text = member.get(clip.get_absolute_url()).text
    assert f"{clip.meeting.get_absolute_url()}?t=4#moment" in text


def test_what_is_left_out_between_two_spans_is_said(visitor):
    clip = cut((0, 4_000), (8_000, 13_000))
    assert "4 s of the meeting are left out here" in visitor.get(clip.get_absolute_url()).text


def test_markup_of_a_member_is_shown_as_text(visitor):
    nasty = "<img src=x onerror=alert(1)>"
    clip = cut(title=nasty, note=f"{nasty}</textarea>", maker_name=nasty)
    for address in ("", "embed/", "report/"):
        text = visitor.get(f"{clip.get_absolute_url()}{address}").text
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text
    assert linked(visitor.get(clip.get_absolute_url()))["name"] == nasty


def test_machines_read_video_object_with_a_clip_for_each_span(visitor, settings):
    clip = cut((0, 4_000), (8_000, 13_000))
    answer = visitor.get(clip.get_absolute_url())
    said = linked(answer)
    assert said["@type"] == "VideoObject"
    assert said["duration"] == "PT9S"
    assert [
        (part["@type"], part["startOffset"], part["endOffset"]) for part in said["hasPart"]
    ] == [
        ("Clip", 0.0, 4.0),
        ("Clip", 4.0, 9.0),
    ]
    assert said["embedUrl"] == f"{settings.SITE_URL}{clip.get_absolute_url()}embed/"
    for name in ("og:video", "twitter:player", "og:title"):
        assert f'"{name}"' in answer.text
    assert "application/json+oembed" in answer.text
    assert "text/xml+oembed" in answer.text


@pytest.mark.parametrize("visibility", Visibility.values)
def test_only_a_public_clip_may_be_found_by_search_engines(member, visibility):
    clip = ClipFactory(owner=member.user, visibility=visibility)
    text = member.get(clip.get_absolute_url()).text
    assert ('content="noindex"' in text) is (visibility != Visibility.PUBLIC)
    assert ("oembed" in text) is (visibility != Visibility.PRIVATE)


def test_private_clip_is_its_owner_s_alone(personas):
    clip = ClipFactory(owner=personas["member"].user, visibility=Visibility.PRIVATE)
    for who, persona in personas.items():
        for address in ("", "embed/", "playlist.m3u8", "report/", "manifest.json"):
            answer = persona.get(f"{clip.get_absolute_url()}{address}")
            assert answer.status_code == (200 if who == "member" else 404), (who, address)


def test_clip_is_hidden_while_its_owner_is_no_member_and_comes_back(visitor, member, staff):
    clip = ClipFactory(owner=member.user)
    assert visitor.get(clip.get_absolute_url()).status_code == 200
    membership = member.user.memberships.get()
    membership.status = "suspended"
    type(membership).objects.filter(pk=membership.pk).update(status="suspended")
    for address in ("", "embed/", "playlist.m3u8"):
        assert visitor.get(f"{clip.get_absolute_url()}{address}").status_code == 404
    assert "Nobody else sees this clip" in member.get(clip.get_absolute_url()).text
    assert "is not a member now" in staff.get(clip.get_absolute_url()).text
    type(membership).objects.filter(pk=membership.pk).update(status="active")
    assert visitor.get(clip.get_absolute_url()).status_code == 200


def test_clip_of_a_refunded_member_is_hidden_from_others_and_theirs_to_change(
    visitor, refunded_member
):
    clip = ClipFactory(owner=refunded_member.user)
    assert visitor.get(clip.get_absolute_url()).status_code == 404
    assert refunded_member.get(clip.get_absolute_url()).status_code == 200
    assert refunded_member.get(f"{clip.get_absolute_url()}change/").status_code == 200


def test_deleted_clip_is_gone_with_words_files_and_reports(visitor, member):
    clip = cut(owner=member.user, note="A note.")
    ClipReport.objects.create(clip=clip, what="No.", created_at=timezone.now(), reporter_hash="x")
    assert member.post(f"{clip.get_absolute_url()}delete/").status_code == 302
    answer = visitor.get(clip.get_absolute_url())
    assert answer.status_code == 410
    assert "deleted" in answer.text
    assert "What the chair said" not in answer.text
    for address in ("embed/", "playlist.m3u8", "manifest.json"):
        assert visitor.get(f"{clip.get_absolute_url()}{address}").status_code == 404
    clip.refresh_from_db()
    assert (clip.owner, clip.words, clip.title, clip.note) == (None, [], "", "")
    assert not clip.renderings.exists()
    assert not clip.reports.exists()
    assert clip.slug not in member.get("/clips/").text
    services.delete(clip=clip, now=timezone.now() + timedelta(days=1))
    assert Clip.objects.get().deleted_at == clip.deleted_at


def test_stranger_changes_and_deletes_nothing(personas):
    clip = ClipFactory()
    for who in ("member", "refunded", "staff"):
        for verb in ("change", "delete"):
            given = {"title": "Mine now", "visibility": "private"}
            answer = personas[who].post(f"{clip.get_absolute_url()}{verb}/", given)
            assert answer.status_code == 404, (who, verb)
    clip.refresh_from_db()
    assert clip.title == "What the chair said"
    assert not clip.is_deleted


def test_owner_renames_and_changes_visibility(visitor, member):
    clip = ClipFactory(owner=member.user)
    given = {"title": " The  budget ", "visibility": "private", "note": "", "maker_name": "A"}
    assert member.post(f"{clip.get_absolute_url()}change/", given).status_code == 302
    clip.refresh_from_db()
    assert (clip.title, clip.visibility, clip.maker_name) == ("The budget", "private", "A")
    assert visitor.get(clip.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title": ""}, "Give the clip a title."),
        ({"title": "a" * 121}, "longer than 120 characters"),
        ({"visibility": "all"}, "Choose who may see the clip."),
        ({"maker_name": "a\u202eb"}, "cannot be shown"),
        ({"note": "a" * 2_001}, "longer than 2000 characters"),
    ],
)
def test_wrong_details_come_back_with_a_sentence_and_change_nothing(member, given, sentence):
    clip = ClipFactory(owner=member.user)
    good = {"title": "T", "visibility": "private", "note": "", "maker_name": ""}
    answer = member.post(f"{clip.get_absolute_url()}change/", good | given)
    assert answer.status_code == 422
    assert sentence in answer.text
    clip.refresh_from_db()
    assert clip.title == "What the chair said"


def test_clip_that_was_taken_down_says_so_and_why(visitor, member, staff):
    clip = ClipFactory(owner=member.user)
    address = f"/admin/meetings/clip/{clip.pk}/take-down/"
    assert staff.post(address, {"reason": ""}).status_code == 200
    assert staff.post(address, {"reason": "It names a child."}).status_code == 302
    for persona in (visitor, member):
        answer = persona.get(clip.get_absolute_url())
        assert answer.status_code == 410
        assert "It names a child." in answer.text
        assert "What the chair said" not in answer.text
        assert persona.get(f"{clip.get_absolute_url()}playlist.m3u8").status_code == 404
        assert persona.get(f"{clip.get_absolute_url()}embed/").status_code == 404
    assert "It names a child." in member.get("/clips/").text
    clip.refresh_from_db()
    assert clip.taken_down_by == staff.user
    with pytest.raises(services.NotTakenDown):
        services.take_down(clip=clip, reason="Again.", by=staff.user, now=timezone.now())
    assert staff.post(f"/admin/meetings/clip/{clip.pk}/put-back/").status_code == 302
    assert visitor.get(clip.get_absolute_url()).status_code == 200


def test_staff_read_no_private_clip_in_the_admin(staff):
    clip = cut(visibility=Visibility.PRIVATE, title="My secret", note="Another secret")
    for address in ("/admin/meetings/clip/", f"/admin/meetings/clip/{clip.pk}/change/"):
        answer = staff.get(address)
        assert answer.status_code == 200
        assert "secret" not in answer.text
        assert "budget" not in answer.text


def test_clip_of_a_withdrawn_meeting_is_not_shown(visitor):
    clip = ClipFactory()
    type(clip.meeting).objects.update(state=State.WITHDRAWN, withdrawn_reason="Recorded twice.")
    answer = visitor.get(clip.get_absolute_url())
    assert answer.status_code == 410
    assert "Recorded twice." in answer.text
    assert visitor.get(f"{clip.get_absolute_url()}playlist.m3u8").status_code == 404


def corrected(clip, *words):
    said = [*SAID[:1], *words, *SAID[2:]]
    return transcribe(said, meeting=clip.meeting, version=2)


def test_correction_since_is_said_with_the_difference(visitor):
    clip = cut((4_000, 8_000))
    assert "corrected since" not in visitor.get(clip.get_absolute_url()).text
    corrected(clip, Utterance(4_000, 8_000, "The budget is rejected.", "Chair Ruiz"))
    text = visitor.get(clip.get_absolute_url()).text
    assert "The transcript was corrected since this clip was cut." in text
    assert re.search(r"<del>.*approved\..*</del>", text)
    assert re.search(r"<ins>.*rejected\..*</ins>", text)


def test_another_speaker_is_a_correction_and_words_elsewhere_are_none(visitor):
    clip = cut((4_000, 8_000))
    corrected(clip, Utterance(4_000, 8_000, "The budget is approved.", "Member Lee"))
    text = visitor.get(clip.get_absolute_url()).text
    assert "What stood under the name of Chair Ruiz was said by Member Lee." in text
    other = cut((0, 4_000))
    transcribe([*SAID[:1], Utterance(4_000, 8_000, "Else.", "X")], meeting=other.meeting, version=2)
    assert "corrected since" not in visitor.get(other.get_absolute_url()).text


def test_embed_may_be_framed_by_everybody_and_the_page_by_nobody(visitor):
    clip = ClipFactory()
    page, frame = (visitor.get(f"{clip.get_absolute_url()}{one}") for one in ("", "embed/"))
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors *;" in frame["Content-Security-Policy"] + ";"
    assert "frame-ancestors 'none'" not in frame["Content-Security-Policy"]
    assert "object-src 'none'" in frame["Content-Security-Policy"]
    assert "X-Frame-Options" not in frame.headers
    assert not frame.cookies
    assert frame["Cache-Control"] == "private, no-store"


def test_plays_are_counted_once_for_a_visitor_without_a_cookie(visitor, member):
    clip = ClipFactory(owner=member.user)
    address, ours = f"{clip.get_absolute_url()}played/", {"HTTP_SEC_FETCH_SITE": "same-origin"}
    for _ in range(3):
        answer = visitor.post(address, **ours)
        assert answer.status_code == 204
        assert not answer.cookies
    visitor.post(address, REMOTE_ADDR="192.0.2.7", **ours)
    member.post(address, REMOTE_ADDR="192.0.2.8", **ours)  # one's own count for nothing
    for foreign in ({"HTTP_SEC_FETCH_SITE": "cross-site"}, {"HTTP_ORIGIN": "https://evil.example"}):
        assert visitor.post(address, REMOTE_ADDR="192.0.2.9", **foreign).status_code == 403
    clip.refresh_from_db()
    assert clip.plays == 2
    assert "Played 2 times" in member.get(clip.get_absolute_url()).text
    assert "Played" not in visitor.get(clip.get_absolute_url()).text


def test_shelf_holds_one_s_own_and_finds_words_speakers_titles_and_meetings(member):
    own = cut(owner=member.user, title="Fees", note="Remember this.")
    other = cut((0, 4_000), owner=member.user, title="Welcome")
    foreign = cut(title="Not mine")
    Meeting.objects.filter(pk=own.meeting_id).update(title="Hearing on the harbor")
    text = member.get("/clips/").text
    assert own.slug in text
    assert other.slug in text
    assert foreign.slug not in text
    for words, found in (
        ("budget", {own}),
        ("BUDGET approved", {own}),
        ("budget welcome", set()),
        ("ruiz", {own, other}),
        ("remember", {own}),
        ("hearing harbor", {own}),
        ("start_ms", set()),
        ("100%", set()),
        ('"budget', {own}),
        ("\0", {own, other}),
    ):
        text = member.get("/clips/", {"q": words}).text
        assert {clip for clip in (own, other, foreign) if clip.slug in text} == found, words


def test_shelf_takes_as_many_queries_for_twenty_as_for_one(
    member, django_assert_num_queries, django_assert_max_num_queries
):
    first = ClipFactory(owner=member.user)
    with django_assert_max_num_queries(8) as counted:
        member.get("/clips/")
    for _ in range(19):
        ClipFactory(owner=member.user, recording=first.recording)
    with django_assert_num_queries(len(counted)):
        assert member.get("/clips/").text.count("<li>") > 19
    assert member.get("/clips/?page=2").status_code == 404
    assert member.get("/clips/?page=x").status_code == 404


def test_page_takes_few_queries(visitor, member, django_assert_max_num_queries):
    clip = cut((0, 4_000), (8_000, 13_000))
    with django_assert_max_num_queries(12):
        visitor.get(clip.get_absolute_url())
    with django_assert_max_num_queries(15):
        member.get(clip.get_absolute_url())


def test_report_is_kept_and_limited(visitor):
    clip = ClipFactory()
    address = f"{clip.get_absolute_url()}report/"
    assert visitor.get(address).status_code == 200
    for count in range(reporting.AN_HOUR):
        services.report(
            clip=clip, what=f"{count}", email="", reporter_hash="same", now=timezone.now()
        )
    with pytest.raises(reporting.TooManyReports):
        services.report(clip=clip, what="6", email="", reporter_hash="same", now=timezone.now())
    assert clip.reports.count() == reporting.AN_HOUR
    assert visitor.post(address, {"what": "It misleads."}).status_code == 422  # no stamp


def test_closing_the_account_takes_its_clips_along():
    owner = MembershipFactory().user
    clip, kept = cut(owner=owner), ClipFactory()
    ClipReport.objects.create(
        clip=kept, what="No.", email=owner.email, created_at=timezone.now(), reporter_hash="x"
    )
    services.forget(owner)
    clip.refresh_from_db()
    assert clip.is_deleted
    assert clip.owner is None
    assert ClipReport.objects.get().email == ""
    owner_id = owner.pk
    assert not Clip.objects.filter(owner=owner_id).exists()


def test_someone_without_membership_who_never_cut_has_an_empty_shelf(refunded_member):
    refunded_member.force_login(UserFactory())
    assert "You have not cut a clip yet" in refunded_member.get("/clips/").text
