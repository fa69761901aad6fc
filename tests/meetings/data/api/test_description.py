"""What the description of the API promises holds, whatever is sent (schemathesis)."""

import json
import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, strategies
from hypothesis import settings as examples
from schemathesis import GenerationMode, checks

from meetings.data.api.openapi import description
from meetings.data.api.site import api
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from memberships.gate.audience import Kind, audience_of
from tests.meetings.articles.test_corrections import correct, published_article
from tests.meetings.data.api.world import BASE, PAID_FOR

# Requests to each operation, with a token and without: right ones, and as many wrong ones.
SENT = int(os.environ.get("API_REQUESTS", "8"))


OPEN = {
    "/places",
    "/bodies",
    "/meetings",
    "/meetings/{number}",
    "/agenda-items",
    "/articles",
    "/articles/{number}",
    "/corrections",
}


def operations():
    """Path and operation of each, as their modules declare them."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield f"{prefix}{path}", operation


def test_every_operation_asks_for_a_token_or_is_marked_public():
    marked = {path for path, one in operations() if audience_of(one.view_func) is not None}
    assert marked == OPEN
    assert all(audience_of(one.view_func).kind is Kind.PUBLIC for path, one in operations()
               if path in OPEN)  # fmt: skip
    without_token = {
        path.removeprefix("/api/v1")
        for path, methods in description()["paths"].items()
        for operation in methods.values()
        if {} in operation["security"]
    }
    assert without_token == OPEN


def test_it_is_openapi_with_an_example_of_each_row():
    told = description()
    assert told["openapi"] == "3.1.0"
    for name in ("MeetingRow", "SegmentRow", "ArticleRow", "PlaceRow"):
        properties = told["components"]["schemas"][name]["properties"]
        assert properties["id" if name != "SegmentRow" else "key"]["examples"]
    text = json.dumps(told)
    assert "cp_live_" in text
    assert PAID_FOR not in text


def test_the_description_is_served_as_it_is(visitor, db):
    answer = visitor.get(f"{BASE}openapi.json")
    assert answer.json() == description()
    assert answer.headers["Cache-Control"].startswith("public")


def test_the_page_names_every_address_and_every_problem(client, db):
    page = client.get(f"{BASE}docs").text
    for path in description()["paths"]:
        assert path in page
    for slug in ("bad-cursor", "membership-needed", "too-many-requests", "invalid"):
        assert f'id="{slug}"' in page


@pytest.fixture
def _one_connection():
    """Requests do not end the connection, in which the test's rows are not committed."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _aim(case, town):
    """Ask for what there is: nobody finds it by chance."""
    of = {"meetings": town.meeting, "articles": town.article, "recordings": town.recording}
    of["transcripts"] = town.transcript
    path = case.operation.path.removeprefix(BASE)
    if "{number}" in path:
        case.path_parameters["number"] = of[path.partition("/")[0]].pk
    if "{slug}" in path:
        case.path_parameters["slug"] = town.clip.slug
    if case.method == "POST":
        case.body |= {"meeting": town.meeting.pk}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("who", ["visitor", "member"])
def test_no_answer_is_undocumented_and_none_is_an_error(who, mode, town, settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"
    settings.API_MEMBER_A_MINUTE = settings.API_VISITOR_A_MINUTE = 1_000_000
    rebuild(Folder(settings.INDEX_ROOT))
    schema = schemathesis.openapi.from_wsgi(f"{BASE}openapi.json", get_wsgi_application())
    headers = town.bearer if who == "member" else {}
    correct(published_article(), [])
    statuses = {}
    for operation in schema.get_all_operations():
        case_of = operation.ok()

        @examples(
            max_examples=SENT,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=case_of.as_strategy(generation_mode=mode), is_there=strategies.booleans())
        def one(case, is_there):
            if is_there and mode is GenerationMode.POSITIVE:
                _aim(case, town)
            response = case.call(headers=headers)
            statuses.setdefault(case.operation.label, set()).add(response.status_code)
            case.validate_response(
                response,
                checks=[
                    checks.not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                ],
            )
            if who == "visitor":
                assert PAID_FOR not in response.text
                path = case.operation.path.removeprefix("/api/v1")
                assert path in OPEN or response.status_code in {400, 401, 404}

        one()
    if mode is GenerationMode.POSITIVE:
        assert len(statuses) == len(list(operations()))
    if who == "member" and mode is GenerationMode.POSITIVE:
        missed = {name for name, one in statuses.items() if not one & {200, 201}}
        assert missed <= {"POST /api/v1/clips"}, "spans by chance are seldom in a recording"
