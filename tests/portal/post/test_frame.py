"""The frame of a mail: in the site's colours, without anything fetched from elsewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PARTS = sorted((ROOT / "templates/post").glob("*.html"))

pytestmark = pytest.mark.django_db


def test_every_colour_is_one_of_the_site():
    tokens = set(re.findall(r"#[0-9a-f]{6}", (ROOT / "static/css/tokens.css").read_text()))
    assert len(PARTS) == 3
    for part in PARTS:
        used = set(re.findall(r"#[0-9a-fA-F]{6}", part.read_text()))
        assert used <= tokens, (part.name, used - tokens)


def test_nothing_is_fetched_and_nothing_runs(queue):
    html = queue().html
    assert not re.search(r"<(?:img|link|script|iframe|object)|url\(|@import|\son\w+=", html)


def test_a_mail_says_its_subject_language_and_where_it_comes_from(queue, settings):
    mail = queue(subject="Your receipt & more")
    assert "<title>Your receipt &amp; more</title>" in mail.html
    assert 'lang="en-us"' in mail.html
    assert 'name="color-scheme" content="light dark"' in mail.html
    for words in (mail.text, mail.html):
        assert settings.SITE_NAME in words
        assert settings.SITE_URL in words
        assert settings.CONTACT_EMAIL in words


def test_facts_and_buttons_are_escaped(queue):
    html = queue().html
    assert 'href="https://portal.example/receipt/?a=1&amp;b=2"' in html
    assert "<b>" not in html
