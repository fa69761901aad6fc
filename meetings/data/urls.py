"""Addresses of the open data."""

from django.urls import URLPattern, URLResolver, include, path

from .api import site
from .views import assistants, feeds, podcast, reference, sitemaps, snapshots

urlpatterns: list[URLPattern | URLResolver] = [
    path("data/", snapshots.page, name="data"),
    path("data/download/<str:token>/<str:file>", snapshots.download, name="data-download"),
    path("data/snapshots/<str:name>/links.txt", snapshots.links, name="data-links"),
    path("data/snapshots/<str:name>/tables/<slug:table>/", snapshots.table, name="data-table"),
    path("data/snapshots/<str:name>/<str:file>", snapshots.file, name="data-file"),
    path("api/v1/docs", reference.docs, name="api-docs"),
    path("api/v1/openapi.json", reference.openapi, name="api-openapi"),
    path("api/v1/playlists/<str:token>.m3u8", reference.playlist, name="api-playlist"),
    path("api/v1/", include((site.addresses(), "api"))),
    path("api/v1/<path:rest>", reference.unknown, name="api-unknown"),
    path("feeds/", feeds.page, name="feeds"),
    path("feeds/articles.atom", feeds.articles, name="feed-articles"),
    path("feeds/bodies/<slug:slug>.atom", feeds.of_body, name="feed-body"),
    path("feeds/places/<slug:slug>.atom", feeds.of_place, name="feed-place"),
    path("feeds/search.atom", feeds.of_search, name="feed-search"),
    path("feeds/clips.rss", podcast.clips, name="feed-clips"),
    path("feeds/clips.png", podcast.cover, name="feed-clips-cover"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/<slug:name>-<int:number>.xml", sitemaps.file, name="sitemap-file"),
    path("llms.txt", sitemaps.llms, name="llms"),
    path("mcp/", assistants.mcp, name="mcp"),
]
