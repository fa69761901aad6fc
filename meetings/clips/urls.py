"""Addresses of clips."""

from django.urls import path, register_converter

from .views import files, making, oembed, page, playing, proof, reporting, shelf


class Slug:
    """The slug of a clip: longer than any word that stands in its place, such as `new`."""

    regex = "[A-Za-z0-9_-]{11,22}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Shape(Slug):
    """The shapes of a picture that captions are drawn into."""

    regex = "wide|square|tall"


register_converter(Slug, "clip")
register_converter(Shape, "shape")

urlpatterns = [
    path("clips/", shelf.shelf, name="clips"),
    path("clips/new/", making.new, name="clip-new"),
    path("clips/<clip:slug>/", page.clip, name="clip"),
    path("clips/<clip:slug>/embed/", page.embed, name="clip-embed"),
    path("clips/<clip:slug>/playlist.m3u8", playing.playlist, name="clip-playlist"),
    path("clips/<clip:slug>/pieces/<int:row>-<int:number>.mp4", playing.piece, name="clip-piece"),
    path("clips/<clip:slug>.mp4", files.video, {"kind": "plain"}, name="clip-video"),
    path("clips/<clip:slug>.m4a", files.audio, name="clip-audio"),
    path("clips/<clip:slug>/<shape:kind>.mp4", files.video, name="clip-shape"),
    path("clips/<clip:slug>.vtt", files.captions, {"kind": "vtt"}, name="clip-vtt"),
    path("clips/<clip:slug>.srt", files.captions, {"kind": "srt"}, name="clip-srt"),
    path("clips/<clip:slug>/poster.jpg", files.poster, name="clip-poster"),
    path("clips/<clip:slug>/files/", files.listing, name="clip-files"),
    path("clips/<clip:slug>/files/make/", files.make, name="clip-files-make"),
    path("clips/<clip:slug>/files/stop/", files.stop, name="clip-files-stop"),
    path("clips/<clip:slug>/played/", playing.played, name="clip-played"),
    path("clips/<clip:slug>/change/", shelf.change, name="clip-change"),
    path("clips/<clip:slug>/delete/", shelf.delete, name="clip-delete"),
    path("clips/<clip:slug>/report/", reporting.report, name="clip-report"),
    path("clips/<clip:slug>/report/received/", reporting.reported, name="clip-reported"),
    path("oembed/", oembed.oembed, name="oembed"),
    path("clips/<clip:slug>/manifest.json", proof.manifest, name="clip-manifest"),
    path("verify/", proof.verify, name="verify"),
    path(".well-known/jwks.json", proof.keys, name="clip-keys"),
]
