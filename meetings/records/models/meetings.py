"""Place, Body, Meeting and AgendaItem: who met, where and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from memberships.gate.entitlement import User


def _folded(field: str) -> Lower:
    """A name as it sorts: in lower case and without accents."""
    decomposed = Func(F(field), template="normalize(%(expressions)s, NFD)")
    return Lower(
        Func(
            decomposed, Value("[\u0300-\u036f]"), Value(""), Value("g"), function="regexp_replace"
        ),
        output_field=models.TextField(),
    )


class Level(models.TextChoices):
    """What kind of jurisdiction a Place is."""

    COUNTRY = "country", _("Country")
    STATE = "state", _("State")
    COUNTY = "county", _("County")
    CITY = "city", _("City or town")
    SCHOOL_DISTRICT = "school_district", _("School district")


class PlaceQuerySet(models.QuerySet["Place"]):
    def within(self, place: Place) -> Self:
        """The place itself and all below it."""
        below = RawSQL(  # one statement for a tree of any depth; UNION ends even a broken circle
            "WITH RECURSIVE below AS (SELECT %s::bigint AS id UNION SELECT child.id "
            "FROM meetings_place child JOIN below ON child.parent_id = below.id) "
            "SELECT id FROM below",
            [place.pk],
        )
        return self.filter(pk__in=below)

    def around(self, place: Place) -> Self:
        """The places that this one lies in, the widest first."""
        above = RawSQL(
            "WITH RECURSIVE above AS (SELECT parent_id AS id, 1 AS distance FROM meetings_place "
            "WHERE id = %s UNION SELECT p.parent_id, above.distance + 1 FROM meetings_place p "
            "JOIN above ON p.id = above.id WHERE above.distance < 50) "
            "SELECT min(distance) FROM above WHERE above.id = meetings_place.id",
            [place.pk],
        )
        around = self.annotate(distance=above).filter(distance__isnull=False)
        return around.order_by("-distance")


class Place(models.Model):
    """A jurisdiction. Places form a tree: a city in a county in a state."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("address"), max_length=100, unique=True)
    level = models.CharField(_("level"), max_length=20, choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("lies in"),
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
    )
    sort_name = models.GeneratedField(
        expression=_folded("name"), output_field=models.TextField(), db_persist=True
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="place_level_known"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="place_not_in_itself"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("place", args=[self.slug])


class Body(models.Model):
    """The organisation that meets, such as a city council."""

    place = models.ForeignKey(
        Place, verbose_name=_("place"), on_delete=models.PROTECT, related_name="bodies"
    )
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("address"), max_length=100, unique=True)
    description = models.TextField(_("description"), blank=True, max_length=2_000)
    glossary = models.TextField(
        _("names and words"),
        blank=True,
        max_length=2_000,
        help_text=_(
            "Names of members and words that are often said, one a line, the most important first."
            " Speech recognition is told to expect them."
        ),
    )
    sort_name = models.GeneratedField(
        expression=_folded("name"), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("body", args=[self.slug])


class State(models.TextChoices):
    """What the public sees of a Meeting. Which moves are legal: `services.MOVES`."""

    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Announced")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def published(self) -> Self:
        return self.filter(state=State.PUBLISHED)

    def in_public(self) -> Self:
        """Announced or published."""
        return self.filter(state__in=[State.ANNOUNCED, State.PUBLISHED])

    def readable_by(self, user: User | AnonymousUser) -> Self:
        """Those whose words a member may read. Staff read what is not published yet, too."""
        return self if user.is_staff else self.published()

    def known_to(self, user: User | AnonymousUser) -> Self:
        """Staff know every meeting; everybody else those that were ever public."""
        if user.is_staff:
            return self
        return self.exclude(state=State.DRAFT)


class Meeting(models.Model):
    """One sitting of a Body."""

    body = models.ForeignKey(
        Body, verbose_name=_("body"), on_delete=models.PROTECT, related_name="meetings"
    )
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("address"), max_length=100)
    held_on = models.DateField(_("held on"))
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    withdrawn_reason = models.CharField(
        _("reason for withdrawing"), max_length=500, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="meeting_state_known"),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLISHED) | Q(published_at__isnull=False),
                name="meeting_published_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.WITHDRAWN) | ~Q(withdrawn_reason=""),
                name="meeting_withdrawn_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "-held_on"], name="meeting_body_held_on"),
            models.Index(fields=["-held_on", "-id"], name="meeting_held_on"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.held_on:%Y-%m-%d})"

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.pk, self.slug])

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED


class AgendaItem(models.Model):
    """A titled stretch of a Meeting. With a start it is a chapter of the recording."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda")
    position = models.PositiveIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=500)
    start_ms = models.PositiveIntegerField(
        _("start"), null=True, blank=True, help_text=_("Milliseconds from the start.")
    )

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="agenda_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.title


def address(title: str) -> str:
    """The readable part of a URL for a title; "untitled" where no letter survives."""
    return slugify(title)[:100].strip("-") or "untitled"
