"""The reference of bench/pages.py: a Django without middleware and one view that answers 20 kB."""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY="reference")  # noqa: S106 - it signs nothing
django.setup(set_prefix=False)

PAGE = b"x" * 20_000


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE)


urlpatterns = [path("", empty)]
application = WSGIHandler()
