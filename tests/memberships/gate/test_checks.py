"""`manage.py check` finds every route that nobody thought about."""

import types
from importlib import import_module

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpResponse
from django.test import override_settings
from django.urls import clear_url_caches, get_resolver, include, path, re_path
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView

from memberships.gate import audience
from memberships.gate.audience import capability, members_only, public, signed_in, staff_only
from memberships.gate.checks import gate_is_in_its_place, routes_have_audiences
from memberships.gate.routes import is_ours, walk


def view(request):
    return HttpResponse()


def fresh():
    return lambda request: HttpResponse()


def found(*patterns):
    """The identifiers that the check reports for a URL configuration of these patterns."""
    module = types.ModuleType("throwaway_urls")
    module.urlpatterns = list(patterns)
    with override_settings(ROOT_URLCONF=module):
        clear_url_caches()
        try:
            return [(message.id, message.msg) for message in routes_have_audiences()]
        finally:
            clear_url_caches()


def ids(*patterns):
    return [identifier for identifier, _ in found(*patterns)]


@pytest.mark.parametrize(
    "mark",
    [
        public,
        public(cached=True),
        signed_in,
        members_only,
        members_only(problem=True),
        members_only(free=view),
        staff_only,
        capability(lambda request: True),
    ],
)
def test_every_mark_is_enough(mark):
    assert ids(path("a/", mark(fresh()))) == []
    assert ids(path("a/", mark(TemplateView.as_view(template_name="x.html")))) == []


def test_unmarked_route_is_found_however_deep():
    inner = ([path("c/", fresh())], "inner")
    assert found(path("a/", include([path("b/", include(inner))]))) == [
        ("gate.E001", "The route “a/b/c/” has no audience, so it is closed.")
    ]
    assert ids(re_path(r"^a/(?P<pk>\d+)/$", fresh())) == ["gate.E001"]
    assert ids(path("a/", TemplateView.as_view(template_name="x.html"))) == ["gate.E001"]


def test_decorator_that_copies_the_mark_is_found():
    assert ids(path("a/", require_GET(members_only(fresh())))) == ["gate.E002"]


def test_decorator_that_loses_the_mark_is_found():
    def plain(marked):
        return lambda request: marked(request)

    assert ids(path("a/", plain(members_only(fresh())))) == ["gate.E001"]


def test_mark_on_top_of_decorators_is_right():
    assert ids(path("a/", members_only(require_GET(fresh())))) == []


def test_listed_routes_of_others_pass_and_ours_among_them_do_not():
    from allauth.account.views import login

    assert ids(path("accounts/login/", login)) == []
    assert ids(path("elsewhere/login/", login)) == ["gate.E001"]
    assert ids(path("accounts/ours/", fresh())) == ["gate.E001"]
    assert ids(re_path(r"^accounts/theirs/$", login)) == []


def test_view_has_one_mark():
    with pytest.raises(TypeError, match="has a mark already"):
        public(members_only(fresh()))


def test_parameters_to_vary_on_need_a_kept_page():
    with pytest.raises(TypeError, match="cached=True"):
        public(varies_on=("page",))


def test_gate_and_kept_pages_stand_at_the_ends():
    assert gate_is_in_its_place() == []
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE[1:]):
        assert [message.id for message in gate_is_in_its_place()] == ["gate.E003"]
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE[:-1]):
        assert [message.id for message in gate_is_in_its_place()] == ["gate.E004"]


# The real site ---------------------------------------------------------------------------------


def our_routes():
    return [
        route
        for route in walk(import_module(settings.ROOT_URLCONF).urlpatterns)
        if is_ours(route.view) and "admin" not in route.namespaces
    ]


def test_real_site_passes():
    assert routes_have_audiences() == []
    assert our_routes()


def test_taking_the_mark_off_any_real_view_fails_the_check(monkeypatch):
    for route in our_routes():
        with monkeypatch.context() as without:
            without.delattr(route.view, audience.ATTRIBUTE)
            reported = [message.msg for message in routes_have_audiences()]
            assert any(f"“{route.pattern}”" in message for message in reported), route.pattern
    assert routes_have_audiences() == []


def test_manage_py_check_itself_fails(monkeypatch):
    route = our_routes()[0]
    monkeypatch.delattr(route.view, audience.ATTRIBUTE)
    with pytest.raises(SystemCheckError, match=r"gate\.E001"):
        call_command("check")


def test_hiding_the_mark_of_any_real_view_fails_the_check(monkeypatch):
    patterns = get_resolver().url_patterns
    for pattern in leaves(patterns):
        if audience.audience_of(pattern.callback) is None:
            continue
        with monkeypatch.context() as hidden:
            hidden.setattr(pattern, "callback", require_GET(pattern.callback))
            assert "gate.E002" in [message.id for message in routes_have_audiences()]


def leaves(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from leaves(pattern.url_patterns)
        else:
            yield pattern
