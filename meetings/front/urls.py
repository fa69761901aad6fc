"""Addresses of home, bodies and places."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("bodies/", views.bodies, name="bodies"),
    path("bodies/<slug:slug>/", views.body, name="body"),
    path("coverage/", views.coverage, name="coverage"),
    path("places/", views.places, name="places"),
    path("places/<slug:slug>/", views.place, name="place"),
]
