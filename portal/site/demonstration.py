"""The demonstration: a made-up town, its two meetings, its articles and its people."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from meetings.articles import services as articles
from meetings.articles.models import Article
from meetings.intake import services as intake
from meetings.intake.models import Step
from meetings.intake.parcels import Defaults, Offered, bundles, open_bundle
from meetings.media import originals
from meetings.media import services as media
from meetings.media.models import Recording
from meetings.records.models import Body, Meeting, Place
from memberships.gate.entitlement import User, is_member
from memberships.purchases import plans
from memberships.purchases import services as purchases
from memberships.purchases.models import Plan

from .models import Announcement

log = logging.getLogger(__name__)

DATA = Path(__file__).parent / "demo"
RECORDING = "meeting.mp4"  # made by portal.site.filming
PUBLISHED, IN_REVIEW = "2026-09-14-city-council", "2026-10-05-school-board"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to sign in as. The password is for a demonstration on one's own machine."""

    email: str
    password: str
    role: str


STAFF = Account("staff@example.org", "open-the-desk-2026", "staff")
MEMBER = Account("member@example.org", "read-every-word-2026", "member")
READER = Account("reader@example.org", "just-the-articles-2026", "no membership")
ACCOUNTS = (MEMBER, READER, STAFF)

FOUNDER = plans.Terms(name="Founder Membership", amount=199_00, currency="usd", guarantee_days=30)


class NotHere(RuntimeError):
    """The demonstration has accounts with known passwords; it is not for a site in production."""


def load(*, now: datetime) -> Iterator[str]:
    """Put in what is missing, and say each thing that is done. Running it again changes nothing."""
    if settings.PRODUCTION:
        raise NotHere("The demonstration has known passwords, so it is not loaded in production.")
    staff = _people(now)
    yield "People: a member, a reader without membership, and staff."
    if _plan():
        yield f"A plan: {FOUNDER.name}, on offer."
    _places()
    yield "A town: Osier Ferry, with its city council and its school board."
    for name in (PUBLISHED, IN_REVIEW):
        meeting = _meeting(name, now)
        if not meeting.articles.exists():
            articles.draft(meeting=meeting, now=now)
            Step.objects.filter(meeting=meeting).update(state=Step.State.DONE, finished_at=now)
        if name == PUBLISHED:
            for article in Article.objects.unpublished().filter(meeting=meeting):
                intake.approve_article(article=article, by=staff, now=now)
        meeting.refresh_from_db()
        article_state = meeting.articles.get().get_state_display().lower()
        yield f"{meeting.title}, {meeting.held_on:%B %-d, %Y}: its article is {article_state}."
    _announcement(now)
    yield "An announcement on top of the page."


def load_recordings(*, now: datetime) -> Iterator[str]:
    """Give the meetings that `load` put in their videos, ready to be played where that can be.

    A video that a meeting has, or had before staff brought another one, is left as it is. What
    cannot be packaged here stays on the list of steps, where workers find it and staff see why.
    """
    for name in (PUBLISHED, IN_REVIEW):
        file = DATA / name / RECORDING
        if not file.is_file():  # images for production leave it out
            continue
        meeting = _meeting(name, now)
        recording = _recording(meeting, file, now)
        if not recording.is_current or recording.is_ready:
            continue
        try:
            media.package(recording=recording, now=now)
        except (media.NotPackaged, media.UnderWay) as error:
            log.warning("The video of %s is not packaged yet: %s", meeting, error)
            continue
        Step.objects.filter(meeting=meeting, name=Step.Name.PACKAGED).update(
            state=Step.State.DONE, finished_at=now
        )
        recording.refresh_from_db()
        minutes = (recording.duration_ms or 0) // 60_000
        yield f"A video of {minutes} minutes: {meeting.title}, with synthesized voices."


def _people(now: datetime) -> User:
    people = {}
    for account in ACCOUNTS:
        user = User.objects.filter(email=account.email).first()
        if user is None:
            user = User.objects.create_user(
                account.email,
                account.password,
                is_staff=account is STAFF,
                is_superuser=account is STAFF,
                display_name="Ines Calloway" if account is STAFF else "",
            )
            EmailAddress.objects.create(user=user, email=account.email, verified=True, primary=True)
        people[account] = user
    if not is_member(people[MEMBER], now):
        purchases.grant(user=people[MEMBER], by=people[STAFF], lasts_until=None, now=now)
    return people[STAFF]


def _plan() -> bool:
    """Something to buy, where there is nothing yet and no real money could be taken for it."""
    if settings.STRIPE_LIVEMODE or Plan.objects.exists():
        return False
    plans.make(terms=FOUNDER, active=True)
    return True


@transaction.atomic
def _places() -> None:
    town = json.loads((DATA / "places.json").read_text())
    for row in town["places"]:
        parent = Place.objects.get(slug=row["parent"]) if row["parent"] else None
        facts = {"name": row["name"], "level": row["level"], "parent": parent}
        Place.objects.get_or_create(slug=row["slug"], defaults=facts)
    for row in town["bodies"]:
        facts = {
            "name": row["name"],
            "place": Place.objects.get(slug=row["place"]),
            "description": row["description"],
        }
        Body.objects.get_or_create(slug=row["slug"], defaults=facts)


def _meeting(name: str, now: datetime) -> Meeting:
    files = [
        Offered(f"{name}/{file.name}", file.stat().st_size, file.read_bytes)
        for file in sorted((DATA / name).iterdir())
    ]
    (bundle,) = bundles(files)
    taken = intake.take_in(parcel=open_bundle(bundle, Defaults()), by=None, now=now)
    return taken.meeting


def _recording(meeting: Meeting, file: Path, now: datetime) -> Recording:
    with file.open("rb") as opened:
        known = meeting.recordings.filter(sha256=originals.digest(opened)).first()
        if known is not None:
            return known
        return intake.bring_recording(meeting=meeting, file=opened, name=file.name, now=now)


def _announcement(now: datetime) -> None:
    if not Announcement.objects.exists():
        Announcement.objects.create(
            text="A new portal experience is ready: the whole page, with the agenda beside you.",
            action=Announcement.Action.SWITCH,
            button="Switch now",
            active_from=now,
        )
