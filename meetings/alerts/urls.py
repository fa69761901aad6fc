"""Addresses of alerts."""

from django.urls import path

from .views import by_link, feed, making, reading, shelf, ways

urlpatterns = [
    path("alerts/", shelf.shelf, name="alerts"),
    path("alerts/new/", making.new, name="alert-new"),
    path("alerts/<int:pk>/edit/", making.edit, name="alert-edit"),
    path("alerts/<int:pk>/pause/", shelf.pause, name="alert-pause"),
    path("alerts/<int:pk>/resume/", shelf.resume, name="alert-resume"),
    path("alerts/<int:pk>/delete/", shelf.delete, name="alert-delete"),
    path("alerts/matches/", reading.matches, name="alert-matches"),
    path("alerts/matches/read/", reading.mark_all, name="alert-matches-read"),
    path("alerts/matches/<int:pk>/read/", reading.mark, name="alert-match-read"),
    path("alerts/ways/", ways.ways, name="alert-ways"),
    path("alerts/ways/schedule/", ways.schedule, name="alert-schedule"),
    path("alerts/ways/feed/", ways.feed, name="alert-feed"),
    path("alerts/ways/webhook/", ways.webhook, name="alert-webhook"),
    path("alerts/ways/webhook/test/", ways.test, name="alert-webhook-test"),
    path("alerts/ways/<slug:kind>/close/", ways.close, name="alert-way-close"),
    path("alerts/ways/<slug:kind>/reopen/", ways.reopen, name="alert-way-reopen"),
    path("alerts/by-link/<str:token>/", by_link.alert, name="alert-by-link"),
    path("alerts/feed/<str:secret>.atom", feed.feed, name="alerts-feed"),
    path("alerts/unsubscribe/<str:token>/", by_link.unsubscribe, name="alerts-unsubscribe"),
]
