"""oEmbed 1.0: every field that the specification asks for, in JSON and XML, within maxwidth."""

import json
from xml.etree import ElementTree as ET

import pytest

from meetings.clips.models import Rendering, Visibility
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.media.factories import RecordingFactory
from tests.memberships.factories import UserFactory

pytestmark = pytest.mark.django_db

# https://oembed.com, section 2.3.4: what an answer may have, and of which type.
OPTIONAL = {
    "title": str,
    "author_name": str,
    "author_url": str,
    "provider_name": str,
    "provider_url": str,
    "cache_age": int,
    "thumbnail_url": str,
    "thumbnail_width": int,
    "thumbnail_height": int,
}
REQUIRED = {"type": str, "version": str, "html": str, "width": int, "height": int}


@pytest.fixture
def clip():
    recording = RecordingFactory(ready=True, width=1280, height=720)
    return ClipFactory(recording=recording, maker_name="Ana", title="<b> & ü")


def ask(client, clip, settings, **query):
    url = f"{settings.SITE_URL}{clip.get_absolute_url()}"
    return client.get("/oembed/", {"url": url, **query})


def valid(said):
    for name, kind in REQUIRED.items():
        assert type(said[name]) is kind, name
    for name, value in said.items():
        assert type(value) is (REQUIRED | OPTIONAL)[name], name
    assert said["version"] == "1.0"
    assert said["type"] in {"video", "rich"}
    thumbnails = {"thumbnail_url", "thumbnail_width", "thumbnail_height"} & set(said)
    assert len(thumbnails) in {0, 3}
    assert min(said["width"], said["height"]) >= 1
    assert f'width="{said["width"]}" height="{said["height"]}"' in said["html"]
    return said


def of_xml(answer):
    assert answer["Content-Type"].startswith("text/xml")
    root = ET.fromstring(answer.content)  # noqa: S314 - our own answer
    assert root.tag == "oembed"
    assert len({one.tag for one in root}) == len(root)
    numbers = {name for name, kind in (REQUIRED | OPTIONAL).items() if kind is int}
    return {one.tag: int(one.text) if one.tag in numbers else one.text for one in root}


def test_json_and_xml_say_the_same_valid_things(visitor, clip, settings):
    answer = ask(visitor, clip, settings, format="json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    said = valid(json.loads(answer.content))
    assert said["type"] == "video"
    assert (said["width"], said["height"]) == (640, 360)
    assert (said["title"], said["author_name"]) == ("<b> & ü", "Ana")
    assert "<b>" not in said["html"]
    assert f'src="{settings.SITE_URL}{clip.get_absolute_url()}embed/"' in said["html"]
    assert valid(of_xml(ask(visitor, clip, settings, format="xml"))) == said
    assert json.loads(ask(visitor, clip, settings).content) == said  # json by default


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({"maxwidth": "320"}, (320, 180)),
        ({"maxheight": "180"}, (320, 180)),
        ({"maxwidth": "320", "maxheight": "90"}, (160, 90)),
        ({"maxwidth": "100000"}, (640, 360)),
        ({"maxwidth": "1"}, (1, 1)),
        ({"maxheight": "1"}, (2, 1)),
    ],
)
def test_maxwidth_and_maxheight_are_honoured(visitor, clip, settings, asked, size):
    for kind in ("json", "xml"):
        answer = ask(visitor, clip, settings, format=kind, **asked)
        said = valid(json.loads(answer.content) if kind == "json" else of_xml(answer))
        assert (said["width"], said["height"]) == size
        assert said["width"] <= int(asked.get("maxwidth", 10**9))
        assert said["height"] <= int(asked.get("maxheight", 10**9))


def test_poster_comes_with_its_size_and_sound_is_rich(visitor, clip, settings):
    Rendering.objects.create(
        clip=clip,
        kind="ends",
        content_key="0" * 64,
        state="ready",
        file_name="clips/x/ends-0.jpg",
        asked_at=clip.created_at,
    )
    said = valid(json.loads(ask(visitor, clip, settings).content))
    assert said["thumbnail_url"] == f"{settings.SITE_URL}{clip.get_absolute_url()}poster.jpg"
    assert (said["thumbnail_width"], said["thumbnail_height"]) == (1280, 720)
    sound = ClipFactory(
        recording=RecordingFactory(ready=True, width=None, height=None, video_codec="")
    )
    assert valid(json.loads(ask(visitor, sound, settings).content))["type"] == "rich"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"format": "yaml"}, 501),
        ({"maxwidth": "wide"}, 400),
        ({"maxwidth": "-1"}, 400),
        ({"maxwidth": "0"}, 400),
        ({"maxheight": "1.5"}, 400),
        ({"maxheight": "٣"}, 400),
        ({"url": "https://elsewhere.example/clips/clip00000001/"}, 404),
        ({"url": "http://[broken"}, 404),
        ({"url": ""}, 404),
        ({"url": "javascript:alert(1)"}, 404),
    ],
)
def test_wrong_questions_are_answered_as_the_specification_says(
    visitor, clip, settings, query, status
):
    assert ask(visitor, clip, settings, **query).status_code == status
    assert visitor.get("/oembed/").status_code == 400


def test_nothing_is_said_of_what_not_everybody_may_see(member, visitor, settings):
    hidden = [
        ClipFactory(owner=member.user, visibility=Visibility.PRIVATE),
        ClipFactory(owner=UserFactory()),
    ]
    for clip in hidden:
        for client in (visitor, member):  # a consumer asks for everybody, whoever it is
            assert ask(client, clip, settings).status_code == 404
    assert ask(visitor, ClipFactory(visibility=Visibility.UNLISTED), settings).status_code == 200


def test_address_of_the_frame_is_understood_too(visitor, clip, settings):
    url = f"{settings.SITE_URL}{clip.get_absolute_url()}embed/"
    answer = visitor.get("/oembed/", {"url": url})
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
