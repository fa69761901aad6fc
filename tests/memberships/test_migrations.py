"""The step from 0001: it holds for rows that were there, and can be undone."""

import uuid

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

FIRST = [("memberships", "0001_first")]
MONEY = [("memberships", "0002_money")]


@pytest.fixture
def migrate():
    """Go to a state and give its models; afterwards all is as new as it was."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()

    def to(state):
        executor = MigrationExecutor(connection)
        executor.migrate(state)
        return MigrationExecutor(connection).loader.project_state(state).apps

    yield to
    MigrationExecutor(connection).migrate(newest)


def of(apps, name):
    return apps.get_model("memberships", name).objects


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_old_purchases_claim_nothing_and_their_memberships_stay(migrate):
    apps = migrate(FIRST)  # which undoes all that came after
    user = of(apps, "User").create(email="ada@example.org")
    bought, given_up = uuid.uuid4(), uuid.uuid4()
    for one in (bought, given_up):
        of(apps, "Purchase").create(id=one, user=user)
    of(apps, "Membership").create(
        user=user, source="purchase", purchase_id=bought, started_at=timezone.now()
    )
    apps = migrate(MONEY)
    for purchase in of(apps, "Purchase").all():
        assert (purchase.state, purchase.amount_total, purchase.currency) == ("expired", 1, "usd")
        assert (purchase.plan.name, purchase.plan.active) == ("Before prices were kept", False)
    assert set(of(apps, "Purchase").values_list("id", flat=True)) == {bought, given_up}
    assert of(apps, "Plan").count() == 1
    assert of(apps, "Membership").get().purchase_id == bought
