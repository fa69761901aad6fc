"""Addresses of clips."""

from django.urls import path, register_converter

from .views import page


class Slug:
    """The slug of a clip: longer than any word that stands in its place, such as `new`."""

    regex = "[A-Za-z0-9_-]{11,22}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Slug, "clip")

urlpatterns = [
    path("clips/<clip:slug>/", page.clip, name="clip"),
]
