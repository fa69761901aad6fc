"""What receipts and credit notes keep: the seller as it was, and the day of the credit note.

Rows that were there before have no numbers yet, so nothing has to be filled in.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("memberships", "0003_noted")]

    operations = [
        migrations.AddField(
            model_name="purchase",
            name="seller",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                verbose_name="seller on the receipt",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="credited_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="credit note written"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(credit_note_number__isnull=True, credited_at__isnull=True)
                | models.Q(credit_note_number__isnull=False, credited_at__isnull=False),
                name="refund_credit_note_has_its_date",
            ),
        ),
    ]
