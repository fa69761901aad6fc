"""Addresses of signing in that allauth does not have."""

from django.urls import path

from . import views

urlpatterns = [
    path("accounts/login/password/", views.sign_in_by_password, name="account_login_by_password"),
]
