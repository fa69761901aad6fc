"""Every page, in light and dark, on a phone and on a desk: nothing juts out, nothing is amiss."""

import pytest

from meetings.articles.models import Article
from portal.site import demonstration
from tests.browser.watching import CRITICAL, PHONE_WIDTH

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def article():
    return Article.objects.published().get()


def meeting():
    return article().meeting.get_absolute_url()


FOR_EVERYBODY = {
    "home": lambda: "/",
    "home narrowed": lambda: "/?body=osier-ferry-city-council",
    "article": lambda: article().get_absolute_url(),
    "meeting": meeting,
    "a moment in the free part": lambda: f"{meeting()}?t=31#moment",
    "a moment beyond the free part": lambda: f"{meeting()}?t=600#moment",
    "body": lambda: article().meeting.body.get_absolute_url(),
    "bodies": lambda: "/bodies/",
    "place": lambda: article().meeting.body.place.get_absolute_url(),
    "places": lambda: "/places/",
    "coverage": lambda: "/coverage/",
    "feeds": lambda: "/feeds/",
    "open data": lambda: "/data/",
    "API": lambda: "/api/v1/docs",
    "corrections": lambda: "/corrections/",
    "a month of all bodies": lambda: "/bodies/?month=2026-09",
    "a month without meetings": lambda: "/places/?month=2026-10",
    "membership": lambda: "/membership/",
    "about": lambda: "/about/",
    "search": lambda: "/search/",
    "sign-in": lambda: "/accounts/login/",
    "sign-up": lambda: "/accounts/signup/",
    "sign-in with a password": lambda: "/accounts/login/password/",
    "report of an error": lambda: f"{article().get_absolute_url()}report/",
}
FOR_MEMBERS = {
    "article": lambda: article().get_absolute_url(),
    "meeting": lambda: f"{meeting()}?t=600#moment",
    "account": lambda: "/membership/account/",
    "tokens": lambda: "/membership/tokens/",
    "open data": lambda: "/data/",
    "feeds": lambda: "/feeds/",
    "closing the account": lambda: "/membership/account/close/",
    "e-mail address": lambda: "/accounts/email/",
    "second factor": lambda: "/accounts/2fa/",
}
FOR_STAFF = {
    "desk": lambda: "/admin/",
    "meetings": lambda: "/admin/meetings/meeting/",
    "bringing meetings in": lambda: "/admin/meetings/meeting/bring-in",
    "tokens": lambda: "/admin/memberships/token/",
    "an article": lambda: f"/admin/meetings/article/{article().pk}/change/",
}


@pytest.mark.parametrize("page", FOR_EVERYBODY)
def test_page_for_everybody_is_in_order(visitor, page):
    visitor.goes(FOR_EVERYBODY[page]())
    visitor.looks_everywhere()


@pytest.mark.parametrize("page", FOR_MEMBERS)
def test_page_of_a_member_is_in_order(comes, page):
    member = comes(account=demonstration.MEMBER)
    member.goes(FOR_MEMBERS[page]())
    member.looks_everywhere()


@pytest.mark.parametrize("page", FOR_STAFF)
def test_screen_of_staff_has_nothing_critical(comes, page):
    staff = comes(account=demonstration.STAFF)
    staff.goes(FOR_STAFF[page](), impacts=CRITICAL)


def test_page_that_is_not_there_is_in_order(visitor):
    visitor.goes("/nothing/here/", status=404)
    visitor.looks_everywhere()


def test_new_experience_is_in_order(visitor):
    visitor.goes("/")
    visitor.presses(visitor.page.get_by_role("button", name="Switch now"))
    visitor.looks_everywhere()
    visitor.page.set_viewport_size({"width": 1280, "height": 900})
    visitor.goes(meeting())
    visitor.looks_everywhere()


def test_article_is_in_order_under_a_finger(comes):
    visitor = comes(width=PHONE_WIDTH, height=844, is_mobile=True, has_touch=True)
    visitor.goes(article().get_absolute_url())
    visitor.looks_everywhere()


def test_open_data_are_in_order_under_a_finger(comes):
    visitor = comes(width=PHONE_WIDTH, height=844, is_mobile=True, has_touch=True)
    for page in ("coverage", "a month of all bodies", "open data", "API", "feeds", "corrections"):
        visitor.goes(FOR_EVERYBODY[page]())
        visitor.looks_everywhere()
