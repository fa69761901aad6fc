"""The reference of bench/media.py: a Django with no middleware and one view that sends one file."""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpRequest
from django.urls import path

FILE = Path(os.environ.get("BENCH_FILE", ""))


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(FILE.open("rb"), content_type="video/iso.segment")


urlpatterns = [path("", file)]

settings.configure(
    ALLOWED_HOSTS=["*"],
    DEBUG=False,
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for-measuring-only",  # noqa: S106 - signs nothing
    USE_I18N=False,
)
django.setup()
application = WSGIHandler()
