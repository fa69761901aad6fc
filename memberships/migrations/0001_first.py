"""User, Purchase, Membership."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "display_name",
                    models.CharField(
                        blank=True,
                        help_text="Shown beside what you publish here.",
                        max_length=80,
                        verbose_name="name",
                    ),
                ),
                (
                    "experience",
                    models.CharField(
                        blank=True,
                        choices=[("classic", "Classic"), ("new", "New")],
                        help_text="How the site is laid out. Empty: what the site shows to everybody.",
                        max_length=10,
                        verbose_name="experience",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Cleared: this person cannot sign in.",
                        verbose_name="active",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="May open the administration, and reads everything.",
                        verbose_name="staff",
                    ),
                ),
                (
                    "joined_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="joined",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.CreateModel(
            name="Purchase",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="purchases",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "purchase",
                "verbose_name_plural": "purchases",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("suspended", "suspended"),
                            ("ended", "ended"),
                        ],
                        db_default="active",
                        default="active",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("grant", "granted by staff"),
                            ("purchase", "bought"),
                            ("gift", "a gift"),
                            ("institution", "through an institution"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="since")),
                (
                    "lasts_until",
                    models.DateTimeField(
                        blank=True, help_text="Empty: for life.", null=True, verbose_name="until"
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("refunded", "refunded"),
                            ("charged_back", "charged back by the bank"),
                            ("account_deleted", "account closed"),
                            ("staff", "ended by staff"),
                            ("ran_out", "ran out"),
                            ("bought", "replaced by a bought one"),
                        ],
                        max_length=16,
                        null=True,
                        verbose_name="why it ended",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note for staff")),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="memberships",
                        to="memberships.purchase",
                        verbose_name="purchase",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
            },
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                fields=("email",),
                name="one_account_per_email",
                violation_error_message="There is an account with this e-mail address already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="user_email_is_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("experience__in", ["", "classic", "new"])),
                name="user_experience_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(
                    models.Q(("status", "ended"), _negated=True), ("lasts_until__isnull", False)
                ),
                fields=["lasts_until"],
                name="membership_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("status", "ended"), _negated=True), ("user__isnull", False)
                ),
                fields=("user",),
                name="one_live_membership_per_user",
                violation_error_message="This person has a membership already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("purchase",), name="one_membership_per_purchase"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "suspended", "ended"])),
                name="membership_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["grant", "purchase", "gift", "institution"])),
                name="membership_source_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_reason__isnull", True),
                    (
                        "end_reason__in",
                        [
                            "refunded",
                            "charged_back",
                            "account_deleted",
                            "staff",
                            "ran_out",
                            "bought",
                        ],
                    ),
                    _connector="OR",
                ),
                name="membership_end_reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("status", "ended")),
                    models.Q(
                        models.Q(("status", "ended"), _negated=True), ("ended_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="membership_has_end_time_when_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_reason__isnull", False), ("status", "ended")),
                    models.Q(
                        models.Q(("status", "ended"), _negated=True), ("end_reason__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="membership_has_end_reason_when_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source__in", ["purchase", "gift"]), _negated=True),
                    ("purchase__isnull", False),
                    _connector="OR",
                ),
                name="membership_bought_has_purchase",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lasts_until__isnull", True),
                    ("lasts_until__gt", models.F("started_at")),
                    _connector="OR",
                ),
                name="membership_lasts_past_its_start",
            ),
        ),
    ]
