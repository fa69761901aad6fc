"""Figures of the desk: what waits for a person, and how membership and money stand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from meetings.articles import listing
from meetings.articles.models import Article, ErrorReport
from meetings.articles.models import State as ArticleState
from meetings.clips.models import ClipReport
from meetings.intake.models import Step
from meetings.transcripts.models import Transcript
from memberships.models import Purchase, Refund, StripeEvent
from memberships.payments import queries
from memberships.purchases.amounts import written
from portal.post.models import Mail
from portal.post.models import State as MailState

May = Callable[[str], bool]

# Who may see these sees the sums; each count of rows that wait goes with its own list.
MONEY = ("memberships.view_purchase", "memberships.view_refund")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of thing that waits for a person. Grave: there must be none, ever."""

    title: str
    count: int
    url: str
    is_grave: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """One week of the chart: counts, and the lengths of their bars in percent."""

    begins_on: date
    new_members: int
    refunds: int
    new_members_length: int
    refunds_length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """Figures ready to be shown; sums are sentences, one for each currency."""

    members: int
    sales_this_month: list[str]
    sales_last_month: list[str]
    refunds: list[str]
    oldest_event: datetime | None
    weeks: list[Bars]


def waiting(*, may: May) -> list[Waiting]:
    """What waits for a person, most pressing first. At most twelve queries."""
    return [
        *_money_waiting(may),
        Waiting(
            _("reports of errors"),
            ErrorReport.objects.filter(state="open").count(),
            reverse("admin:meetings_errorreport_changelist") + "?state__exact=open",
        ),
        Waiting(
            _("reports of clips"),
            ClipReport.objects.open().count(),
            reverse("admin:meetings_clipreport_changelist") + "?state__exact=open",
        ),
        Waiting(
            _("articles to review"),
            Article.objects.filter(state=ArticleState.IN_REVIEW).count(),
            reverse("admin:meetings_article_queue"),
        ),
        Waiting(
            _("public articles to look at again"),
            listing.count(listing.Tab.AGAIN),
            reverse("admin:meetings_article_queue") + f"?of={listing.Tab.AGAIN}",
        ),
        Waiting(
            _("transcripts to look at"),
            Transcript.objects.doubtful().count(),
            reverse("admin:meetings_transcript_changelist") + "?doubtful=yes",
        ),
        Waiting(
            _("steps held up"),
            Step.objects.filter(state=Step.State.HELD).count(),
            reverse("admin:meetings_step_changelist") + "?state__exact=held",
        ),
        Waiting(
            _("steps that failed"),
            Step.objects.filter(state=Step.State.FAILED).count(),
            reverse("admin:meetings_step_changelist") + "?state__exact=failed",
        ),
        Waiting(
            _("mails given up"),
            Mail.objects.given_up().count(),
            reverse("admin:post_mail_changelist") + f"?state__exact={MailState.DEAD}",
        ),
    ]


def _money_waiting(may: May) -> Iterable[Waiting]:
    purchases = reverse("admin:memberships_purchase_changelist")
    if may("memberships.view_purchase"):
        unserved = Purchase.objects.paid_without_membership().count()
        yield Waiting(
            _("paid without membership"),
            unserved,
            purchases + "?waits=unserved",
            is_grave=bool(unserved),
        )
        yield Waiting(
            _("purchases to look at"),
            Purchase.objects.waiting_for_staff().count(),
            purchases + "?waits=attention",
        )
    if may("memberships.view_refund"):
        yield Waiting(
            _("refunds in trouble"),
            Refund.objects.in_trouble().count(),
            reverse("admin:memberships_refund_changelist") + "?trouble=waits",
        )
    if may("memberships.view_stripeevent"):
        yield Waiting(
            _("events from Stripe that wait"),
            StripeEvent.objects.waiting_for_staff().count(),
            reverse("admin:memberships_stripeevent_changelist") + "?waits=yes",
        )


def money(*, may: May, now: datetime) -> Money | None:
    """How membership and money stand; None for staff who may not see it. Six queries."""
    if not all(may(permission) for permission in MONEY):
        return None
    found = queries.figures(now=now)
    return Money(
        members=found.members,
        sales_this_month=_sums(found.sales_this_month),
        sales_last_month=_sums(found.sales_last_month),
        refunds=_sums(found.refunds),
        oldest_event=found.oldest_event,
        weeks=_bars(queries.weeks(now=now)),
    )


def _sums(sums: Iterable[queries.Sums]) -> list[str]:
    return [
        _("%(count)d for %(amount)s")
        % {"count": one.count, "amount": written(one.amount, one.currency)}
        for one in sums
    ]


def _bars(weeks: list[queries.Week]) -> list[Bars]:
    """One scale for both, so that a bar twice as long is twice as many."""
    most = max([1, *(one.new_members for one in weeks), *(one.refunds for one in weeks)])
    return [
        Bars(
            begins_on=one.begins_on,
            new_members=one.new_members,
            refunds=one.refunds,
            new_members_length=round(100 * one.new_members / most),
            refunds_length=round(100 * one.refunds / most),
        )
        for one in weeks
    ]
