"""The index, the query language and the search page. Nothing lives in this room yet."""
