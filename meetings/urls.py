"""All addresses of this app."""

from django.urls import include, path

urlpatterns = [
    path("", include("meetings.front.urls")),
    path("", include("meetings.transcripts.urls")),
    path("", include("meetings.media.urls")),
    path("", include("meetings.reader.urls")),
    path("", include("meetings.intake.urls")),
    path("", include("meetings.articles.urls")),
    path("search/", include("meetings.search.urls")),
    path("", include("meetings.clips.urls")),
    path("", include("meetings.alerts.urls")),
    path("", include("meetings.data.urls")),
]
