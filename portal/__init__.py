"""The site around the two apps: settings, addresses, tasks, and the services it runs on."""

from .celery import app as celery_app

__all__ = ["celery_app"]
