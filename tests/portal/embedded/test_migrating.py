"""A database that is new or behind is migrated before COMMAND runs; others are left alone."""

import pytest

pytestmark = pytest.mark.slow

MANAGE = """
import pathlib, sys
from portal import embedded
if __name__ == "__main__":
    embedded.join()
    import os
    print(sys.argv[1:], bool(os.environ["DATABASE_URL"]), flush=True)
    sys.exit(int(pathlib.Path(__file__).with_name("status").read_text()))
"""
MIGRATED = "['migrate', '--noinput', '--verbosity', '0'] True\n"


@pytest.fixture
def site(checkout):
    (checkout.root / "manage.py").write_text(MANAGE)
    (checkout.root / "status").write_text("0")
    (checkout.root / "app" / "migrations").mkdir(parents=True)
    (checkout.root / "app" / "migrations" / "0001_first.py").write_text("first")
    return checkout


def test_new_database_is_migrated_once(site):
    assert site.run("echo", "done")[1] == f"{MIGRATED}done\n"
    assert site.run("echo", "done")[1] == "done\n"


def test_database_that_is_behind_is_migrated(site):
    site.run("true")
    (site.root / "app" / "migrations" / "0002_second.py").write_text("second")
    assert site.run("echo", "done")[1] == f"{MIGRATED}done\n"
    (site.root / "app" / "migrations" / "0002_second.py").write_text("mended")
    assert site.run("echo", "done")[1] == f"{MIGRATED}done\n"


def test_failed_migration_ends_the_session_and_is_tried_again(site):
    (site.root / "status").write_text("5")
    status, out, err = site.run("echo", "done")
    assert (status, out) == (5, MIGRATED)
    assert "nothing else was run" in err
    (site.root / "status").write_text("0")
    assert site.run("echo", "done")[1] == f"{MIGRATED}done\n"
    assert site.left_behind() == {}


def test_throwaway_database_stays_empty(site):
    assert site.run("--throwaway", "echo", "done")[1] == "done\n"


@pytest.mark.parametrize("word", ["shell", "makemigrations"])
def test_manage_brings_its_services_and_passes_its_status_on(site, word):
    (site.root / "status").write_text("0" if word == "shell" else "9")
    process = site.start(word, "--x", module=False)
    out, err = process.communicate(timeout=60)
    own = f"['{word}', '--x'] True\n"
    assert out == (f"{MIGRATED}{own}" if word == "shell" else own), err
    assert process.returncode == (0 if word == "shell" else 9)
    assert site.left_behind() == {}


def test_manage_leaves_a_production_site_alone(site):
    site.environment["DJANGO_ENV"] = "production"
    process = site.start("shell", module=False)
    _, err = process.communicate(timeout=60)
    assert "KeyError: 'DATABASE_URL'" in err
    assert not site.local.exists()
