"""Whoever is over the limit is refused around the site, as the door would, and nobody else is."""

import json
import re
from urllib.parse import unquote

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from meetings.data.api import limits
from meetings.data.api.floods import Floods
from tests.meetings.data.api.world import BASE

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def _few(settings):
    settings.API_MEMBER_A_MINUTE, settings.API_VISITOR_A_MINUTE = 3, 2


def reached(environ, start):
    start("200 OK", [])
    return [b"the site"]


def sent(path, *, token=None, method="GET", address=HERE, app=None):
    """Status, headers and body of an answer."""
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": address}
    if token is not None:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    told = []
    body = b"".join((app or Floods(reached))(environ, lambda *said: told.append(said)))
    ((status, headers),) = told
    return int(status.partition(" ")[0]), dict(headers), body


def spent(ask, token):
    """The door's refusal of one too many."""
    for _ in range(5):
        answer = ask("meetings", token=token)
    assert answer.status_code == 429
    return answer


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_the_refusal_is_the_door_s(ask, town, who):
    token = town.token if who == "member" else None
    door = spent(ask, token)
    status, headers, body = sent(f"{BASE}meetings", token=token)
    assert status == 429
    said, theirs = json.loads(body), door.json()
    for document in (said, theirs):
        document["detail"] = re.sub(r"\d+", "so many", document["detail"])
    assert said == theirs
    assert int(headers["Content-Length"]) == len(body)
    assert 1 <= int(headers["Retry-After"]) <= 60
    added = {"Cross-Origin-Opener-Policy", "Referrer-Policy", "X-Frame-Options", "Content-Length"}
    missing = set(door.headers) - set(headers) - added - {"Content-Security-Policy"}
    assert missing == set(), "what a program reads is there"
    for name in ("Content-Type", "Cache-Control", "RateLimit-Policy"):
        assert headers[name] == door.headers[name]


def test_it_asks_nobody(ask, monkeypatch, django_assert_num_queries):
    spent(ask, None)
    monkeypatch.setattr(limits, "_redis", pytest.fail)
    with django_assert_num_queries(0):
        assert sent(f"{BASE}segments")[0] == 429


def test_others_go_on(ask, town):
    spent(ask, None)
    assert sent(f"{BASE}meetings", address="192.0.2.7")[0] == 200
    assert sent(f"{BASE}meetings", token=town.token)[0] == 200, "a member behind the same address"
    spent(ask, town.token)
    assert sent(f"{BASE}meetings", token=f"{town.token}x")[0] == 200, "the door says what it is"


def test_each_operation_is_counted_and_nothing_else_of_the_site(ask):
    spent(ask, None)
    refused, open_ = set(), set()
    for route in routes(get_resolver()):
        path = "/" + unquote(route).replace("<str:token>", "x").replace("<path:rest>", "nothing")
        (refused if sent(path)[0] == 429 else open_).add(route)
    assert {route for route in refused if not route.startswith("api/v1/")} == {"mcp/"}
    assert {route for route in open_ if route.startswith("api/")} == {
        "api/v1/docs",
        "api/v1/openapi.json",
        "api/v1/playlists/<str:token>.m3u8",
    }


def routes(resolver, prefix=""):
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, route)
        else:
            yield route


def test_a_refusal_of_head_has_no_body_and_odd_paths_are_told_as_they_are(ask):
    spent(ask, None)
    _status, headers, body = sent(f"{BASE}meetings", method="HEAD")
    assert body == b""
    assert int(headers["Content-Length"]) > 100
    odd = f'{BASE}"ü\udce9\\'.encode(errors="surrogateescape").decode("latin-1")
    assert json.loads(sent(odd)[2])["instance"] == f'{BASE}"ü\N{REPLACEMENT CHARACTER}\\'


def test_the_site_is_served_behind_it(ask):
    from portal.wsgi import application

    assert isinstance(application, Floods)
    spent(ask, None)
    assert sent(f"{BASE}meetings", app=application)[0] == 429


def test_refusals_that_are_kept_do_not_fill_the_memory(ask, monkeypatch, settings):
    spent(ask, None)
    floods = Floods(reached)
    monkeypatch.setattr("meetings.data.api.floods.MOST", 2)
    for most in range(5):
        settings.API_VISITOR_A_MINUTE = most
        sent(f"{BASE}meetings", app=floods)
    assert len(floods._told) <= 2
