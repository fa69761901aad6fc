"""On a development machine, mail is easy to find and goes nowhere."""

import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.mail import send_mail

from portal.post.models import Mail, State

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "portal.post.development.EmailBackend"
    settings.MAIL_FOLDER = tmp_path / "mail"
    return settings.MAIL_FOLDER


def test_a_code_is_printed_and_kept(folder, capsys):
    assert send_mail("Your code", "123456", None, ["ana@example.org"]) == 1
    (kept,) = folder.iterdir()
    assert kept.name.endswith("-your-code.eml")
    message = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert message.get_content() == "123456"
    assert kept.stat().st_mode & 0o077 == folder.stat().st_mode & 0o077 == 0
    shown = capsys.readouterr().out
    assert "Mail to ana@example.org: Your code\n\n123456\n" in shown
    assert str(kept) in shown


@pytest.mark.django_db
def test_mail_of_the_outbox_opens_in_a_browser(folder, queue, send, capsys):
    mail = queue(subject="../Your receipt")
    assert send() == 1
    page, whole = sorted(folder.iterdir(), key=lambda path: path.suffix, reverse=True)
    assert page.stem == whole.stem
    assert page.read_text() == mail.html
    assert message_from_bytes(whole.read_bytes())["Message-ID"] == mail.message_id
    assert mail.text in capsys.readouterr().out
    assert Mail.objects.get().state == State.SENT


@pytest.mark.parametrize(
    ("environment", "backend"),
    [
        ({}, "portal.post.development.EmailBackend"),
        ({"EMAIL_URL": "smtp://127.0.0.1:25"}, "django.core.mail.backends.smtp.EmailBackend"),
        (
            {"DJANGO_ENV": "production", "SITE_URL": "https://portal.example", "SECRET_KEY": "x"},
            "django.core.mail.backends.console.EmailBackend",
        ),
    ],
)
def test_only_a_development_machine_keeps_mail(environment, backend, tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", "import portal.settings as told; print(told.EMAIL_BACKEND)"],
        cwd=ROOT,
        env={"LOCAL_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == backend
