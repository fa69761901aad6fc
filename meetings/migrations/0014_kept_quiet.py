from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0013_alerts"),
    ]

    operations = [
        migrations.AddField(
            model_name="quiet",
            name="is_kept",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="tell of it afterwards"
            ),
        ),
    ]
