"""Addresses of the offer and the account."""

from django.urls import path

from .views import account, offer

urlpatterns = [
    path("membership/", offer.membership, name="membership"),
    path("membership/account/", account.account, name="account"),
]
