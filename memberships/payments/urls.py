"""The address that Stripe tells its events to."""

from django.urls import path

from . import views

urlpatterns = [path("stripe/webhook/", views.webhook, name="stripe_webhook")]
