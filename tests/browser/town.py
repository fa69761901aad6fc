"""The demonstration's rows, read into memory once and put back before each test by COPY."""

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from portal.site import demonstration

# Django makes these itself, anew after each emptying of the database.
MADE_BY_DJANGO = {"django_content_type", "auth_permission"}


def rows_of_the_demonstration():
    """What each table holds once the demonstration is loaded. The database stays as it was."""
    assert connection.settings_dict["NAME"].startswith("test_")
    with transaction.atomic():
        for _line in demonstration.load(now=timezone.now()):
            pass
        rows = {table: _copied(table) for table in _tables()}
        transaction.set_rollback(True)
    return {table: data for table, data in rows.items() if data}


def put_back(rows):
    """Make the database hold these rows and no others. Foreign keys are checked at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_emptying())
        for table, data in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(data)
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)


def clear():
    """Leave the database as the tests of other folders want it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_emptying())


def _emptying():
    """Few rows in many tables are deleted sooner than the tables are truncated."""
    assert connection.settings_dict["NAME"].startswith("test_")
    names = map(connection.ops.quote_name, _tables())
    return ";".join(map("DELETE FROM {}".format, names))


def _tables():
    return sorted(set(connection.introspection.django_table_names()) - MADE_BY_DJANGO)


def _copied(table):
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(block) for block in copy)
