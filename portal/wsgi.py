"""The site as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
site = get_wsgi_application()

from meetings.data.api.floods import Floods  # noqa: E402 - apps are ready by now

application = Floods(site)
