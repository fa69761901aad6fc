"""The gate: who gets in, how the others are answered, and that nothing ran or leaked."""

import json
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.generic import View

from memberships.gate.audience import capability, members_only, public, signed_in, staff_only
from memberships.gate.middleware import is_path
from tests.memberships.factories import StaffFactory
from tests.personas import Persona

SECRET = "the words that members pay for"
ran = []


def view(request, **parameters):
    ran.append(request.method)
    return HttpResponse(SECRET)


def fresh():
    """The view above as a new object, to be marked."""
    return lambda request, **parameters: view(request, **parameters)


def free(request, **parameters):
    if parameters.get("pk") == 404:
        raise Http404
    return HttpResponse("<h1>The free part &amp; no more</h1>")


def hides_its_view(marked):
    def wrapper(request):
        return marked(request)

    wrapper.__dict__.update(marked.__dict__)
    return wrapper


class Listing(View):
    def get(self, request):
        return view(request)


@members_only
@csrf_exempt
@require_POST
def write(request):
    return view(request)


urlpatterns = [
    path("t/public/", public(fresh())),
    path("t/signed-in/", signed_in(fresh())),
    path("t/members/", members_only(fresh())),
    path("t/members/free/<int:pk>/", members_only(free=free)(fresh())),
    path("t/members/problem/", members_only(problem=True)(fresh())),
    path("t/members/write/", write),
    path("t/members/class/", members_only(Listing.as_view())),
    path("t/staff/", staff_only(fresh())),
    path("t/capability/<word>/", capability(lambda request, word: word == "open")(fresh())),
    path("t/unmarked/", fresh()),
    path("t/hidden/", hides_its_view(members_only(fresh()))),
    path("t/asks/", public(lambda request: HttpResponse(str(bool(request.is_member))))),
    path("t/accounts/unmarked/", fresh()),
    path("accounts/unmarked/", fresh()),
    *import_module(settings.ROOT_URLCONF).urlpatterns,
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


def refused(response, status):
    assert response.status_code == status
    assert ran == []
    assert SECRET not in response.text
    assert SECRET not in str(response.headers)
    assert response.headers["Cache-Control"] == "private, no-store"


def let_in(response):
    assert response.status_code == 200
    assert response.text == SECRET
    assert len(ran) == 1
    assert response.headers["Cache-Control"] == "private, no-store"
    ran.clear()


# What each mark answers to visitor, member, refunded member and staff.
DOORS = {
    "public/": (200, 200, 200, 200),
    "signed-in/": (302, 200, 200, 200),
    "members/": (402, 200, 402, 200),
    "members/class/": (402, 200, 402, 200),
    "members/problem/": (402, 200, 402, 200),
    "members/free/1/": (402, 200, 402, 200),
    "staff/": (302, 404, 404, 200),
    "capability/open/": (200, 200, 200, 200),
    "capability/shut/": (404, 404, 404, 404),
    "unmarked/": (404, 404, 404, 404),
    "hidden/": (404, 404, 404, 404),
    "accounts/unmarked/": (404, 404, 404, 404),
}


@pytest.mark.parametrize("method", ["get", "post", "options", "head"])
@pytest.mark.parametrize("door", DOORS)
def test_each_mark_lets_in_whom_it_names_by_every_method(personas, door, method):
    for persona, status in zip(personas.values(), DOORS[door], strict=True):
        response = getattr(persona, method)(f"/t/{door}")
        if status != 200:
            refused(response, status)
        elif method == "get":
            let_in(response)
        else:
            assert response.status_code in {200, 405}
            ran.clear()


def test_view_of_ours_under_a_delegated_path_needs_its_mark_too(personas):
    for persona in personas.values():
        refused(persona.get("/accounts/unmarked/"), 404)


def test_with_debug_an_unmarked_route_says_what_is_missing(settings, visitor):
    settings.DEBUG = True
    with pytest.raises(ImproperlyConfigured, match=r"t/unmarked/.* has no audience"):
        visitor.get("/t/unmarked/")
    assert ran == []


def test_visitor_is_led_to_sign_in_and_back(visitor):
    for door in ("signed-in", "staff"):
        response = visitor.get(f"/t/{door}/?page=2&q=a b")
        assert response.url == f"/accounts/login/?next=/t/{door}/%3Fpage%3D2%26q%3Da%2520b"


def test_offer_leads_to_membership_and_back(visitor):
    page = visitor.get("/t/members/?page=2").text
    assert 'href="/membership/?next=%2Ft%2Fmembers%2F%3Fpage%3D2"' in page
    assert "30-day money-back guarantee" in page


def test_free_part_is_shown_above_the_offer_with_402(visitor, member):
    response = visitor.get("/t/members/free/1/")
    refused(response, 402)
    above, _, below = response.text.partition("For members</h2>")
    assert "<h1>The free part &amp; no more</h1>" in above
    assert "Become a member" in below
    let_in(member.get("/t/members/free/1/"))


def test_free_part_that_does_not_exist_is_404(visitor):
    refused(visitor.get("/t/members/free/404/"), 404)


def test_problem_document_says_what_to_do(visitor):
    response = visitor.get("/t/members/problem/?a=1")
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(response.content)
    offer = f"{settings.SITE_URL}/membership/"
    assert problem == {
        "type": f"{offer}#membership-needed",
        "title": "Membership needed",
        "status": 402,
        "detail": "This is for members. Sign in, or become a member, then ask again.",
        "instance": "/t/members/problem/",
        "offer": offer,
    }


def test_post_of_a_member_runs_and_of_others_does_not(visitor, refunded_member, member):
    for persona in (visitor, refunded_member):
        refused(persona.post("/t/members/write/"), 402)
    let_in(member.post("/t/members/write/"))


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("{site}/meetings/1/x/?t=3#now", "%2Fmeetings%2F1%2Fx%2F%3Ft%3D3"),
        ("https://evil.example/meetings/1/x/", "%2F"),
        ("{site}//evil.example/", "%2F"),
        ("javascript:alert(1)", "%2F"),
        ("", "%2F"),
    ],
)
def test_way_back_after_a_refused_post_stays_on_this_site(visitor, referer, back):
    response = visitor.post(
        "/t/members/write/", headers={"Referer": referer.format(site=settings.SITE_URL)}
    )
    assert f'href="/membership/?next={back}"' in response.text


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("/", True),
        ("/a/b?c=//d#e", True),
        ("", False),
        ("a/b", False),
        ("evil.example", False),
        ("//evil.example", False),
        ("///evil.example", False),
        ("/\\evil.example", False),
        ("https:evil.example", False),
        ("javascript:alert(1)", False),
        ("/\nhttps://evil.example", True),
    ],
)
def test_path_is_what_no_browser_takes_for_another_site(url, fits):
    assert is_path(url) is fits


def test_htmx_gets_the_offer_as_a_part_with_the_way_back_to_its_page(visitor):
    response = visitor.get(
        "/t/members/",
        headers={"HX-Request": "true", "HX-Current-URL": f"{settings.SITE_URL}/search/?q=tax"},
    )
    refused(response, 402)
    assert "<html" not in response.text
    assert 'href="/membership/?next=%2Fsearch%2F%3Fq%3Dtax"' in response.text


def test_htmx_is_led_to_sign_in_as_a_whole_page(visitor):
    response = visitor.get(
        "/t/signed-in/",
        headers={"HX-Request": "true", "HX-Current-URL": f"{settings.SITE_URL}/clips/"},
    )
    refused(response, 401)
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=/clips/"


def test_inactive_staff_are_nobody(client):
    user = StaffFactory()
    client.force_login(user)
    type(user).objects.update(is_active=False)
    refused(client.get("/t/staff/"), 302)
    refused(client.get("/t/members/"), 402)


def test_membership_that_ends_closes_the_page_with_the_next_request(member):
    let_in(member.get("/t/members/"))
    member.user.memberships.update(status="suspended")
    refused(member.get("/t/members/"), 402)


# Second factor --------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["/t/staff/", "/admin/"])
def test_staff_without_second_factor_are_led_to_add_one(settings, staff, door):
    settings.STAFF_SECOND_FACTOR = True
    response = staff.get(door, follow=True)
    assert response.redirect_chain == [("/accounts/2fa/", 302)]
    assert "Staff sign in with a second factor" in response.text
    assert ran == []


@pytest.mark.parametrize(
    ("kind", "enough"), [("totp", True), ("webauthn", True), ("recovery_codes", False)]
)
def test_what_counts_as_second_factor(settings, staff, kind, enough):
    settings.STAFF_SECOND_FACTOR = True
    Authenticator.objects.create(user=staff.user, type=kind, data={})
    assert staff.get("/t/staff/").status_code == (200 if enough else 302)


def test_staff_page_stays_hidden_from_others_with_second_factor_on(settings, member):
    settings.STAFF_SECOND_FACTOR = True
    refused(member.get("/t/staff/"), 404)


def test_admin_sign_in_page_leads_to_ours(visitor, member, staff):
    response = visitor.get("/admin/login/?next=/admin/memberships/")
    assert response.url == "/accounts/login/?next=/admin/memberships/"
    assert visitor.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302
    evil = visitor.get("/admin/login/?next=//evil.example/")
    assert "evil.example/" not in evil.url.partition("login/%3F")[0]
    refused(member.get("/admin/login/"), 404)
    assert staff.get("/admin/login/").url == "/admin/"


# What asking costs ----------------------------------------------------------------------------


def test_visitor_costs_no_query(visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert visitor.get("/t/asks/").text == "False"
        visitor.get("/t/members/problem/")
        visitor.get("/t/public/")


def test_reader_costs_session_user_and_one(member, refunded_member, django_assert_num_queries):
    for persona, reads in ((member, "True"), (refunded_member, "False")):
        with django_assert_num_queries(3):
            assert persona.get("/t/asks/").text == reads


def test_staff_cost_session_and_user(staff, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert staff.get("/t/asks/").text == "True"


def test_public_page_that_does_not_ask_costs_a_reader_nothing(member, django_assert_num_queries):
    with django_assert_num_queries(0):
        let_in(member.get("/t/public/"))


def test_post_without_token_is_refused_before_the_view(member):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member.user)
    refused(strict.post("/t/members/class/"), 403)


def test_forged_host_is_refused_and_not_kept():
    refused(Persona().get("/t/public/", headers={"Host": "evil.example"}), 400)
