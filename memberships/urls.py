"""All addresses of this app."""

from django.urls import include, path

urlpatterns = [
    path("", include("memberships.accounts.urls")),
    path("", include("memberships.member.urls")),
    path("", include("memberships.payments.urls")),
]
