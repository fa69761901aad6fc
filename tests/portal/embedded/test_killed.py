"""After a kill -9 of anything, the next start works and nothing is left behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys

import psycopg
import pytest

pytestmark = pytest.mark.slow


def ask(address, query):
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchone()[0]


def postmaster(checkout):
    return int((checkout.local / "postgres/data/postmaster.pid").read_text().split("\n")[0])


def test_killed_session_counts_for_nothing_and_its_command_ends(checkout, until, inhabitants):
    process, address = checkout.hold()
    process.kill()
    process.wait()
    until(lambda: not any("stdin.read" in shown for shown in inhabitants(checkout.root).values()))
    assert ask(address, "SELECT 1") == 1  # the services wait for the next session
    _, out, _ = checkout.run("sh", "-c", "echo $DATABASE_URL")
    assert out.strip() == address
    assert checkout.left_behind() == {}


def test_killed_command_takes_its_children_along(checkout, until, inhabitants):
    source = """
import os, subprocess, sys
child = subprocess.Popen(["sleep", "1000"], start_new_session=True, cwd=".")
print(os.getpid(), flush=True)
child.wait()
"""
    process = checkout.code(source)
    os.kill(int(process.stdout.readline()), signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGKILL
    assert inhabitants(checkout.root) == {}
    assert checkout.left_behind() == {}


def test_second_session_brings_back_a_killed_server_at_its_port(checkout):
    first, address = checkout.hold()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster(checkout), signal.SIGKILL)
    second, again = checkout.hold()
    assert again == address
    assert ask(address, "SELECT answer FROM kept") == 42
    second.communicate()
    assert ask(address, "SELECT 1") == 1  # the first session still counts on it
    first.communicate()
    assert checkout.left_behind() == {}


def test_everything_killed_at_once_recovers(checkout, until, inhabitants):
    process, address = checkout.hold()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE kept AS SELECT g FROM generate_series(1, 200000) AS g")
    for pid in (process.pid, *inhabitants(checkout.local)):
        with contextlib.suppress(ProcessLookupError):  # some end when the first is gone
            os.kill(pid, signal.SIGKILL)
    process.wait()
    process, address = checkout.hold()
    assert ask(address, "SELECT count(*) FROM kept") == 200_000
    process.communicate()
    assert checkout.left_behind() == {}


def test_stale_pid_file_may_name_a_living_process_of_the_same_user(checkout):
    checkout.run("true")
    home = (checkout.local / "postgres").resolve()
    owner = home.stat().st_uid
    account = {} if os.geteuid() else {"user": owner, "group": home.stat().st_gid}
    stranger = subprocess.Popen(["sleep", "1000"], cwd="/", **account)
    try:
        pid_file = home / "data" / "postmaster.pid"
        lines = [stranger.pid, home / "data", 1700000000, 54321, "/run", "127.0.0.1", "1 1"]
        pid_file.write_text("".join(f"{line}\n" for line in [*lines, "ready"]))
        os.chown(pid_file, owner, -1)
        process, address = checkout.hold()
        assert ask(address, "SELECT 1") == 1
        process.communicate()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert checkout.left_behind() == {}


def test_interrupted_making_of_the_database_is_begun_anew(checkout):
    home = checkout.local / "postgres"
    checkout.run("true")
    (home.resolve() / "data").rename(home.resolve() / "making")
    (home.resolve() / "making" / "PG_VERSION").unlink()
    process, address = checkout.hold()
    assert ask(address, "SELECT 1") == 1
    process.communicate()


def test_throwaway_of_a_killed_session_is_cleared_by_the_next(checkout, inhabitants):
    process, _ = checkout.hold("--throwaway")
    running, address = checkout.hold("--throwaway")
    process.kill()
    process.wait()
    assert len(list(checkout.temporary.glob("portal-throwaway-*"))) == 2
    assert checkout.run("--throwaway", "true")[0] == 0
    assert len(list(checkout.temporary.glob("portal-throwaway-*"))) == 1
    assert ask(address, "SELECT 1") == 1  # one that is in use is left alone
    running.communicate()
    assert checkout.left_behind() == {}


def test_foreign_server_at_the_old_port_is_not_taken_for_ours(make_checkout):
    one, other = make_checkout("one"), make_checkout("other")
    one.run("true")
    holder, address = other.hold()
    port = address.rpartition(":")[2].partition("/")[0]
    record = (one.local / "postgres").resolve() / "server.json"
    record.write_text(f'{{"port": "{port}"}}')
    process, elsewhere = one.hold()
    assert elsewhere.rpartition(":")[2] != address.rpartition(":")[2]
    process.communicate()
    assert ask(address, "SELECT 1") == 1
    holder.communicate()
    assert one.left_behind() == other.left_behind() == {}


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("setpriv"),
    reason="root's capabilities are taken away with setpriv",
)
def test_root_of_a_container_does_not_need_to_look_into_other_users_processes(checkout):
    checkout.python = ["setpriv", "--bounding-set=-sys_ptrace", *checkout.python]
    first, address = checkout.hold()
    pid = postmaster(checkout)
    second, joined = checkout.hold()
    assert (joined, postmaster(checkout)) == (address, pid)
    first.communicate()
    second.communicate()
    assert checkout.left_behind() == {}
