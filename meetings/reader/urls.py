"""Addresses of the meeting page."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    re_path(
        r"^meetings/(?P<pk>[0-9]{1,18})/transcript\.(?P<extension>vtt|srt|txt|json)$",
        views.export,
        name="transcript",
    ),
    path("meetings/<int:pk>/<slug:slug>/", views.meeting, name="meeting"),
]
