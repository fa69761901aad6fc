"""Addresses of the member's own pages."""

from django.urls import path

from .views import account, buying, finding, offer, refunds

urlpatterns = [
    path("membership/", offer.membership, name="membership"),
    path("membership/checkout/", buying.checkout, name="checkout"),
    path("membership/return/", buying.come_back, name="checkout_return"),
    path("membership/account/", account.account, name="account"),
    path("membership/refund/", refunds.refund, name="refund"),
    path("membership/refund/find/", finding.refund_find, name="refund_find"),
    path("membership/refund/by-link/<str:token>/", refunds.refund_by_link, name="refund_by_link"),
    path("membership/refunds/<uuid:pk>/", refunds.refund_status, name="refund_status"),
]
