"""The index, the query language and the search page."""
