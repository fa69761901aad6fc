"""INT, TERM and HUP end COMMAND first and the services last, and leave nothing."""

import os
import pty
import signal

import pytest

pytestmark = pytest.mark.slow

# COMMAND: on a signal it checks that the database is still there, says so, and ends with status 5.
GRACEFUL = """
import os, signal, socket, sys
from urllib.parse import urlsplit
heard = []
for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(signum, lambda signum, _frame: heard.append(signum))
print("ready", flush=True)
while not heard:
    signal.pause()
address = urlsplit(os.environ["DATABASE_URL"])
socket.create_connection((address.hostname, address.port)).close()
signal.setitimer(signal.ITIMER_REAL, 2)
signal.signal(signal.SIGALRM, lambda *_: heard.append("enough"))
while "enough" not in heard and os.environ.get("LINGER"):
    signal.pause()
print("heard", *(signal.Signals(number).name for number in heard if number != "enough"), flush=True)
os._exit(5)  # at once: a second signal must not meet an interpreter that has put its handlers away
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_to_the_session_alone_is_passed_on(checkout, name):
    process = checkout.code(GRACEFUL)
    process.stdout.readline()
    process.send_signal(signal.Signals[name])
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, f"heard {name}\n")
    assert checkout.left_behind() == {}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_to_the_whole_group_leaves_nothing(checkout, name):
    process = checkout.code(GRACEFUL)
    process.stdout.readline()
    os.killpg(process.pid, signal.Signals[name])
    process.communicate(timeout=60)
    assert process.returncode == 5
    assert checkout.left_behind() == {}


def test_command_that_a_signal_ends_gives_128_and_its_number(checkout):
    process = checkout.code("import sys; print('ready', flush=True); sys.stdin.read()")
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)  # before its input is closed, which would end it too
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


def test_hang_up_ends_processes_in_sessions_of_their_own(checkout):
    process = checkout.start("sh", "-c", "setsid sleep 1000 & echo ready; wait")
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGHUP
    assert checkout.left_behind() == {}


def test_hang_up_that_is_ignored_stays_ignored(checkout):
    process = checkout.code(
        "import signal, sys; print(signal.getsignal(signal.SIGHUP).name, flush=True); sys.exit("
        "len(sys.stdin.read()))",
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert process.stdout.readline() == "SIG_IGN\n"
    os.killpg(process.pid, signal.SIGHUP)
    process.communicate("four")
    assert process.returncode == 4


@pytest.mark.parametrize("throwaway", [True, False])
@pytest.mark.parametrize("moment", ["making", "password", "data", "server.json", "postmaster.pid"])
def test_signal_while_the_services_start_leaves_nothing(checkout, until, moment, throwaway):
    options = ["--throwaway"] if throwaway else []
    process = checkout.start(*options, "echo", "too late")
    places = (checkout.temporary, checkout.local)
    until(lambda: any(seen(place, moment) for place in places))
    process.terminate()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert out == ""
    assert checkout.left_behind() == {}
    assert checkout.run("true")[0] == 0


def seen(place, name):
    try:
        return next(place.rglob(name), None) is not None
    except FileNotFoundError:  # a folder is renamed while we look
        return False


def test_control_c_reaches_command_once_and_the_services_last(checkout):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(checkout.root)
        words = [*checkout.python, "-m", "portal.embedded", *checkout.python, "-c", GRACEFUL]
        os.execvpe(words[0], words, checkout.environment | {"LINGER": "1"})  # noqa: S606 - ours
    shown = b""
    try:
        while b"ready" not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, b"\x03")
        while part := read(terminal):
            shown += part
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
    assert b"heard SIGINT\r\n" in shown
    assert os.waitstatus_to_exitcode(status) == 5
    assert checkout.left_behind() == {}


def read(terminal):
    try:
        return os.read(terminal, 1024)
    except OSError:  # the other end is closed
        return b""
