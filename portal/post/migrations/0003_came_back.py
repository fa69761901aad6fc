from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What the round that heeds bounces looks for. Nobody waits while it is built."""

    atomic = False

    dependencies = [
        ("post", "0002_lists"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state__in", ["refused", "dead"])),
                fields=["ended_at"],
                name="mail_that_came_back",
            ),
        ),
    ]
