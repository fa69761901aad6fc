"""Addresses of the offer and the account."""

from django.urls import path

from . import views

urlpatterns = [
    path("membership/", views.membership, name="membership"),
    path("membership/account/", views.account, name="account"),
]
