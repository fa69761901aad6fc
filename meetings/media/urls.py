"""Addresses of playback."""

from django.urls import path

from . import views

urlpatterns = [
    path("meetings/<int:pk>/playlist.m3u8", views.playlist, name="playlist"),
    path("meetings/<int:pk>/poster.jpg", views.poster, name="poster"),
    path("playback/<str:token>/<path:name>", views.play, name="playback"),
]
