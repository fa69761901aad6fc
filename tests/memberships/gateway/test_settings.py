"""Which Stripe a site talks to follows from its environment: the sandbox only without a key."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
READ = """
import importlib, json, os, sys
names = ("SANDBOX", "SECRET_KEY", "LIVEMODE", "WEBHOOK_SECRETS", "API_BASE")
bare = dict(os.environ)
found = {}
for case, env in json.loads(sys.argv[1]).items():
    os.environ.clear()
    os.environ.update({**bare, **env})
    site = importlib.reload(importlib.import_module("portal.settings"))
    found[case] = [getattr(site, f"STRIPE_{name}") for name in names]
print(json.dumps(found))
"""
PRODUCTION = {"DJANGO_ENV": "production", "SECRET_KEY": "x", "SITE_URL": "https://portal.example"}
PLACES = {"development": {"DJANGO_ENV": "development"}, "production": PRODUCTION}
KEYS = {"sk_test_1": False, "rk_test_1": False, "sk_live_1": True, "rk_live_1": True}
SECRETS = {"STRIPE_WEBHOOK_SECRETS": "whsec_1,whsec_2"}
CASES = {
    **PLACES,
    **{
        f"{place} {key}": {**env, **SECRETS, "STRIPE_SECRET_KEY": key}
        for place, env in PLACES.items()
        for key in KEYS
    },
    "no secret": {**PRODUCTION, "STRIPE_SECRET_KEY": "sk_test_1"},
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the settings say in each case, read in a process of their own."""
    # An empty key is as good as none, and stands before what a .env of this machine may say.
    env = {"LOCAL_DIR": str(tmp_path_factory.mktemp("local")), "STRIPE_SECRET_KEY": ""}
    run = subprocess.run(
        [sys.executable, "-c", READ, json.dumps(CASES)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PORT": "8100", **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def test_a_development_machine_without_a_key_has_the_sandbox_one_port_up(found):
    assert found["development"] == [
        True,
        "sk_test_sandbox",
        False,
        ["whsec_sandbox"],
        "http://127.0.0.1:8101",
    ]


def test_production_without_a_key_has_nothing(found):
    assert found["production"] == [False, "", False, [], ""]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("key", "is_live"), KEYS.items())
def test_with_a_key_nothing_of_the_sandbox_is_left(found, place, key, is_live):
    assert found[f"{place} {key}"] == [False, key, is_live, ["whsec_1", "whsec_2"], ""]


def test_with_a_key_there_is_no_secret_that_was_not_given(found):
    assert found["no secret"] == [False, "sk_test_1", False, [], ""]
