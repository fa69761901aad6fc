"""PostgreSQL and Valkey out of Python wheels, for a machine that has neither.

`python -m portal.embedded COMMAND…` gives COMMAND a `DATABASE_URL` and a `REDIS_URL` on loopback,
over the data in `.local/`; `--throwaway` gives it empty services that are gone afterwards.
`manage.py` comes here by itself when no `DATABASE_URL` is set (`join`).

Read `session` first: it tells the story from start to end. `lock` decides who stops the services,
`attention` and `offspring` look after signals and processes, `service` is what PostgreSQL and
Valkey have in common.
"""

import os
import sys

from . import session

# These make, compare or need no schema, and must work where migrating would fail.
UNMIGRATED = frozenset({
    "check", "collectstatic", "compilemessages", "help", "makemessages", "makemigrations",
    "migrate", "optimizemigration", "showmigrations", "sqlmigrate", "squashmigrations",
})  # fmt: skip


def join() -> None:
    """Start this very program again with services around it, and exit with its status.

    For `manage.py`. Returns at once, having done nothing, where `DATABASE_URL` is set already (in
    the environment or in `.env`) or where `DJANGO_ENV` is `production`: a production site must be
    told its database.
    """
    if session.is_given("DATABASE_URL") or os.environ.get("DJANGO_ENV") == "production":
        return
    subcommand = next((word for word in sys.argv[1:] if not word.startswith("-")), "help")
    again = [sys.executable, *sys.orig_argv[1:]]
    sys.exit(session.run(again, migrate=subcommand not in UNMIGRATED))
