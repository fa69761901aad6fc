from django.db import migrations, models


def forget(apps, schema_editor):
    """Backwards: rows of a kind that is not known any more go. The sweeper finds their files."""
    apps.get_model("meetings", "Rendering").objects.filter(kind="audio").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0014_kept_quiet"),
    ]

    # The table has a few rows for each clip: checking them anew takes a second for a million.
    operations = [
        migrations.AlterField(
            model_name="rendering",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ends", "End pieces of the playlist"),
                    ("plain", "Video as it was recorded"),
                    ("wide", "Captions in the picture, 16:9"),
                    ("square", "Captions in the picture, 1:1"),
                    ("tall", "Captions in the picture, 9:16"),
                    ("audio", "Sound alone"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.RemoveConstraint(model_name="rendering", name="rendering_kind_known"),
        migrations.AddConstraint(
            model_name="rendering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["ends", "plain", "wide", "square", "tall", "audio"])
                ),
                name="rendering_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="rendering",
            index=models.Index(
                condition=models.Q(("kind", "audio"), ("state", "ready")),
                fields=["-asked_at"],
                name="rendering_newest_audio",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget),
    ]
