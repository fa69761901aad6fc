"""Where the sandbox must not run, and whom it does not answer."""

import subprocess
import sys

import pytest

from memberships.sandbox.__main__ import why_not
from tests.memberships.sandboxed import KEY, ROOT, Sandbox

HERE = "http://127.0.0.1:8000/stripe/webhook/"


def test_it_runs_on_loopback_with_a_test_key():
    assert why_not("127.0.0.1", "sk_test_1", HERE, "development") == ""
    assert why_not("localhost", "sk_test_1", "", "") == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.168.1.4", "portal.example"])  # noqa: S104 - refused
def test_it_refuses_another_address_than_loopback(host):
    assert "not loopback" in why_not(host, "sk_test_1", HERE, "development")


@pytest.mark.parametrize("key", ["sk_live_1", "rk_test_1", "", "SK_TEST_1", " sk_test_1"])
def test_it_refuses_another_key_than_a_test_key(key):
    assert "test keys only" in why_not("127.0.0.1", key, HERE, "development")


def test_it_refuses_production():
    assert "production" in why_not("127.0.0.1", "sk_test_1", HERE, "production")


@pytest.mark.parametrize(
    "webhook", ["http://portal.example/stripe/webhook/", "https://127.0.0.1/", "file:///etc/passwd"]
)
def test_it_sends_its_events_nowhere_else(webhook):
    assert "elsewhere" in why_not("127.0.0.1", "sk_test_1", webhook, "development")


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["--host", "0.0.0.0"], {}),  # noqa: S104 - refused
        (["--key", "sk_live_1"], {}),
        ([], {"DJANGO_ENV": "production"}),
        ([], {"SANDBOX_KEY": "sk_live_1"}),
    ],
)
def test_the_process_ends_with_a_sentence_and_leaves_nothing(tmp_path, arguments, env):
    data = tmp_path / "data"
    run = subprocess.run(
        [sys.executable, "-m", "memberships.sandbox", "--port", "0", "--data", data, *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.strip().endswith(".")
    assert run.stdout == ""
    assert not data.exists()


def test_two_never_share_a_folder(tmp_path):
    one = Sandbox(tmp_path / "data")
    try:
        with pytest.raises(AssertionError, match="Another sandbox uses"):
            Sandbox(tmp_path / "data")
    finally:
        one.stop()


def test_no_django_is_loaded():
    loaded = "import sys, memberships.sandbox.__main__; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    roots = {name.partition(".")[0] for name in run.stdout.split()}
    assert "memberships" in roots
    assert not {"django", "stripe", "portal"} & roots


@pytest.fixture(scope="module")
def one_for_all(tmp_path_factory):
    """One process for many questions, none of which may harm it."""
    one = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield one
    assert one.stop() == 0


@pytest.mark.parametrize("key", [None, "sk_test_other", "", "sk_live_sandbox"])
@pytest.mark.parametrize("path", ["/v1/events", "/control/mute"])
def test_without_the_key_nobody_is_answered(one_for_all, path, key):
    body = None if path.startswith("/v1") else "{}"
    assert one_for_all.ask(path, body, key=key)[0] == 401


def test_controls_are_off_unless_asked_for(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "memberships.sandbox", "--port", "0", "--data", tmp_path],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        plain = Sandbox.__new__(Sandbox)
        plain.url = process.stdout.readline().split()[-1]
        assert plain.ask("/control/mute", "{}", key=KEY)[0] == 404
        assert plain.ask("/v1/events", key=KEY)[0] == 200
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def test_another_name_for_this_machine_is_not_answered(one_for_all):
    """DNS can lead any name to loopback; a page of that name would then read what is here."""
    assert one_for_all.ask("/", headers={"Host": "evil.example"})[0] == 403
    assert one_for_all.ask("/v1/events", key=KEY, headers={"Host": "evil.example:80"})[0] == 403


def test_another_site_s_form_presses_no_button(one_for_all):
    given = {"Sec-Fetch-Site": "cross-site"}
    assert one_for_all.ask("/", "do=refund", headers=given)[0] == 403
    assert one_for_all.ask("/", headers=given)[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/nothing", None, 404),
        ("/v1/refunds", "amount[=1", 400),
        ("/v1/refunds", "a[b]=1&a=2", 400),
        ("/v1/refunds", "amount=1", 400),
        ("/v1/refunds", "payment_intent=pi_1", 404),
        ("/v1/refunds", "payment_intent[x]=1", 400),
        ("/v1/refunds?limit=x", None, 400),
        ("/v1/refunds?limit=1000", None, 400),
        ("/v1/refunds?created[after]=1", None, 400),
        ("/v1/refunds?starting_after=re_1", None, 404),
        ("/v1/refunds?expand[]=secrets", None, 400),
        ("/v1/checkout/sessions", "mode=payment", 400),
        ("/v1/checkout/sessions", "mode=payment&success_url=javascript:1&line_items[0][a]=1", 400),
        ("/v1/checkout/sessions", "mode=payment&success_url=http://x&line_items=1", 400),
        ("/v1/checkout/sessions", "mode=payment&success_url=http://x&line_items[0][a]=1", 400),
        ("/v1/checkout/sessions", "mode[a]=payment&success_url=http://x&line_items[0][a]=1", 400),
        ("/v1/checkout/sessions", "payment_intent_data[metadata][a][b]=1", 400),
        ("/v1/checkout/sessions", "payment_intent_data=1", 400),
        ("/v1/checkout/sessions", "metadata[0]=1", 400),
        ("/v1/events?types[0][a]=1", None, 200),
        ("/v1/events?created[gte][a]=1", None, 400),
        ("/v1/checkout/sessions/../x/expire", "", 404),
        ("/v1/checkout/sessions", "payment_method_types[0]=card", 400),
        ("/control/unknown", "{}", 404),
        ("/control/pay", "{}", 400),
        ("/control/pay", "not JSON", 400),
        ("/control/fault", '{"kind": "502"}', 400),
        ("/c/pay/cs_test_1", None, 404),
        ("/../../etc/passwd", None, 404),
    ],
)
def test_odd_calls_are_refused_and_never_break_it(one_for_all, path, body, status):
    assert one_for_all.ask(path, body, key=KEY)[0] == status
    assert one_for_all.ask("/v1/events", key=KEY)[0] == 200
