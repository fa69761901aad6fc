"""Each operation of the API against each kind of token: from the description, so none is left out.

Whoever adds an operation says here what it needs.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.data.api.openapi import description
from meetings.search.building import rebuild
from meetings.search.folder import Folder
from memberships.accounts.services import revoke_token
from memberships.member import closing
from memberships.member.leaving import at_stake
from memberships.models import Membership, Token
from memberships.purchases.services import end
from tests.meetings.clips.factories import ClipFactory
from tests.meetings.data.api.world import BASE, PAID_FOR, world
from tests.memberships.factories import MembershipFactory, token_of

ALL = ("read", "search", "clips", "alerts")
NEEDS = {
    "GET /places": None,
    "GET /bodies": None,
    "GET /meetings": None,
    "GET /meetings/{number}": None,
    "GET /agenda-items": None,
    "GET /articles": None,
    "GET /articles/{number}": None,
    "GET /corrections": None,
    "GET /meetings/{number}/insights": "read",
    "GET /recordings": "read",
    "GET /recordings/{number}": "read",
    "GET /transcripts": "read",
    "GET /transcripts/{number}": "read",
    "GET /transcripts/{number}/segments": "read",
    "GET /speakers": "read",
    "GET /segments": "read",
    "GET /search": "search",
    "GET /clips": "clips",
    "GET /clips/{slug}": "clips",
    "POST /clips": "clips",
    "GET /alerts": "alerts",
}


def described():
    """Method and path of each operation."""
    for path, methods in description()["paths"].items():
        for method in methods:
            yield f"{method.upper()} {path.removeprefix('/api/v1')}"


def test_each_operation_says_here_what_it_needs():
    assert set(described()) == set(NEEDS)


@pytest.fixture(autouse=True)
def _index(settings, tmp_path):
    settings.INDEX_ROOT = tmp_path / "index"


def sent(client, town, operation, *, token):
    """The answer to a request that is right but for its token."""
    method, path = operation.split()
    of = {"meetings": town.meeting, "articles": town.article, "recordings": town.recording}
    of["transcripts"] = town.transcript
    first = path.split("/")[1]
    if "{number}" in path:
        path = path.replace("{number}", str(of[first].pk))
    address = BASE + path.replace("{slug}", town.clip.slug).removeprefix("/")
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    if method == "POST":
        body = {"meeting": town.meeting.pk, "spans_ms": [[1_000, 5_000]], "title": "Hello"}
        return client.post(address, body, "application/json", headers=headers)
    return client.get(address, {"q": PAID_FOR} if first == "search" else {}, headers=headers)


@pytest.mark.parametrize("operation", NEEDS)
def test_an_operation_opens_for_its_scope_alone(client, town, operation, settings):
    rebuild(Folder(settings.INDEX_ROOT))
    needed, good = NEEDS[operation], 201 if operation.startswith("POST") else 200
    for scope in ALL:
        answer = sent(client, town, operation, token=token_of(town.member, scopes=[scope]).written)
        assert answer.status_code == (good if needed in {None, scope} else 403), scope
        if answer.status_code == 403:
            assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]
        if scope not in {"read", needed}:
            assert PAID_FOR not in answer.text
    assert sent(client, town, operation, token=town.token).status_code == good
    answer = sent(client, town, operation, token=None)
    assert answer.status_code == (good if needed is None else 401)
    assert PAID_FOR not in answer.text
    clips = town.member.clips.count()
    assert clips == (2 if operation == "POST /clips" else 1), "a cut sent twice is one"


def revoked(town):
    revoke_token(token=Token.objects.get(), now=timezone.now())


def run_out(town):
    Token.objects.update(expires_at=timezone.now(), created_at=timezone.now() - timedelta(days=1))


def refunded(town):
    membership = town.member.memberships.get()
    assert end(membership=membership, reason=Membership.EndReason.REFUNDED, now=timezone.now())


def paused(town):
    """A refund was asked for."""
    Membership.objects.update(status=Membership.Status.SUSPENDED)


def locked(town):
    town.member.is_active = False
    town.member.save()


@pytest.mark.parametrize(
    ("ends", "status"),
    [(revoked, 401), (run_out, 401), (locked, 401), (refunded, 402), (paused, 402)],
)
def test_a_token_stops_at_once(client, town, settings, ends, status):
    rebuild(Folder(settings.INDEX_ROOT))
    for operation in NEEDS:
        assert sent(client, town, operation, token=town.token).status_code in {200, 201}
    ends(town)
    for operation in NEEDS:
        answer = sent(client, town, operation, token=town.token)
        assert answer.status_code == status, operation
        assert PAID_FOR not in answer.text
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert (
        client.post("/mcp/", message, "application/json", headers=town.bearer).status_code == status
    )


@pytest.mark.django_db(transaction=True)
def test_a_token_stops_with_its_account(client):
    town = world()
    assert sent(client, town, "GET /segments", token=town.token).status_code == 200
    closing.close(user=town.member, told=at_stake(town.member).told, now=timezone.now())
    for operation in ("GET /segments", "GET /meetings", "GET /clips"):
        answer = sent(client, town, operation, token=town.token)
        assert answer.status_code == 401
        assert PAID_FOR not in answer.text


PRIVATE = [operation for operation, needed in NEEDS.items()
           if needed and not operation.startswith("POST")]  # fmt: skip


@pytest.mark.parametrize("operation", PRIVATE)
def test_what_one_has_already_is_not_said_to_another(client, town, settings, operation):
    """A tag opens nothing: who asks is known before it is compared."""
    rebuild(Folder(settings.INDEX_ROOT))
    answer = sent(client, town, operation, token=town.token)
    assert "no-store" in answer.headers["Cache-Control"]
    assert {"Authorization", "Accept"} <= set(answer.headers["Vary"].split(", "))
    for tag in (answer.headers["ETag"], "*"):
        client.defaults["HTTP_IF_NONE_MATCH"] = tag
        if operation != "GET /recordings/{number}":  # it is signed anew each second
            assert sent(client, town, operation, token=town.token).status_code == 304
        assert sent(client, town, operation, token=None).status_code == 401
        assert sent(client, town, operation, token="cp_live_wrong").status_code == 401


def test_the_tag_of_one_s_clips_is_no_answer_to_somebody_else(client, town):
    other = ClipFactory(owner=MembershipFactory().user, recording=town.recording)
    mine = sent(client, town, "GET /clips", token=town.token)
    client.defaults["HTTP_IF_NONE_MATCH"] = mine.headers["ETag"]
    theirs = sent(client, town, "GET /clips", token=token_of(other.owner).written)
    assert theirs.status_code == 200
    assert [row["id"] for row in theirs.json()["data"]] == [other.slug]
    assert PAID_FOR not in theirs.text
