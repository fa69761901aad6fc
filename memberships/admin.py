"""The register of this app's admin, where Django looks for it."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin

from memberships.accounts.admin import GroupAdmin, UserAdmin
from memberships.payments.admin import PurchaseAdmin, StripeEventAdmin
from memberships.purchases.admin import MembershipAdmin, NumberSeriesAdmin, PlanAdmin
from memberships.refunds.admin import DisputeAdmin, RefundAdmin

__all__ = [
    "DisputeAdmin",
    "GroupAdmin",
    "MembershipAdmin",
    "NumberSeriesAdmin",
    "PlanAdmin",
    "PurchaseAdmin",
    "RefundAdmin",
    "StripeEventAdmin",
    "UserAdmin",
]

# allauth shows both to staff: with the one, secrets of second factors could be read; with the
# other, an address that is not theirs be added to anybody's account.
admin.site.unregister([Authenticator, EmailAddress])
