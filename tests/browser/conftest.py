"""A person before Chromium, and a real server with the demonstration behind it.

The server is one for the whole run, on a port of its own, with collected static files under hashed
names and the policy of production. The rows of the demonstration are put back before each test.
"""

import shutil
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import sync_playwright

from memberships.models import User
from tests.browser.town import clear, put_back, rows_of_the_demonstration
from tests.browser.watching import Reader

# The address bar's own pages, which cost as much as ours; and of Playwright's list, which this one
# replaces, what would ask the network or paint late.
WITHOUT = [
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(WITHOUT)}",
]
TIMEOUT_MS = 30_000


@pytest.fixture(scope="session")
def _collected(tmp_path_factory):
    """Settings under which static files are as in production: hashed, compressed, collected."""
    given = {
        "STATIC_ROOT": tmp_path_factory.mktemp("collected"),
        "STORAGES": {
            **django_settings.STORAGES,
            "staticfiles": {"BACKEND": "portal.site.packages.HashedStaticFiles"},
        },
    }
    with override_settings(**given):
        call_command("collectstatic", "--noinput", "--verbosity", "0", stdout=StringIO())
    return given


@pytest.fixture(scope="session")
def _server(_collected):
    """The server's thread. Its application is made once its address is known."""
    thread = LiveServerThread("127.0.0.1", static_handler=lambda application: application)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    url = f"http://{thread.host}:{thread.port}"
    # The plain application: Django's own handler of static files knows no hashed names.
    with override_settings(SITE_URL=url, **_collected):
        thread.httpd.set_app(get_wsgi_application())
    yield url
    thread.terminate()


@pytest.fixture(scope="session")
def _rows(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return rows_of_the_demonstration()


@pytest.fixture(scope="module")
def transactional_db(_rows, django_db_blocker):
    """In place of pytest-django's: it would empty the database after each test by truncating all
    tables and making permissions anew, which takes longer than what most of the tests do.
    """
    with django_db_blocker.unblock():
        yield
        clear()


@pytest.fixture(scope="module")
def chromium(transactional_db):
    """Debian's Chromium. One for each file, because Playwright keeps an event loop running, and
    tests elsewhere must not find one.
    """
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium).")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # That loop belongs to the tests' own thread. Django takes it for a sign that a query
        # would hold others up; here nobody else waits.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()
        connections.close_all()  # while the loop runs, this thread has connections of its own


@pytest.fixture
def site(transactional_db, _server, _collected, _rows, settings, _cache_of_its_own):
    """The address of the running site, with nothing but the demonstration in it."""
    settings.SITE_URL = _server
    settings.STATIC_ROOT = _collected["STATIC_ROOT"]
    settings.STORAGES = _collected["STORAGES"]
    put_back(_rows)
    return _server


@pytest.fixture
def comes(chromium, site):
    """Makes readers: `comes()` is a visitor at a desk, `comes(account=MEMBER)` is signed in.

    Further arguments are the browser's: `java_script_enabled=False`, `is_mobile=True`.
    """
    readers = []

    def come(*, account=None, width=1280, height=900, **options):
        viewport = {"width": width, "height": height}
        # Colours that are on their way from light to dark have a contrast of their own.
        quiet = {"reduced_motion": "reduce", "color_scheme": "light"}
        context = chromium.new_context(base_url=site, viewport=viewport, **quiet | options)
        context.set_default_timeout(TIMEOUT_MS)
        if account is not None:
            context.add_cookies([{**_session_of(account), "url": site}])
        reader = Reader(context, site, has_scripts=options.get("java_script_enabled", True))
        readers.append(reader)
        return reader

    yield come
    for reader in readers:
        reader.context.close()
    assert [line for reader in readers for line in reader.complaints] == []


def _session_of(account):
    """The cookie of somebody who has signed in. (The form is tested where it is the subject.)"""
    client = Client()
    client.force_login(User.objects.get(email=account.email))
    name = django_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


@pytest.fixture
def visitor(comes):
    """Somebody we do not know, at a desk."""
    return comes()
