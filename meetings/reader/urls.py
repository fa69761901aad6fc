"""Addresses of the meeting page."""

from django.urls import path

from . import views

urlpatterns = [
    path("meetings/<int:pk>/transcript.<str:extension>", views.export, name="transcript"),
    path("meetings/<int:pk>/insights.json", views.insights, name="insights"),
    path("meetings/<int:pk>/captions.vtt", views.captions, name="captions"),
    path("meetings/<int:pk>/<slug:slug>/", views.meeting, name="meeting"),
]
