"""Erasing: what rows that stay know of a person whose account is closed.

Sales are kept, because books have to be: amounts, dates, countries, the numbers of papers. Names,
addresses, cards, and whatever somebody typed about the person, are not.
"""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Model
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from memberships.accounts.models import User
from memberships.payments import payloads
from memberships.payments.models import StripeEvent
from memberships.payments.settling import OF_THE_BUYER
from memberships.purchases.models import Membership, Purchase
from memberships.refunds.models import Refund

NOWHERE = "closed.invalid"  # nobody can have an address there (RFC 2606, 2)


def erase(user: User) -> None:
    """Let every row that outlives the account forget whose it was.

    The caller holds the locks of purchases, refunds, memberships and the person, taken in this
    order, and deletes the person in the same transaction. `ACCOUNT_DATA_ERASERS` names functions
    `(user) -> None` that do the same for rooms that this one does not know.
    """
    purchases = list(Purchase.objects.owned_by(user).order_by("pk"))
    refunds = list(Refund.objects.filter(purchase__in=purchases).order_by("pk"))
    memberships = list(Membership.objects.owned_by(user).order_by("pk"))
    _erase_from_log(user)
    _drop_words(Purchase, purchases)
    _drop_words(Refund, refunds)
    _drop_words(Membership, memberships)
    for purchase in purchases:
        payloads.drop_of(purchase)
    _drop_words(StripeEvent, StripeEvent.objects.filter(purchase__in=purchases).only("pk"))
    Refund.objects.filter(pk__in=[one.pk for one in refunds]).update(reason="")
    Membership.objects.filter(pk__in=[one.pk for one in memberships]).update(user=None, note="")
    Purchase.objects.filter(pk__in=[one.pk for one in purchases]).update(
        user=None,
        return_to="",
        checkout_url="",
        **dict.fromkeys(OF_THE_BUYER, ""),
        version=F("version") + 1,
    )
    for name in settings.ACCOUNT_DATA_ERASERS:
        eraser: Callable[[User], None] = import_string(name)
        eraser(user)


def _erase_from_log(user: User) -> None:
    """Entries about this person lose the name; what they did as staff stays, under a pseudonym.

    The log says what was done to money and by whom, and must not end with an account.
    """
    about = LogEntry.objects.filter(content_type=_kind(User), object_id=str(user.pk))
    about.update(object_repr=_("a closed account"), change_message="")
    done = LogEntry.objects.filter(user=user)
    if done.exists():
        nobody = User.objects.create_user(
            f"{user.pk}@{NOWHERE}",
            display_name=_("closed account %(number)s") % {"number": user.pk},
            is_active=False,
        )
        done.update(user=nobody)


def _drop_words(model: type[Model], rows: Iterable[Model]) -> None:
    """What staff typed into the log about these. By whom, when and what was done to stays."""
    entries = LogEntry.objects.filter(
        content_type=_kind(model), object_id__in=[str(one.pk) for one in rows]
    )
    entries.update(change_message=_("Dropped when the account was closed."))


def _kind(model: type[Model]) -> ContentType:
    return ContentType.objects.get_for_model(model)
