"""What staff took note of, on a purchase. PostgreSQL adds the column without rewriting the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("memberships", "0002_money")]

    operations = [
        migrations.AddField(
            model_name="purchase",
            name="noted",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="These sentences are not shown again as long as they hold.",
                verbose_name="what staff took note of",
            ),
        ),
    ]
