"""The grammars of feeds and sitemaps, from their published texts, as RELAX NG.

No validator of feeds can be installed: the one that there was, feedvalidator, ended with Python 2,
and what is on npm asks a service of the W3C. So the grammars stand here, and feedparser reads too.

Atom: RFC 4287, appendix B, without XHTML and extensions inside of entries' own elements. Sitemaps:
https://www.sitemaps.org/protocol.html with its XSD's limits. News and video: the required and the
used elements of Google's extensions 0.9 and 1.1.

Podcast: of RSS 2.0 (https://www.rssboard.org/rss-specification) the elements that ours uses, each
as it is written there. It requires `title`, `link` and `description` of a channel; we require all
that ours has. Of Apple's tags those of a show and an episode, of the Podcast namespace `guid`,
`medium`, `transcript` and `person`.
"""

from pathlib import Path

from lxml import etree


def _read(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).parent / "schemas" / name))


ATOM = _read("atom.rng")
PODCAST = _read("podcast.rng")
SITEMAP = _read("sitemap.rng")
SITEMAP_INDEX = _read("siteindex.rng")
