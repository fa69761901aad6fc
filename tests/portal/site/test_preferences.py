"""Experience and announcements: kept by cookie and account, asked for from this site only."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from portal.site.models import Announcement

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def announcement(db: None) -> Announcement:
    return Announcement.objects.create(
        text="A new experience is ready.",
        action="switch",
        button="Switch now",
        active_from=timezone.now() - timedelta(days=1),
    )


def switch(client: Client, experience: str = "new", **headers: str):
    return client.post("/experience/", {"experience": experience}, headers=HERE | headers)


def text(client: Client, path: str = "/") -> str:
    return client.get(path).content.decode()


@pytest.mark.django_db
def test_the_classic_experience_is_the_default(visitor: Client) -> None:
    assert 'data-experience="classic"' in text(visitor)


def test_switching_is_remembered_and_can_be_taken_back(
    visitor: Client, announcement: Announcement
) -> None:
    assert "Switch now" in text(visitor)

    switched = switch(visitor, Referer=settings.SITE_URL + "/bodies/?page=2")

    assert switched.status_code == 302
    assert switched["Location"] == "/bodies/?page=2"
    assert 'data-experience="new"' in text(visitor)
    assert "Switch now" not in text(visitor)
    switch(visitor, "classic")
    assert 'data-experience="classic"' in text(visitor)


def test_the_account_remembers_on_another_device(member: Client, visitor: Client) -> None:
    switch(member)
    member.user.refresh_from_db()
    assert member.user.experience == "new"

    visitor.force_login(member.user)

    assert 'data-experience="new"' in text(visitor)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_on_another_site_switches_nothing(
    headers: dict[str, str], visitor: Client, member: Client
) -> None:
    for client in (visitor, member):
        answer = client.post("/experience/", {"experience": "new"}, headers=headers)
        assert answer.status_code == 403
        assert not answer.cookies
    member.user.refresh_from_db()
    assert member.user.experience == ""


@pytest.mark.django_db
def test_an_unknown_experience_is_refused(visitor: Client) -> None:
    assert switch(visitor, "<script>").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wish",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "x"],
)
def test_the_way_back_never_leaves_the_site(wish: str, visitor: Client) -> None:
    answer = visitor.post("/experience/", {"experience": "new"}, headers=HERE | {"Referer": wish})

    assert answer["Location"] in {"/", "/x"}


def test_a_closed_announcement_stays_closed_for_this_visitor_only(
    visitor: Client, announcement: Announcement
) -> None:
    answer = visitor.post(f"/announcements/{announcement.pk}/close/", headers=HERE)

    assert answer.status_code == 302
    assert announcement.text not in text(visitor)
    visitor.cookies.clear()
    assert announcement.text in text(visitor)


def test_a_forged_cookie_closes_nothing(visitor: Client, announcement: Announcement) -> None:
    for value in (str(announcement.pk), f"{announcement.pk}:forged", "x" * 4_000):
        visitor.cookies["announcement"] = value
        assert announcement.text in text(visitor)


def test_an_announcement_that_must_stay_cannot_be_closed(
    visitor: Client, announcement: Announcement
) -> None:
    Announcement.objects.update(dismissible=False)

    answer = visitor.post(f"/announcements/{announcement.pk}/close/", headers=HERE)

    assert answer.status_code == 404


@pytest.mark.django_db
def test_an_announcement_runs_from_its_start_to_its_end(visitor: Client) -> None:
    now = timezone.now()
    for name, start, end in (
        ("Past.", now - timedelta(days=2), now - timedelta(days=1)),
        ("Future.", now + timedelta(days=1), None),
    ):
        Announcement.objects.create(text=name, active_from=start, active_until=end)

    assert "Past." not in text(visitor)
    assert "Future." not in text(visitor)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "//evil.example", "http://plain.example", "/\\evil", ""]
)
def test_the_database_refuses_a_dangerous_target(target: str) -> None:
    with pytest.raises(IntegrityError, match="announcement_target_safe"), transaction.atomic():
        Announcement.objects.create(
            text="x", action="link", button="Go", target=target, active_from=timezone.now()
        )


def test_staff_write_an_announcement_and_it_shows_at_once(visitor: Client, staff: Client) -> None:
    assert "Hello there." not in text(visitor)

    with_transactions = {"active_from_0": "2026-01-01", "active_from_1": "00:00:00"}
    answer = staff.post(
        "/admin/site/announcement/add/",
        {"text": "Hello there.", "action": "none", "dismissible": "on", **with_transactions},
    )

    assert answer.status_code == 302, answer.content.decode()
    assert Announcement.objects.get().text == "Hello there."
