"""docker-compose.yml without an engine: its shape, and that whatever it names is there."""

import http.server
import importlib
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

from meetings.management.commands import follow_index
from portal.celery import app as celery_app

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
SITE = ("migrate", "web", "worker", "packager", "beat", "indexer")
STAYING = [name for name in SERVICES if name != "migrate"]

# What the images' own documentation says they read.
OF_IMAGES = {
    "postgres": {"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"},
    "valkey": {"VALKEY_PASSWORD"},  # by our command line
}
KNOWN = {  # of the compose specification, as far as we use it
    "build", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck",
    "image", "init", "ports", "read_only", "restart", "security_opt", "shm_size",
    "stop_grace_period", "tmpfs", "user", "volumes",
}  # fmt: skip


def words(service):
    """A service's command with the defaults filled in."""
    return [re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", word) for word in SERVICES[service]["command"]]


def option(service, name):
    given = [word for word in words(service) if word.startswith(f"--{name}=")]
    assert len(given) == 1, (service, name)
    return given[0].partition("=")[2]


def test_these_services_run():
    assert set(SERVICES) == {"postgres", "valkey", *SITE}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_guarded(name):
    service = SERVICES[name]
    assert set(service) <= KNOWN
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("user", "from the image") not in {"root", "0", 0}
    assert "user" in service or name in SITE


@pytest.mark.parametrize("name", STAYING)
def test_every_service_that_stays_is_started_again_and_asked_for_its_health(name):
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


def test_migrating_happens_once_and_before_all_that_needs_the_tables():
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "packager", "beat", "indexer"):
        needed = SERVICES[name]["depends_on"]["migrate"]
        assert needed == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", SERVICES)
def test_who_is_waited_for_is_there_and_has_a_health_to_wait_for(name):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]


def test_images_are_pinned():
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    for image in images:
        assert re.fullmatch(r"[a-z/]+:\d[\w.-]*", image), image


def test_the_database_is_postgresql_18_made_as_everywhere_else():
    postgres = SERVICES["postgres"]
    assert postgres["image"].startswith("postgres:18")
    arguments = postgres["environment"]["POSTGRES_INITDB_ARGS"].split()
    made_elsewhere = (ROOT / "portal" / "embedded" / "postgres.py").read_text()
    for argument in arguments:
        assert f'"{argument}"' in made_elsewhere
    assert {"--locale-provider=builtin", "--builtin-locale=C.UTF-8"} <= set(arguments)


def test_only_loopback_is_published():
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}
    assert option("web", "port") == "8000"


def test_every_named_volume_is_declared_and_used():
    used = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert used == set(yaml.safe_load(TEXT)["volumes"])


@pytest.mark.parametrize("name", SITE)
def test_what_the_site_writes_lies_on_a_volume_or_in_memory(name):
    volumes = dict(volume.split(":") for volume in SERVICES[name]["volumes"])
    made = re.search(r"install --directory .*", DOCKERFILE)[0].split()
    assert set(volumes.values()) <= set(made)  # owned by the site's user before they are mounted
    assert SERVICES[name]["tmpfs"] == ["/tmp"]  # noqa: S108  (uploads on their way)
    if name != "beat":
        assert volumes["media"] == SERVICES[name]["environment"]["MEDIA_ROOT"]
        assert volumes["index"] == SERVICES[name]["environment"]["INDEX_ROOT"]


def test_no_secret_is_written_down():
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|URL", variable):
                assert "${" in value, (name, variable)
    assert not re.search(r"(?i)password\s*[:=]\s*[\"']?\w", TEXT)
    assert re.findall(r"\w*(?:KEY|PASSWORD|TOKEN)=\S+", DOCKERFILE) == [
        "SECRET_KEY=only-for-collecting"
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_is_read_by_whom_it_is_given_to(name):
    given = set(SERVICES[name].get("environment", {}))
    if name in SITE:
        settings = (ROOT / "portal" / "settings.py").read_text()
        assert {one for one in given if f'"{one}"' not in settings} == set()
    else:
        assert given == OF_IMAGES[name]


@pytest.mark.parametrize("name", ["migrate", "indexer"])
def test_the_management_command_exists(name):
    program, script, command, *_ = words(name)
    assert (program, script) == ("python", "manage.py")
    assert (ROOT / script).exists()
    assert command in get_commands()


def test_granian_is_given_an_application_and_options_that_it_knows():
    assert words("web")[0] == "granian"
    module, _, attribute = words("web")[-1].partition(":")
    assert callable(getattr(importlib.import_module(module), attribute))
    helped = subprocess.run(
        [Path(sys.executable).with_name("granian"), "--help"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for word in words("web")[1:-1]:
        assert re.search(rf"{word.partition('=')[0]}\b", helped), word


@pytest.mark.parametrize(
    ("name", "command"), [("worker", "worker"), ("packager", "worker"), ("beat", "beat")]
)
def test_celery_is_given_the_app_and_options_that_it_knows(name, command):
    assert words(name)[0] == "celery"
    assert words(name)[2] == command
    options = words(name)[3:]
    assert option(name, "app") == celery_app.main
    known = {
        word
        for parameter in importlib.import_module(f"celery.bin.{command}").__dict__[command].params
        for word in parameter.opts
    }
    assert {word.partition("=")[0] for word in options} <= known


@pytest.mark.parametrize("name", ["worker", "packager"])
def test_the_worker_is_asked_by_the_name_it_has(name):
    shell = SERVICES[name]["healthcheck"]["test"][1]
    assert '--destination="celery@$$HOSTNAME"' in shell
    assert not any("hostname" in word for word in words(name))  # celery@ and the host's name


def test_every_queue_has_a_worker_here_and_in_the_procfile():
    queues = {route["queue"] for route in celery_app.conf.task_routes.values()}
    assert option("packager", "queues") == "long"
    assert queues == {"long"}
    assert " --queues long " in (ROOT / "Procfile").read_text()


def script_of(service, old, new):
    """A Python health check with one address replaced by the test's own."""
    kind, program, dash_c, script = SERVICES[service]["healthcheck"]["test"]
    assert (kind, program, dash_c) == ("CMD", "python", "-c")
    assert old in script
    return script.replace(old, new)


def status_of(script, **environment):
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode


@contextmanager
def site_that_answers(status, asked):
    """A server on loopback that answers every request with `status` and writes down what came."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False), (400, False)])
def test_web_is_well_when_healthz_answers_under_the_name_of_the_site(status, well):
    asked = []
    with site_that_answers(status, asked) as port:
        script = script_of("web", ":8000/", f":{port}/")
        code = status_of(script, SITE_URL="https://portal.example.org")
    assert asked == [("/healthz", "portal.example.org")]
    assert (code == 0) is well


@pytest.mark.parametrize(("age", "well"), [(0, True), (600, True), (1800, False), (None, False)])
def test_beat_is_well_when_it_wrote_its_schedule_lately(age, well, tmp_path):
    if age is not None:
        written = tmp_path / "beat.dat"
        written.touch()
        moment = written.stat().st_mtime - age
        os.utime(written, (moment, moment))
    folder = option("beat", "schedule").rpartition("/")[0]
    assert f"schedule:{folder}" in SERVICES["beat"]["volumes"]
    assert (status_of(script_of("beat", folder, str(tmp_path))) == 0) is well


@pytest.mark.parametrize(("age", "well"), [(0, True), (40, True), (300, False), (None, False)])
def test_the_indexer_is_well_when_it_went_its_round_lately(age, well, tmp_path):
    if age is not None:
        alive = tmp_path / follow_index.ALIVE
        alive.touch()
        moment = alive.stat().st_mtime - age
        os.utime(alive, (moment, moment))
    assert "index:/index" in SERVICES["indexer"]["volumes"]
    assert (status_of(script_of("indexer", "/index", str(tmp_path))) == 0) is well
