from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0006_following")]

    operations = [
        migrations.CreateModel(
            name="FruitlessSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="search")),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="times")),
            ],
            options={
                "verbose_name": "search without results",
                "verbose_name_plural": "searches without results",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "text"), name="fruitless_search_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="fruitless_search_month"
                    ),
                ],
            },
        ),
    ]
