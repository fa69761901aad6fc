"""The reference of bench/reader.py: the site, with the transcript in one block, sent as one."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from portal.wsgi import application as site

BEGIN = b'<div class="chunk">'


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """What the site answers; a page with chunks comes when it is whole, with one chunk."""
    answer = site(environ, start_response)
    if not environ["PATH_INFO"].startswith("/meetings/"):
        return answer
    try:
        first, *others = b"".join(answer).split(BEGIN)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    if not others:
        return [first]
    joined = [other.rstrip().removesuffix(b"</div>") for other in others[:-1]]
    return [b"".join([first, BEGIN, *joined, others[-1]])]
