"""What home and the pages of bodies and places show."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from meetings.articles.models import Article
from meetings.records.models import Body, Meeting, Place, State

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Home:
    """The newest articles, and what they can be narrowed to."""

    articles: Page[Article]
    bodies: list[Body]
    places: list[Place]
    upcoming: list[Meeting]
    body: Body | None
    place: Place | None

    @property
    def narrowing(self) -> str:
        """What the list is narrowed to, as the start of a query string."""
        chosen = {"body": self.body, "place": self.place}
        return "".join(f"{name}={one.slug}&" for name, one in chosen.items() if one)


def home(*, body: Body | None, place: Place | None, page: int) -> Home:
    """Five queries, however much there is. Raises EmptyPage."""
    articles = Article.objects.published().with_source().latest_first()
    if body is not None:
        articles = articles.filter(meeting__body=body)
    if place is not None:
        articles = articles.filter(meeting__body__place__in=Place.objects.within(place))
    read_about = Article.objects.published().filter(meeting__body=OuterRef("pk"))
    announced = Meeting.objects.filter(state=State.ANNOUNCED).select_related("body")
    return Home(
        articles=Paginator(articles, PER_PAGE).page(page),
        bodies=list(Body.objects.filter(Exists(read_about)).order_by("sort_name", "id")),
        places=list(Place.objects.order_by("sort_name", "id")),
        upcoming=list(announced.order_by("-held_on", "-id")[:5]),
        body=body,
        place=place,
    )


def meetings_of(body: Body, *, page: int) -> Page[Meeting]:
    """The meetings that a body has shown, newest first, each with its articles as `written`.

    Raises EmptyPage.
    """
    written = Prefetch("articles", Article.objects.published().latest_first(), to_attr="written")
    meetings = body.meetings.in_public().order_by("-held_on", "-id").prefetch_related(written)
    return Paginator(meetings, PER_PAGE).page(page)


def bodies() -> QuerySet[Body]:
    """All bodies by place and name, each with the number of its published meetings."""
    return _counted(Body.objects.select_related("place")).order_by(
        "place__sort_name", "place_id", "sort_name", "id"
    )


def bodies_within(place: Place) -> QuerySet[Body]:
    """The bodies of a place and of all places below it."""
    return bodies().filter(place__in=Place.objects.within(place))


def meetings_within(place: Place) -> QuerySet[Meeting]:
    """What was shown of the meetings in a place and all below it."""
    return Meeting.objects.in_public().filter(body__place__in=Place.objects.within(place))


def _counted(bodies: QuerySet[Body]) -> QuerySet[Body]:
    published = Count("meetings", filter=Q(meetings__state=State.PUBLISHED))
    return bodies.annotate(meeting_count=published)


@dataclass(frozen=True, slots=True)
class Branch:
    """A place with what lies in it, and how many bodies and meetings that are in all."""

    place: Place
    children: list[Branch]
    own_bodies: int
    own_meetings: int

    @property
    def bodies(self) -> int:
        return self.own_bodies + sum(child.bodies for child in self.children)

    @property
    def meetings(self) -> int:
        return self.own_meetings + sum(child.meetings for child in self.children)


def tree() -> list[Branch]:
    """All places as a tree, by name. One query."""
    counted = Place.objects.annotate(
        body_count=Count("bodies", distinct=True),
        meeting_count=Count("bodies__meetings", filter=Q(bodies__meetings__state=State.PUBLISHED)),
    )
    branches = {
        # mypy does not see what a query annotates
        place.pk: Branch(place, [], place.body_count, place.meeting_count)  # type: ignore[attr-defined]
        for place in counted.order_by("sort_name", "id")
    }
    roots: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.place.parent_id or 0)
        (parent.children if parent else roots).append(branch)
    return roots


def way_to(place: Place) -> list[Place]:
    """The places that a place lies in, from the widest on. One query."""
    return list(Place.objects.around(place))
