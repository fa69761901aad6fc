"""Addresses of intake."""

from django.urls import path

from . import views

urlpatterns = [
    path("uploads/", views.begin_upload, name="uploads"),
    path("uploads/<uuid:key>/", views.upload, name="upload"),
]
