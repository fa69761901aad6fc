"""Addresses of captions. They stand before those of playback, whose route would take them."""

from django.urls import path

from . import views

urlpatterns = [
    path("playback/<str:token>/captions.vtt", views.captions, name="captions"),
]
