"""Threads of one's own, each with its own connection."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection


def _alone(work, args, kwargs):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")  # fail, do not wait for the test itself
        return work(*args, **kwargs)
    finally:
        connection.close()


@pytest.fixture
def in_thread():
    """Do the work in another thread, on another connection, and give back what came of it."""

    def run(work, *args, **kwargs):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(_alone, work, args, kwargs).result(timeout=20)

    return run


@pytest.fixture
def at_once():
    """Let several calls loose at one moment; the list of what came of each, errors included."""

    def run(*calls):
        barrier = threading.Barrier(len(calls))

        def one(call):
            try:
                connection.ensure_connection()
                barrier.wait(timeout=10)
                return call()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls, timeout=30))

    return run
