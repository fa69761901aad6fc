"""Open data: the API, bulk exports, feeds and sitemaps. Nothing lives in this room yet."""
