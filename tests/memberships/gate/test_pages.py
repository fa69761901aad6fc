"""Kept pages: what one visitor was shown may be shown to the next, and to nobody else."""

import itertools
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import path
from django.views.decorators.cache import cache_control
from redis.exceptions import ConnectionError as RedisConnectionError

from memberships.gate import pages, shelf
from memberships.gate.audience import members_only, public
from tests.memberships.factories import UserFactory
from tests.personas import Persona

made = itertools.count(1)


def page(request):
    """Each making has a number, and shows all that could give somebody away."""
    return HttpResponse(
        f"{next(made)} {request.get_host()} {request.build_absolute_uri('/x')} "
        f"{request.GET.urlencode()} {request.is_member} {request.user.is_authenticated}"
    )


def kept(view=page, varies_on=()):
    return public(cached=True, varies_on=varies_on)(lambda request, **kw: view(request, **kw))


def with_cookie(request):
    response = page(request)
    response.set_cookie("tracked", "yes")
    return response


def with_token(request):
    get_token(request)
    return page(request)


def with_message(request):
    messages.info(request, "For you alone.")
    return page(request)


def reads_messages(request):
    list(messages.get_messages(request))
    return page(request)


def with_session(request):
    request.session["seen"] = 1
    return page(request)


def by_language(request):
    response = page(request)
    response.headers["Vary"] = "Accept-Language"
    return response


def says(status):
    return lambda request: HttpResponse(str(next(made)), status=status)


urlpatterns = [
    path("k/page/", kept()),
    path("k/page/<int:pk>/", kept(lambda request, pk: page(request))),
    path("k/varies/", kept(varies_on=("body", "place", "page"))),
    path("k/uncached/", public(lambda request: page(request))),
    path("k/members/", members_only(lambda request: page(request))),
    path("k/cookie/", kept(with_cookie)),
    path("k/token/", kept(with_token)),
    path("k/message/", kept(with_message)),
    path("k/reads/", kept(reads_messages)),
    path("k/session/", kept(with_session)),
    path("k/language/", kept(by_language)),
    path("k/own/", kept(cache_control(max_age=9)(lambda request: page(request)))),
    path("k/stream/", kept(lambda request: StreamingHttpResponse([str(next(made)).encode()]))),
    *[path(f"k/{status}/", kept(says(status))) for status in (201, 203, 302, 400, 403, 404, 500)],
    *import_module(settings.ROOT_URLCONF).urlpatterns,
]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def other_process(monkeypatch):
    """From here on, requests are answered by a process that has no copies of its own."""

    def switch():
        monkeypatch.setattr(pages, "shelf", shelf.Shelf())

    return switch


@pytest.fixture
def clock(monkeypatch):
    """Both clocks of the shelf, to be moved by hand."""

    class Clock:
        now = 1000.0

        def time(self):
            return self.now

        monotonic = time

    hands = Clock()
    monkeypatch.setattr(shelf, "time", hands)
    monkeypatch.setattr(pages, "time", hands)
    return hands


def for_nobody(response):
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Age" not in response.headers


# What is kept ----------------------------------------------------------------------------------


def test_second_visitor_gets_what_the_first_was_shown():
    first, second = Persona().get("/k/page/"), Persona().get("/k/page/")
    assert second.content == first.content
    assert 0 <= int(second.headers["Age"]) <= 2
    for response in (first, second):
        assert response.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
        assert response.headers["Vary"] == "Cookie, HX-Request"


def test_kept_page_has_the_headers_of_the_first(visitor):
    first, second = visitor.get("/k/page/"), visitor.get("/k/page/")
    assert {**second.headers} == {**first.headers, "Age": second.headers["Age"]}
    assert "Content-Security-Policy" in second.headers
    assert "X-Frame-Options" in second.headers


@pytest.mark.django_db
def test_kept_page_costs_no_query_and_no_session(visitor, django_assert_num_queries, monkeypatch):
    with django_assert_num_queries(0):
        first = visitor.get("/k/page/")

    def no_session(*args):
        raise AssertionError("a session was opened")

    monkeypatch.setattr(
        "django.contrib.sessions.middleware.SessionMiddleware.process_request", no_session
    )
    with django_assert_num_queries(0):
        assert visitor.get("/k/page/").content == first.content
    assert not visitor.cookies


def test_page_is_kept_across_processes(visitor, other_process):
    first = visitor.get("/k/page/")
    other_process()
    assert visitor.get("/k/page/").content == first.content


def test_rush_on_one_page_asks_redis_once_a_second(visitor, clock, monkeypatch):
    asked = []
    ask = cache.get_many
    monkeypatch.setattr(cache, "get_many", lambda keys: asked.append(keys) or ask(keys))
    for _ in range(50):
        visitor.get("/k/page/")
    assert len(asked) == 1
    clock.now += 1.1
    visitor.get("/k/page/")
    assert len(asked) == 2


def test_page_lasts_a_minute_and_no_longer(visitor, clock):
    first = visitor.get("/k/page/")
    clock.now += 59
    second = visitor.get("/k/page/")
    assert second.content == first.content
    assert second.headers["Age"] == "59"
    clock.now += 1
    assert visitor.get("/k/page/").content != first.content


def test_redis_forgets_the_page_by_itself(visitor):
    visitor.get("/k/page/")
    client = cache._cache.get_client()
    names = list(client.scan_iter(f"{cache.key_prefix}:*"))
    assert names
    assert all(0 < client.ttl(name) <= 60 for name in names)


# Whom it is not for ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_page_of_a_visitor_is_never_given_to_a_member_nor_the_other_way_round(personas):
    visitor = personas.pop("visitor")
    shown = visitor.get("/k/page/")
    for persona in personas.values():
        own = persona.get("/k/page/")
        for_nobody(own)
        assert own.content != shown.content
        assert own.text.endswith("True")
    assert visitor.get("/k/page/").content == shown.content
    for persona in personas.values():
        persona.get("/k/page/2/")
    fresh = visitor.get("/k/page/2/")
    assert fresh.text.endswith("False False")


def test_any_session_cookie_is_enough_to_be_somebody(visitor):
    shown = visitor.get("/k/page/")
    visitor.cookies[settings.SESSION_COOKIE_NAME] = ""
    for_nobody(visitor.get("/k/page/"))
    assert visitor.get("/k/page/").content != shown.content


def test_message_cookie_is_enough_to_be_somebody(visitor):
    shown = visitor.get("/k/page/")
    visitor.cookies["messages"] = "x"
    response = visitor.get("/k/page/")
    for_nobody(response)
    assert response.content != shown.content


@pytest.mark.parametrize("header", ["HX-Request", "Authorization"])
def test_parts_and_tokens_are_not_answered_from_kept_pages(visitor, header):
    response = visitor.get("/k/page/", headers={header: "true"})
    for_nobody(response)
    shown = visitor.get("/k/page/")
    assert shown.content != response.content
    assert visitor.get("/k/page/", headers={header: "true"}).content != shown.content


@pytest.mark.parametrize(
    "name",
    [
        "cookie",
        "token",
        "message",
        "session",
        "reads",
        "language",
        "own",
        "stream",
        "201",
        "203",
        "302",
        "400",
        "403",
        "404",
        "500",
    ],
)
@pytest.mark.django_db
def test_answer_that_is_for_one_person_or_no_page_is_not_kept(name):
    first, second = Persona().get(f"/k/{name}/"), Persona().get(f"/k/{name}/")
    for_nobody(first)
    for_nobody(second)
    assert first.getvalue() != second.getvalue()


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options", "head"])
def test_other_methods_are_neither_kept_nor_answered_from_what_is_kept(visitor, method):
    first = getattr(visitor, method)("/k/page/")
    shown = visitor.get("/k/page/")
    assert shown.headers.get("Age") is None
    again = getattr(visitor, method)("/k/page/")
    if method == "head":  # the same headers as GET has, and no body
        assert again.headers["Cache-Control"] == shown.headers["Cache-Control"]
        assert again.content == b""
    else:
        for_nobody(first)
        for_nobody(again)
        assert again.content != shown.content


@pytest.mark.parametrize("name", ["uncached", "members"])
@pytest.mark.django_db
def test_pages_without_the_mark_are_not_kept(visitor, name):
    for_nobody(visitor.get(f"/k/{name}/"))
    second = visitor.get(f"/k/{name}/")
    for_nobody(second)


@pytest.mark.django_db
def test_unknown_page_is_not_kept(visitor):
    for_nobody(visitor.get("/k/nowhere/"))


# Poison ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.0.0.1:9999", "localhost:8000", "evil.example"]
)
def test_page_made_under_another_name_is_not_kept(visitor, host):
    other = Client(HTTP_HOST=host).get("/k/page/")
    for_nobody(other)
    shown = visitor.get("/k/page/")
    assert shown.text.split()[1] == settings.SITE_URL.partition("//")[2]
    assert Client(HTTP_HOST=host).get("/k/page/").content != shown.content


def test_forwarded_host_and_port_change_nothing(visitor):
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Original-URL": "/k/members/",
        "X-Rewrite-URL": "/k/members/",
        "Forwarded": "host=evil.example",
    }
    first = visitor.get("/k/page/", headers=forged)
    assert "evil" not in first.text
    assert visitor.get("/k/page/").content == first.content


def test_scheme_has_its_own_pages(visitor):
    plain = visitor.get("/k/page/")
    assert visitor.get("/k/page/", secure=True).content != plain.content


def test_named_parameters_in_any_order_are_one_page(visitor):
    first = visitor.get("/k/varies/?body=1&place=2&page=3")
    assert visitor.get("/k/varies/?page=3&place=2&body=1").content == first.content
    assert visitor.get("/k/varies/?page=4&place=2&body=1").content != first.content
    assert visitor.get("/k/varies/?place=1&body=2&page=3").content != first.content


def test_values_do_not_run_into_each_other(visitor):
    queries = [
        "body=1&body=2",
        "body=2&body=1",
        "body=12",
        "body=1%26place%3D2",
        "body=1&place=2",
        "body=",
        "",
        "place=",
    ]
    shown = [visitor.get(f"/k/varies/?{query}").content for query in queries]
    assert len(set(shown)) == len(queries)


def test_parameters_that_the_view_did_not_name_find_the_clean_page_and_do_not_stain_it(visitor):
    stained = visitor.get("/k/varies/?utm_source=evil&page=2")
    for_nobody(stained)
    clean = visitor.get("/k/varies/?page=2")
    assert "evil" not in clean.text
    assert visitor.get("/k/varies/?page=2&utm_source=evil").content == clean.content


def test_endless_parameters_do_not_fill_the_shelf(visitor):
    for_nobody(visitor.get(f"/k/varies/?page={'9' * 300}"))


def test_variant_that_the_site_names_is_a_page_of_its_own():
    classic, new = Persona(), Persona()
    new.cookies["experience"] = "new"
    first = classic.get("/k/page/")
    assert new.get("/k/page/").content != first.content
    assert new.get("/k/page/").content == new.get("/k/page/").content
    assert classic.get("/k/page/").content == first.content


def test_variant_none_is_not_kept(monkeypatch):
    monkeypatch.setattr(settings, "GATE_PAGE_VARIANT", "tests.memberships.gate.test_pages.none")
    for_nobody(Persona().get("/k/page/"))


def none(request):
    return None


# Dropping --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_dropped_page_is_made_anew_in_every_variant_and_with_every_query(visitor, other_process):
    new = Persona()
    new.cookies["experience"] = "new"
    asked = [
        (visitor, "/k/varies/"),
        (visitor, "/k/varies/?page=2"),
        (new, "/k/varies/?page=2"),
    ]
    before = [persona.get(address).content for persona, address in asked]
    other = visitor.get("/k/page/").content
    pages.drop("/k/varies/?page=7")
    assert visitor.get("/k/page/").content == other
    after = [persona.get(address).content for persona, address in asked]
    assert not set(before) & set(after)
    other_process()
    assert [persona.get(address).content for persona, address in asked] == after


@pytest.mark.django_db(transaction=True)
def test_drop_reaches_other_processes_within_a_second(visitor, clock, monkeypatch):
    here, there = shelf.Shelf(), shelf.Shelf()
    monkeypatch.setattr(pages, "shelf", there)
    first = visitor.get("/k/page/").content
    monkeypatch.setattr(pages, "shelf", here)
    pages.drop("/k/page/")
    monkeypatch.setattr(pages, "shelf", there)
    assert visitor.get("/k/page/").content == first
    clock.now += 1
    assert visitor.get("/k/page/").content != first


@pytest.mark.django_db(transaction=True)
def test_drop_all_drops_all(visitor):
    addresses = ["/k/page/", "/k/page/1/", "/k/varies/?page=2"]
    before = [visitor.get(address).content for address in addresses]
    pages.drop_all()
    after = [visitor.get(address).content for address in addresses]
    assert not set(before) & set(after)


@pytest.mark.django_db(transaction=True)
def test_page_is_dropped_when_the_change_commits_and_not_when_it_is_taken_back(visitor):
    first = visitor.get("/k/page/").content
    with transaction.atomic():
        pages.drop("/k/page/")
        assert visitor.get("/k/page/").content == first
        transaction.set_rollback(True)
    assert visitor.get("/k/page/").content == first
    with transaction.atomic():
        pages.drop("/k/page/")
    assert visitor.get("/k/page/").content != first


@pytest.mark.django_db(transaction=True)
def test_page_in_the_making_while_it_changed_is_not_shown(visitor, monkeypatch, other_process):
    made_before = HttpResponse("as it was")

    def slow(request):
        pages.drop("/k/page/")  # somebody changes it, after this page read what it shows
        return made_before

    monkeypatch.setattr(urlpatterns[0], "callback", public(cached=True)(slow))
    assert visitor.get("/k/page/").text == "as it was"
    monkeypatch.setattr(urlpatterns[0], "callback", public(cached=True)(says(200)))
    assert visitor.get("/k/page/").text != "as it was"
    other_process()
    assert visitor.get("/k/page/").text != "as it was"


@pytest.mark.django_db(transaction=True)
def test_address_may_be_dropped_as_it_is_written_or_as_it_is_read(visitor):
    first = visitor.get("/k/page/1/").content
    pages.drop("/k/%70age/1/")
    assert visitor.get("/k/page/1/").content != first


# Without Redis ---------------------------------------------------------------------------------


@pytest.fixture
def no_redis(monkeypatch):
    """Redis does not answer; the returned list counts how often it was asked."""
    asked = []

    def silence(*args, **kwargs):
        asked.append(args)
        raise RedisConnectionError("refused")

    for verb in ("get_many", "set", "set_many"):
        monkeypatch.setattr(cache, verb, silence)
    return asked


def test_without_redis_pages_are_made_each_time(visitor, no_redis):
    first, second = visitor.get("/k/page/"), visitor.get("/k/page/")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content != second.content


def test_without_redis_it_is_asked_again_after_a_pause_and_said_once(
    visitor, no_redis, clock, monkeypatch
):
    said = []
    monkeypatch.setattr(shelf.log, "warning", lambda event, **kw: said.append(event))
    for _ in range(10):
        visitor.get("/k/page/")
    assert len(no_redis) == 1
    clock.now += shelf.PAUSE_S
    visitor.get("/k/page/")
    assert len(no_redis) == 2
    assert said == ["pages_not_kept"]


@pytest.mark.django_db(transaction=True)
def test_without_redis_a_drop_fails_nobody_and_the_page_is_gone_within_the_minute(
    visitor, clock, monkeypatch
):
    first = visitor.get("/k/page/").content
    with monkeypatch.context() as away:

        def silence(*args, **kwargs):
            raise RedisConnectionError("refused")

        away.setattr(cache, "set_many", silence)
        with transaction.atomic():
            pages.drop("/k/page/")
    clock.now += shelf.KEPT_S
    assert visitor.get("/k/page/").content != first


def test_copies_in_the_process_are_bounded(visitor, monkeypatch):
    monkeypatch.setattr(shelf, "COPIES", 5)
    for number in range(20):
        visitor.get(f"/k/page/{number}/")
    assert len(pages.shelf._copies) <= 5


@pytest.mark.django_db
def test_signing_in_ends_what_was_kept_for_the_visitor(visitor):
    shown = visitor.get("/k/page/")
    visitor.force_login(UserFactory())
    response = visitor.get("/k/page/")
    for_nobody(response)
    assert response.content != shown.content
