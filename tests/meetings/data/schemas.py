"""The grammars of feeds and sitemaps, from their published texts, as RELAX NG.

Atom: RFC 4287, appendix B, without XHTML and extensions inside of entries' own elements. Sitemaps:
https://www.sitemaps.org/protocol.html with its XSD's limits. News and video: the required and the
used elements of Google's extensions 0.9 and 1.1.
"""

from pathlib import Path

from lxml import etree


def _read(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).parent / "schemas" / name))


ATOM = _read("atom.rng")
SITEMAP = _read("sitemap.rng")
SITEMAP_INDEX = _read("siteindex.rng")
