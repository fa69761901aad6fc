from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What each poll of a feed and each minute look for. Nobody waits while it is built."""

    atomic = False

    dependencies = [
        ("meetings", "0015_sound_of_clips"),
    ]

    operations = [
        # No version that was released knows this column.
        migrations.RemoveField(model_name="channel", name="notice_seen_at"),
        AddIndexConcurrently(
            model_name="channel",
            index=models.Index(
                condition=models.Q(("kind", "feed")),
                fields=["secret"],
                name="channel_feed_secret",
            ),
        ),
        AddIndexConcurrently(
            model_name="storedtree",
            index=models.Index(fields=["filing"], name="stored_tree_filing"),
        ),
    ]
