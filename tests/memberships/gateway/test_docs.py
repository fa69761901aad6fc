"""What docs/stripe.md tells the dashboard to be set to is what the code expects."""

import re
from pathlib import Path

from memberships.gateway.client import API_VERSION
from memberships.gateway.events import HANDLED

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "stripe.md").read_text()


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_endpoint_subscribes_to_what_is_handled_and_to_nothing_else():
    listed = re.findall(r"^- `([\w.]+)`$", section("Events"), re.MULTILINE)
    assert sorted(listed) == sorted(HANDLED)
    assert len(set(listed)) == len(listed) == 12
    assert "these twelve" in section("Events")


def test_endpoint_s_version_is_the_one_that_we_read():
    assert f"**{API_VERSION}**" in section("The version of the API")
