"""Addresses that belong to no feature."""

from django.urls import path

from . import views

urlpatterns = [
    path("experience/", views.switch_experience, name="experience"),
    path("announcements/<int:pk>/close/", views.close_announcement, name="close_announcement"),
    path("about/", views.about, name="about"),
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
]
