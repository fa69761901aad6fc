"""As root and as an ordinary user, in open folders and in closed ones."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

pytestmark = pytest.mark.slow
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user's rights")


def ask(address, query):
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchone()[0]


def test_ordinary_user_runs_all_as_themselves(ordinary, inhabitants):
    process, address = ordinary.hold()
    assert ask(address, "SELECT 1") == 1
    assert len(inhabitants(ordinary.local)) >= 2
    owners = {path.stat().st_uid for path in ordinary.local.rglob("*")}
    assert owners == {ordinary.user if ordinary.user is not None else os.geteuid()}
    process.communicate()
    status, out, _ = ordinary.run("--throwaway", "sh", "-c", "echo $DATABASE_URL; exit 4")
    assert (status, out[:13]) == (4, "postgresql://")
    assert ordinary.left_behind() == {}


@root_only
def test_root_runs_postgres_as_another_user_from_a_copy(checkout, inhabitants):
    process, address = checkout.hold()
    servers = {
        pid: command
        for pid, command in inhabitants(checkout.local).items()
        if "bin/postgres" in command
    }
    assert len(servers) == 1
    for pid, command in servers.items():
        assert Path(f"/proc/{pid}").stat().st_uid != 0
        assert command.startswith(str(checkout.local / "postgres" / "software"))
    assert ask(address, "SELECT 1") == 1
    process.communicate()
    assert checkout.left_behind() == {}


@root_only
def test_closed_folders_stay_closed_and_data_survive_elsewhere(checkout):
    checkout.base.chmod(0o700)
    checkout.temporary.chmod(0o700)
    process, address = checkout.hold()
    home = (checkout.local / "postgres").resolve()
    try:
        assert checkout.base not in home.parents
        assert home.is_relative_to("/var/lib/citizen-portal")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        process.communicate()
        process, address = checkout.hold()
        assert (checkout.local / "postgres").resolve() == home
        assert ask(address, "SELECT answer FROM kept") == 42
        process.communicate()
        assert checkout.run("--throwaway", "true")[0] == 0
        assert stat.S_IMODE(checkout.base.stat().st_mode) == 0o700
        assert stat.S_IMODE(checkout.temporary.stat().st_mode) == 0o700
        assert checkout.left_behind() == {}
    finally:
        process.communicate()
        status = checkout.run("--forget")[0]
    assert status == 0
    assert not home.exists()


@root_only
def test_data_that_lost_their_link_are_removed_by_the_same_checkout_alone(make_checkout):
    one, other = make_checkout("one"), make_checkout("other")
    one.base.chmod(0o700)
    homes = []
    for checkout in (one, other):
        assert checkout.run("true")[0] == 0
        homes.append((checkout.local / "postgres").resolve())
    try:
        (one.local / "postgres").unlink()
        assert one.run("true")[0] == 0
        assert [home.exists() for home in homes] == [False, True]
    finally:
        assert one.run("--forget")[0] == other.run("--forget")[0] == 0
    assert not homes[1].exists()


@root_only
def test_folder_of_another_user_is_named_in_one_line(ordinary):
    ordinary.run("true")
    for path in (ordinary.local / "postgres").resolve(), ordinary.local / "valkey":
        os.chown(path, 0, 0)
    status, _, err = ordinary.run("true")
    assert status == 1
    assert "belongs to another user" in err
    assert err.count("\n") == 1
