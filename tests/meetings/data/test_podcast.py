"""The podcast: what RSS 2.0 and podcast directories ask, and of no clip that is not public now."""

import struct
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from lxml import etree
from redis.exceptions import RedisError

from meetings.clips import orders, rendering, services
from meetings.clips.models import Clip, ClipSpan, Rendering, Visibility
from meetings.data import podcast, queries
from meetings.intake import services as intake
from memberships.gate import pages
from memberships.purchases.models import Membership
from tests.meetings.clips.factories import ClipFactory, cut
from tests.meetings.data.schemas import PODCAST
from tests.memberships.factories import RefundedMembershipFactory

pytestmark = pytest.mark.django_db

FEED = "/feeds/clips.rss"
DAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
WORDS = [
    {
        "speaker": "Ruiz",
        "start_ms": 4_000,
        "end_ms": 5_000,
        "text": "It is “approved”.",
        "key": "a",
    },
    {"speaker": "Ruiz", "start_ms": 5_000, "end_ms": 6_000, "text": "All of it.", "key": "b"},
    {"speaker": "Okafor", "start_ms": 6_000, "end_ms": 8_000, "text": "No & no.", "key": "c"},
]


def sounding(clip: Clip | None = None, *, at: datetime = DAY, **given: Any) -> Clip:
    """A public clip whose sound was made."""
    clip = clip or ClipFactory(words=WORDS, language="en", **given)
    clip.renderings.create(
        kind=Rendering.Kind.AUDIO,
        content_key=f"{clip.pk:064x}",
        state=Rendering.State.READY,
        asked_at=at,
        file_name=f"clips/{clip.slug}/audio-1.m4a",
        sha256="b" * 64,
        size_bytes=48_000,
    )
    return clip


def feed(client: Client) -> feedparser.FeedParserDict:
    """The feed, once it is known to be sound by its grammar and by a common parser."""
    answer = client.get(FEED)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/rss+xml"
    PODCAST.assertValid(etree.fromstring(answer.content))
    parsed = feedparser.parse(answer.content)
    assert parsed.bozo == 0
    assert parsed.version == "rss20"
    return parsed


def titles(client: Client) -> list[str]:
    return [entry.title for entry in feed(client).entries]


def test_show_says_what_directories_ask(visitor: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = "desk@portal.example"
    about = feed(visitor).feed

    assert about.title == "Clips · Citizen Portal"
    assert about.link == f"{settings.SITE_URL}/feeds/"
    assert "in the words and the voices" in about.subtitle
    assert about.language == "en-us"
    assert about.rights == settings.DATA_LICENSE
    assert about.tags[0].term == "Government"
    assert about.image.href == f"{settings.SITE_URL}/feeds/clips.png"
    assert about.author == settings.SITE_NAME
    assert about.publisher_detail.email == "desk@portal.example"
    assert [one.href for one in about.links if one.rel == "self"] == [settings.SITE_URL + FEED]


def test_without_an_address_to_write_to_there_is_no_owner(visitor: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = ""
    assert "publisher_detail" not in feed(visitor).feed
    assert "itunes:owner" not in visitor.get(FEED).text


def test_episode_has_its_sound_its_words_and_its_moment(visitor: Client, settings: Any) -> None:
    clip = sounding(title="What the chair said", note="A <b> note.", spans=[(754_000, 758_400)])
    Clip.objects.update(duration_ms=4_400, words=[{**WORDS[0], "start_ms": 754_000}])
    site, meeting = settings.SITE_URL, clip.meeting

    [entry] = feed(visitor).entries

    assert entry.title == "What the chair said"
    assert entry.link == f"{site}/clips/{clip.slug}/"
    assert entry.id.startswith("tag:")
    assert entry.guidislink is False
    assert parsedate_to_datetime(entry.published) == DAY
    [sound] = entry.enclosures
    assert sound.href == f"{site}/clips/{clip.slug}.m4a"
    assert (sound.length, sound.type) == ("48000", "audio/mp4")
    assert entry.itunes_duration == "4"
    assert entry.author == meeting.body.name
    assert "<p>A &lt;b&gt; note.</p>" in entry.description
    assert "<p><strong>Ruiz:</strong> “It is “approved”.”</p>" in entry.description
    assert f'<a href="{site}{meeting.get_absolute_url()}?t=754#moment">' in entry.description
    assert entry.podcast_transcript["url"] == f"{site}/clips/{clip.slug}.vtt"
    assert visitor.get(f"/clips/{clip.slug}.vtt").status_code == 200


def test_words_stand_in_turns_and_what_is_left_out_between_spans_is_marked(
    visitor: Client,
) -> None:
    clip = sounding(spans=[(4_000, 6_000), (9_000, 11_000)])
    Clip.objects.filter(pk=clip.pk).update(
        words=[*WORDS[:2], {**WORDS[2], "start_ms": 9_000, "end_ms": 10_000}]
    )
    [entry] = feed(visitor).entries
    assert entry.description.startswith(
        "<p><strong>Ruiz:</strong> “It is “approved”. All of it.”</p>"
        "<p>[…]</p><p><strong>Okafor:</strong> “No &amp; no.”</p><p><a href="
    )
    item = etree.fromstring(visitor.get(FEED).content).find("channel/item")
    assert item is not None
    assert [one.text for one in item.findall(f"{{{podcast.PODCAST}}}person")] == ["Ruiz", "Okafor"]


@pytest.mark.parametrize("lines", [1, 4, 900])
def test_long_words_end_where_players_stop_to_read_and_say_so(visitor: Client, lines: int) -> None:
    said = " ".join(["Größe & <mehr>."] * (3_600 // lines))
    words = [
        {"speaker": f"S{number % 7}", "start_ms": number, "end_ms": number + 1, "text": said}
        for number in range(lines)
    ]
    clip = sounding(note="&" * 400, spans=[(0, 1_000)])
    Clip.objects.filter(pk=clip.pk).update(words=words)

    [entry] = feed(visitor).entries

    assert 7_000 < len(entry.description.encode()) < 10_000
    assert "[…]”</p><p>All of the words stand on the clip" in entry.description
    assert entry.description.count("<p>") == entry.description.count("</p>")


def test_nobody_hears_of_what_is_not_public_now(personas: dict[str, Client], staff: Any) -> None:
    sounding(title="Public")
    sounding(title="Private", visibility=Visibility.PRIVATE)
    sounding(title="Unlisted", visibility=Visibility.UNLISTED)
    sounding(title="Of no member", owner=RefundedMembershipFactory().user)
    taken_down, deleted = sounding(title="Taken down"), sounding(title="Deleted")
    services.take_down(clip=taken_down, reason="A child.", by=staff.user, now=timezone.now())
    services.delete(clip=deleted, now=timezone.now())
    withdrawn = sounding(title="Withdrawn")
    intake.withdraw_meeting(meeting=withdrawn.meeting, reason="Recorded twice.")
    removed = sounding(title="Removed")
    type(removed.recording).objects.filter(pk=removed.recording_id).update(
        is_current=False, removed_at=timezone.now()
    )
    ClipFactory(title="Without sound")
    waiting = sounding(title="Sound is being made")
    waiting.renderings.update(state=Rendering.State.WAITING)

    for name, persona in personas.items():
        assert titles(persona) == ["Public"], name


def test_who_became_public_last_comes_first_and_a_hundred_stand_there(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    clips = [ClipFactory(title=f"{number}", words=WORDS) for number in range(102)]
    for number, clip in enumerate(clips):
        sounding(clip, at=DAY + timedelta(days=-number))
    with django_assert_max_num_queries(2):
        assert titles(visitor) == [f"{number}" for number in range(100)]


def test_a_clip_that_is_made_anew_is_one_episode(visitor: Client) -> None:
    clip = sounding(title="Once")
    clip.renderings.update(content_key="c" * 64)
    sounding(clip, at=DAY + timedelta(days=1))
    assert titles(visitor) == ["Once"]


def test_an_episode_keeps_its_id_and_its_day_whatever_is_said_of_it(visitor: Client) -> None:
    clip = sounding(title="Before")
    key = rendering.content_key(clip, Rendering.Kind.AUDIO, [(4_000, 8_000)])
    clip.renderings.update(content_key=key)
    [before] = feed(visitor).entries
    about = {"note": "", "maker_name": "", "now": timezone.now()}
    services.change(clip=clip, title="Now", visibility=Visibility.PRIVATE, **about)
    services.change(clip=clip, title="After", visibility=Visibility.PUBLIC, **about)
    pages.shelf.drop_all()
    [after] = feed(visitor).entries
    assert after.title == "After"
    assert (after.id, after.published) == (before.id, before.published)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deed", ["change", "delete", "take down", "withdraw"])
def test_what_is_not_public_any_more_is_gone_at_once_and_no_304(
    visitor: Client, staff: Any, deed: str
) -> None:
    clip, now = sounding(title="Gone"), timezone.now()
    first = visitor.get(FEED)
    assert "Gone" in first.text
    if deed == "change":
        about = {"title": "Gone", "note": "", "maker_name": ""}
        services.change(clip=clip, visibility=Visibility.UNLISTED, now=now, **about)
    elif deed == "delete":
        services.delete(clip=clip, now=now)
    elif deed == "take down":
        services.take_down(clip=clip, reason="A child.", by=staff.user, now=now)
    else:
        intake.withdraw_meeting(meeting=clip.meeting, reason="Recorded twice.")

    for asked in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = visitor.get(FEED, headers=asked)
        assert again.status_code == 200
        assert "Gone" not in again.text
        assert "It is “approved”" not in again.text
    if deed == "take down":
        services.put_back(clip=clip)
        assert (
            "Gone" in visitor.get(FEED, headers={"If-Modified-Since": again["Last-Modified"]}).text
        )


@pytest.mark.django_db(transaction=True)
def test_whose_membership_ends_is_gone_from_the_next_one_made(visitor: Client) -> None:
    clip = sounding(title="Gone")
    first = visitor.get(FEED)
    Membership.objects.filter(user=clip.owner).delete()
    pages.shelf.drop_all()  # a minute later
    again = visitor.get(FEED, headers={"If-Modified-Since": first["Last-Modified"]})
    assert again.status_code == 200
    assert "Gone" not in again.text


@pytest.mark.django_db(transaction=True)
def test_new_sound_is_there_at_once(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert titles(visitor) == []
    clip = cut(title="Fresh")
    made = rendering.Made(f"clips/{clip.slug}/audio-1.m4a", "b" * 64, 48_000)
    monkeypatch.setattr(rendering, "make", lambda row, report: made)
    row = orders.claim(now=timezone.now(), among={Rendering.Kind.AUDIO})
    assert row is not None
    orders.run(row)
    assert titles(visitor) == ["Fresh"]


def test_whoever_has_the_feed_is_answered_304(visitor: Client) -> None:
    sounding()
    first = visitor.get(FEED)
    pages.shelf.drop_all()
    again = visitor.get(FEED)
    assert (again["ETag"], again["Last-Modified"]) == (first["ETag"], first["Last-Modified"])
    for asked in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        known = visitor.get(FEED, headers=asked)
        assert (known.status_code, known.content) == (304, b"")
    assert "s-maxage=60" in first["Cache-Control"]
    assert parsedate_to_datetime(first["Last-Modified"]).timestamp() <= time.time()


def test_without_redis_there_is_a_feed_without_its_time(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_given: object, **_options: object) -> None:
        raise RedisError("It is away.")

    sounding(title="Public")
    monkeypatch.setattr(cache, "get", gone)
    assert titles(visitor) == ["Public"]
    assert "Last-Modified" not in visitor.get(FEED).headers


def test_words_cannot_break_out_of_the_feed(visitor: Client) -> None:
    clip = sounding(title="A < B & \x0b]]>", note="<script>alert(1)</script>\x01\ufffe")
    word = {**WORDS[0], "speaker": "<i>Ruiz\x1b" + "z" * 300, "text": "]]> </p><script> & \x1b"}
    Clip.objects.filter(pk=clip.pk).update(words=[word])

    [entry] = feed(visitor).entries

    assert entry.title == "A < B & ]]>"
    raw = etree.fromstring(visitor.get(FEED).content).findtext("channel/item/description")
    assert raw is not None
    assert "<script>" not in raw
    assert "<i>" not in raw
    assert "\x1b" not in raw


def test_a_clip_without_words_is_an_episode(visitor: Client) -> None:
    sounding(ClipFactory(title="Silence", words=[]))
    assert titles(visitor) == ["Silence"]


def test_queries_bring_all_that_is_told(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        sounding()
    ClipSpan.objects.count()
    with django_assert_num_queries(2):
        podcast.rss(
            [podcast.Episode(row) for row in queries.sounding_clips(now=timezone.now())],
            path=FEED,
        )


def test_cover_is_a_square_as_directories_take_it(visitor: Client, settings: Any) -> None:
    answer = visitor.get("/feeds/clips.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    width, height = struct.unpack(">II", answer.content[16:24])
    assert width == height
    assert 1_400 <= width <= 3_000
    assert len(answer.content) < 512_000
    known = visitor.get("/feeds/clips.png", headers={"If-None-Match": answer["ETag"]})
    assert known.status_code == 304

    settings.SITE_NAME = "Das 市 <&> #raw[x] Portal" * 9
    pages.shelf.drop_all()
    assert visitor.get("/feeds/clips.png").content != answer.content


def test_page_of_feeds_names_it(visitor: Client, settings: Any) -> None:
    page = visitor.get("/feeds/").text
    assert f"{settings.SITE_URL}{FEED}</a>" in page
    assert 'type="application/rss+xml"' in page
