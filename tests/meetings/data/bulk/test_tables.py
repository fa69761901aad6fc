"""What a snapshot may hold: each model and each field is named, with the reason where it is out."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from meetings.data.bulk.tables import LEFT_OUT, TABLES
from meetings.data.bulk.writing import ENDINGS

NEVER = re.compile(r"e-?mail|password|token|secret|hash$|owner|made_by|reviewed_by(_id)?$")


def test_each_model_of_the_app_is_in_a_table_or_left_out_for_a_reason() -> None:
    models = {model.__name__ for model in apps.get_app_config("meetings").get_models()}
    told = {table.model.__name__ for table in TABLES}
    assert told | set(LEFT_OUT) == models
    assert told & set(LEFT_OUT) == set()
    assert all(reason.strip() for reason in LEFT_OUT.values())


def test_each_table_is_of_this_app_alone() -> None:
    assert {table.model._meta.app_label for table in TABLES} == {"meetings"}


def test_each_field_is_in_a_column_or_left_out_for_a_reason() -> None:
    for table in TABLES:
        fields = {field.name for field in table.model._meta.concrete_fields}
        lookups = {column.lookup.partition("__")[0].removesuffix("_id") for column in table.columns}
        lookups &= fields
        assert lookups | set(table.without) == fields, table.name
        assert lookups & set(table.without) <= {"writing"}, table.name
        assert all(table.without.values())


def test_no_column_is_of_people_s_accounts() -> None:
    columns = [f"{table.name}.{column.lookup}" for table in TABLES for column in table.columns]
    assert [name for name in columns if NEVER.search(name)] == []


def test_optional_columns_are_those_that_may_be_empty() -> None:
    for table in TABLES:
        fields = {field.attname: field for field in table.model._meta.concrete_fields}
        for column in table.columns:
            if column.lookup in fields and column.name != "published_at":
                assert column.is_optional is fields[column.lookup].null, (table.name, column.name)


def test_the_page_of_the_data_names_each_table_and_each_column() -> None:
    page = (settings.BASE_DIR / "docs/data-tables.md").read_text()
    for table in TABLES:
        section = re.search(rf"^### {table.name}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        assert section, table.name
        told = re.findall(r"^\| `(\w+)` \| ([a-z]+\??) \|", section[1], re.MULTILINE)
        kinds = [(one.name, f"{one.kind}{'?' * one.is_optional}") for one in table.columns]
        assert told == kinds, table.name


def test_names_of_files_are_known_by_their_form(tmp_path: Path) -> None:
    from meetings.data.bulk.keeping import is_file

    for table in TABLES:
        for ending in ENDINGS.values():
            assert is_file(f"{table.name}{'-2026-05' if table.is_monthly else ''}{ending}")
    for name in ("", "..", "../a.parquet", ".lock", "a/b.parquet", "a.parquet\n", "Ä.parquet"):
        assert not is_file(name)
