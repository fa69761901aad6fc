"""Addresses of alerts."""

from django.urls import path

from .views import by_link, feed

urlpatterns = [
    path("alerts/by-link/<str:token>/", by_link.alert, name="alert-by-link"),
    path("alerts/feed/<str:secret>.atom", feed.feed, name="alerts-feed"),
    path("alerts/unsubscribe/<str:token>/", by_link.unsubscribe, name="alerts-unsubscribe"),
]
