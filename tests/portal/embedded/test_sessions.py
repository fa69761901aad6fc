"""A session gives COMMAND its services, shares them, and leaves nothing behind."""

import os
import textwrap

import psycopg
import pytest
import redis

pytestmark = pytest.mark.slow


def ask(address, query):
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchone()[0]


def execute(address, statement):
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def test_command_gets_both_addresses_and_its_exit_status_is_passed_on(checkout):
    status, out, err = checkout.run(
        "sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"; echo aside >&2; exit 7'
    )
    assert status == 7
    assert "aside" in err
    database, broker = out.split()
    assert database.startswith("postgresql://portal:")
    assert "@127.0.0.1:" in database
    assert broker.startswith("redis://:")
    assert checkout.left_behind() == {}


def test_both_services_answer_and_names_sort_by_code_point(checkout):
    source = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True); "
    process = checkout.code(source + "import sys; sys.stdin.read()", "--throwaway")
    database, broker = process.stdout.readline().split()
    query = "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'portal'"
    assert ask(database, query) == "bC.UTF-8"
    assert ask(database, "SHOW server_version").startswith("18.")
    with redis.Redis.from_url(broker) as connection:
        assert connection.ping()
    process.communicate()
    assert process.returncode == 0


def test_neither_service_answers_without_its_password(checkout):
    process, address = checkout.hold("--throwaway")
    stranger = address.replace("portal:", "portal:not", 1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)
    process.communicate()


def test_data_and_queue_are_there_again_at_the_next_start(checkout):
    process, address = checkout.hold()
    execute(address, "CREATE TABLE kept AS SELECT 41 + 1 AS answer")
    process.communicate()
    save = """
        import os, socket
        name, _, port = os.environ["REDIS_URL"][9:-2].replace("127.0.0.1:", "").partition("@")
        c = socket.create_connection(("127.0.0.1", int(port)))
        c.sendall(f"AUTH {name}\\r\\n%s\\r\\nQUIT\\r\\n".encode())
        print(c.makefile().read().split())
    """
    checkout.code(textwrap.dedent(save % "SET waiting task")).communicate()
    out, _ = checkout.code(textwrap.dedent(save % "GET waiting")).communicate()
    assert "task" in out
    process, address = checkout.hold()
    assert ask(address, "SELECT answer FROM kept") == 42
    process.communicate()
    assert checkout.left_behind() == {}


def test_second_command_joins_the_first_and_outlives_it(checkout, inhabitants):
    first, address = checkout.hold()
    second, joined = checkout.hold()
    assert joined == address
    first.communicate()
    assert ask(address, "SELECT 1") == 1
    second.communicate()
    assert inhabitants(checkout.local) == {}
    assert checkout.left_behind() == {}


def test_commands_that_come_while_the_services_start_wait_for_them(checkout, until):
    command = ("sh", "-c", "echo $DATABASE_URL; read line")
    sessions = [checkout.start(*command)]
    until((checkout.local / "postgres").exists)
    sessions += [checkout.start(*command) for _ in range(2)]
    addresses = {session.stdout.readline() for session in sessions}
    assert len(addresses) == 1
    for session in sessions:
        session.communicate("\n")
    assert checkout.left_behind() == {}


def test_two_checkouts_have_services_of_their_own(make_checkout):
    one, other = make_checkout("one"), make_checkout("other")
    first, address = one.hold()
    second, elsewhere = other.hold()
    assert address != elsewhere
    execute(address, "CREATE TABLE mine ()")
    assert ask(elsewhere, "SELECT to_regclass('mine')") is None
    first.communicate()
    assert ask(elsewhere, "SELECT 1") == 1
    second.communicate()
    assert one.left_behind() == other.left_behind() == {}


def test_path_may_be_longer_than_a_sockets_name(make_checkout):
    checkout = make_checkout("/".join(["a folder with a long name, and a comma"] * 5))
    assert len(os.fsencode(checkout.local)) > 107
    process, address = checkout.hold()
    assert ask(address, "SELECT 1") == 1
    process.communicate()
    assert checkout.left_behind() == {}


def test_throwaway_services_are_empty_and_leave_no_folder(checkout):
    kept, address = checkout.hold()
    execute(address, "CREATE TABLE kept ()")
    thrown, elsewhere = checkout.hold("--throwaway")
    assert ask(elsewhere, "SELECT to_regclass('kept')") is None
    assert ask(elsewhere, "SHOW fsync") == "off"
    assert ask(address, "SHOW fsync") == "on"
    thrown.communicate()
    assert not list(checkout.temporary.glob("portal-throwaway-*"))
    kept.communicate()
    assert checkout.left_behind() == {}


def test_steps_aside_for_what_is_set_already(checkout):
    checkout.environment |= {"DATABASE_URL": "postgresql://here", "REDIS_URL": "redis://there"}
    status, out, _ = checkout.run("sh", "-c", "echo $DATABASE_URL $REDIS_URL; exit 3")
    assert (status, out) == (3, "postgresql://here redis://there\n")
    assert not checkout.local.exists()


def test_gives_only_the_service_that_is_missing(checkout, inhabitants):
    checkout.environment |= {"DATABASE_URL": "postgresql://here"}
    process, address = checkout.hold()
    assert address == "postgresql://here"
    assert not any("postgres" in command for command in inhabitants(checkout.root).values())
    process.communicate()
    assert checkout.left_behind() == {}


@pytest.mark.parametrize(
    ("line", "aside"),
    [
        ("DATABASE_URL=postgresql://here", True),
        ("export DATABASE_URL='postgresql://here'", True),
        ("DATABASE_URL=", False),
        ("# DATABASE_URL=postgresql://here", False),
    ],
)
def test_env_file_counts_as_set(checkout, line, aside):
    checkout.environment |= {"REDIS_URL": "redis://there"}
    (checkout.root / ".env").write_text(f"DEBUG=1\n{line}\n")
    _, out, _ = checkout.run("--no-migrate", "sh", "-c", 'echo "got ${DATABASE_URL:-nothing}"')
    assert (out == "got nothing\n") is aside
    assert checkout.local.exists() is not aside


def test_command_that_does_not_exist_is_named_in_one_line(checkout):
    status, _, err = checkout.run("--throwaway", "no-such-program")
    assert status == 1
    assert err == "portal.embedded: no-such-program cannot be run: No such file or directory.\n"
    assert checkout.left_behind() == {}


def test_missing_wheels_are_named_in_one_line(checkout):
    checkout.python = [*checkout.python, "-E", "-S"]
    status, _, err = checkout.run("true")
    assert status == 1
    assert "is not installed. Run `make .venv`" in err
    assert err.count("\n") == 1


def test_forget_removes_everything_unless_it_is_in_use(checkout):
    process, _ = checkout.hold()
    status, _, err = checkout.run("--forget")
    assert status == 1
    assert "in use" in err
    process.communicate()
    assert checkout.run("--forget")[0] == 0
    assert not checkout.local.exists()


def test_database_of_another_major_version_is_refused_in_one_line(checkout):
    checkout.run("true")
    (checkout.local / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    status, _, err = checkout.run("true")
    assert status == 1
    assert "was made by PostgreSQL 17, and 18 is installed" in err
    assert checkout.left_behind() == {}
