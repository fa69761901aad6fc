"""Plans, what a purchase holds, refunds, disputes, and the inbox of Stripe's events.

No release has made a Purchase by itself, so there are no old rows in practice. It holds for a
table that has some: what cannot be left empty arrives empty, is filled in for the old rows, and is
closed afterwards. They become attempts that came to nothing, of a plan that is not on offer, since
no money was ever recorded for them. The code of the release before goes on working meanwhile: it
writes no Purchase, and reads only columns that stay.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


def complete_old_purchases(apps, schema_editor):
    """Old rows get a plan, a price and a state that claim nothing."""
    old = apps.get_model("memberships", "Purchase").objects.filter(plan__isnull=True)
    if old.exists():
        before = apps.get_model("memberships", "Plan").objects.create(
            name="Before prices were kept", amount=1, currency="usd", active=False
        )
        old.update(plan=before, amount_total=1, currency="usd", state="expired")
        # PostgreSQL alters no table while checks of its rows are put off to the commit.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


# A purchase that is not committed yet is seen by nobody, and its foreign key is checked at the
# commit: so it locks its plan when it is made, and FOR UPDATE waits for it.
KEEP_TERMS = """
CREATE FUNCTION memberships_plan_keeps_its_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM memberships_plan WHERE id = OLD.id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM memberships_purchase WHERE plan_id = OLD.id) THEN
        RAISE EXCEPTION 'plan_sold_keeps_its_terms: a sold plan is succeeded, not edited'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_sold_keeps_its_terms';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_sold_keeps_its_terms BEFORE UPDATE ON memberships_plan FOR EACH ROW
WHEN ((OLD.name, OLD.amount, OLD.currency, OLD.stripe_price_id, OLD.guarantee_days, OLD.succeeds_id)
    IS DISTINCT FROM
    (NEW.name, NEW.amount, NEW.currency, NEW.stripe_price_id, NEW.guarantee_days, NEW.succeeds_id))
EXECUTE FUNCTION memberships_plan_keeps_its_terms();
CREATE FUNCTION memberships_purchase_holds_its_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM memberships_plan WHERE id = NEW.plan_id FOR KEY SHARE;
    RETURN NEW;
END $$;
CREATE TRIGGER purchase_holds_its_plan BEFORE INSERT ON memberships_purchase FOR EACH ROW
EXECUTE FUNCTION memberships_purchase_holds_its_plan();
"""
FORGET_TERMS = """
DROP TRIGGER purchase_holds_its_plan ON memberships_purchase;
DROP FUNCTION memberships_purchase_holds_its_plan();
DROP TRIGGER plan_sold_keeps_its_terms ON memberships_plan;
DROP FUNCTION memberships_plan_keeps_its_terms();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="As the receipt says it.", max_length=120, verbose_name="name"
                    ),
                ),
                (
                    "amount",
                    models.PositiveBigIntegerField(
                        help_text="In minor units, tax included: 19900 is $199.00.",
                        verbose_name="price",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        help_text="Three letters in lower case: usd.",
                        max_length=3,
                        verbose_name="currency",
                    ),
                ),
                (
                    "stripe_price_id",
                    models.CharField(
                        blank=True,
                        help_text="Begins with price_. Empty: Stripe is told name, price and currency.",
                        max_length=255,
                        verbose_name="Stripe price",
                    ),
                ),
                (
                    "guarantee_days",
                    models.PositiveSmallIntegerField(
                        db_default=30,
                        default=30,
                        help_text="Days with the money back.",
                        verbose_name="guarantee",
                    ),
                ),
                (
                    "active",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="One plan at a time.",
                        verbose_name="on offer",
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
                    "succeeds",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successor",
                        to="memberships.plan",
                        verbose_name="succeeds",
                    ),
                ),
            ],
            options={
                "verbose_name": "plan",
                "verbose_name_plural": "plans",
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "amount",
                    models.BigIntegerField(help_text="In minor units.", verbose_name="amount"),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("self_service", "the member's own button"),
                            ("staff", "staff"),
                            ("dashboard", "Stripe's dashboard"),
                            ("duplicate", "paid twice"),
                            ("oversell", "no place left"),
                            ("account_deleted", "account closed before the payment"),
                            ("orphan_payment", "payment without a purchase"),
                        ],
                        max_length=16,
                        verbose_name="from",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("sending", "being sent"),
                            ("pending", "on its way"),
                            ("requires_action", "waits for the buyer"),
                            ("succeeded", "arrived"),
                            ("failed", "failed"),
                            ("canceled", "canceled"),
                        ],
                        default="requested",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "requested_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="requested",
                    ),
                ),
                (
                    "stripe_refund_id",
                    models.CharField(
                        blank=True, max_length=255, null=True, verbose_name="Stripe's refund"
                    ),
                ),
                (
                    "idempotency_key",
                    models.CharField(blank=True, max_length=255, null=True, verbose_name="key"),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                (
                    "next_try_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="next try",
                    ),
                ),
                (
                    "leased_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="leased until"),
                ),
                ("error", models.TextField(blank=True, verbose_name="what went wrong")),
                (
                    "pending_reason",
                    models.CharField(blank=True, max_length=60, verbose_name="why it takes time"),
                ),
                (
                    "failure_reason",
                    models.CharField(
                        blank=True, max_length=60, null=True, verbose_name="why it failed"
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
                (
                    "legal_entity",
                    models.CharField(blank=True, max_length=40, verbose_name="sold by"),
                ),
                (
                    "credit_note_number",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="credit note number"
                    ),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
            },
        ),
        migrations.CreateModel(
            name="StripeEvent",
            fields=[
                (
                    "event_id",
                    models.CharField(
                        max_length=255, primary_key=True, serialize=False, verbose_name="event"
                    ),
                ),
                ("type", models.CharField(max_length=80, verbose_name="type")),
                (
                    "source",
                    models.CharField(
                        choices=[("webhook", "webhook"), ("reconcile", "reconciliation")],
                        max_length=10,
                        verbose_name="came by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("processing", "in work"),
                            ("processed", "done"),
                            ("ignored", "none of ours"),
                            ("parked", "waits for staff"),
                            ("dead", "failed too often"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at Stripe")),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="received",
                    ),
                ),
                ("livemode", models.BooleanField(verbose_name="real money")),
                (
                    "api_version",
                    models.CharField(blank=True, max_length=60, verbose_name="API version"),
                ),
                ("object_id", models.CharField(max_length=255, verbose_name="about")),
                ("payload", models.JSONField(blank=True, null=True, verbose_name="as it came")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                (
                    "next_try_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="next try",
                    ),
                ),
                (
                    "leased_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="leased until"),
                ),
                ("processed_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("error", models.TextField(blank=True, verbose_name="what went wrong")),
            ],
            options={
                "verbose_name": "Stripe event",
                "verbose_name_plural": "Stripe events",
            },
        ),
        migrations.AddField(
            model_name="purchase",
            name="amount_refunded",
            field=models.BigIntegerField(default=0, verbose_name="refunded"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="amount_tax",
            field=models.BigIntegerField(default=0, verbose_name="tax therein"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="amount_total",
            field=models.BigIntegerField(null=True, verbose_name="amount"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="attempt",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="Part of the key under which a session is asked for.",
                verbose_name="attempt",
            ),
        ),
        migrations.AddField(
            model_name="purchase",
            name="attention",
            field=models.TextField(blank=True, verbose_name="what staff must look at"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="billing_country",
            field=models.CharField(blank=True, max_length=2, verbose_name="country of the bill"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="card_brand",
            field=models.CharField(blank=True, max_length=30, verbose_name="card"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="card_country",
            field=models.CharField(blank=True, max_length=2, verbose_name="country of the card"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="card_last4",
            field=models.CharField(blank=True, max_length=4, verbose_name="last four digits"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="charge_id",
            field=models.CharField(blank=True, max_length=255, null=True, verbose_name="charge"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="checkout_session_id",
            field=models.CharField(blank=True, max_length=255, null=True, verbose_name="session"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="checkout_url",
            field=models.TextField(blank=True, verbose_name="address of the checkout"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="currency",
            field=models.CharField(max_length=3, null=True, verbose_name="currency"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="checkout closes"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="kind",
            field=models.CharField(
                choices=[("self", "for oneself"), ("gift", "as a gift")],
                default="self",
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="purchase",
            name="legal_entity",
            field=models.CharField(blank=True, max_length=40, verbose_name="sold by"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="livemode",
            field=models.BooleanField(default=False, verbose_name="real money"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="paid_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="paid"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="payment_intent_id",
            field=models.CharField(blank=True, max_length=255, null=True, verbose_name="payment"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="place",
            field=models.CharField(
                choices=[("none", "none"), ("held", "held"), ("sold", "sold")],
                default="none",
                max_length=4,
                verbose_name="place",
            ),
        ),
        migrations.AddField(
            model_name="purchase",
            name="receipt_number",
            field=models.PositiveBigIntegerField(
                blank=True, null=True, verbose_name="receipt number"
            ),
        ),
        migrations.AddField(
            model_name="purchase",
            name="receipt_url",
            field=models.TextField(blank=True, verbose_name="Stripe's receipt"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="refundable_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="guarantee ends"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="return_to",
            field=models.CharField(blank=True, max_length=500, verbose_name="way back"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="state",
            field=models.CharField(
                choices=[
                    ("created", "created"),
                    ("open", "at Checkout"),
                    ("processing", "payment on its way"),
                    ("paid", "paid"),
                    ("refund_pending", "refund on its way"),
                    ("refunded", "refunded"),
                    ("disputed", "disputed"),
                    ("charged_back", "charged back by the bank"),
                    ("expired", "expired"),
                    ("payment_failed", "payment failed"),
                ],
                default="created",
                max_length=16,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="purchase",
            name="tax_breakdown",
            field=models.JSONField(default=list, verbose_name="tax lines, as Stripe reports them"),
        ),
        migrations.AddField(
            model_name="purchase",
            name="version",
            field=models.PositiveIntegerField(default=0, verbose_name="version"),
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "stripe_dispute_id",
                    models.CharField(
                        max_length=255,
                        primary_key=True,
                        serialize=False,
                        verbose_name="Stripe's dispute",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("warning_needs_response", "inquiry, needs an answer"),
                            ("warning_under_review", "inquiry, under review"),
                            ("warning_closed", "inquiry, closed"),
                            ("needs_response", "needs an answer"),
                            ("under_review", "under review"),
                            ("won", "won"),
                            ("lost", "lost"),
                            ("prevented", "prevented"),
                        ],
                        max_length=24,
                        verbose_name="status",
                    ),
                ),
                ("reason", models.CharField(max_length=60, verbose_name="reason")),
                (
                    "amount",
                    models.BigIntegerField(help_text="In minor units.", verbose_name="amount"),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "charge_is_refundable",
                    models.BooleanField(default=False, verbose_name="can still be refunded"),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                (
                    "evidence_due_by",
                    models.DateTimeField(blank=True, null=True, verbose_name="evidence is due"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="disputes",
                        to="memberships.purchase",
                        verbose_name="purchase",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("legal_entity", models.CharField(max_length=40, verbose_name="legal entity")),
                (
                    "kind",
                    models.CharField(
                        choices=[("receipt", "receipts"), ("credit_note", "credit notes")],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "last",
                    models.PositiveBigIntegerField(
                        db_default=0, default=0, verbose_name="last number"
                    ),
                ),
            ],
            options={
                "verbose_name": "number series",
                "verbose_name_plural": "number series",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "kind"), name="one_series_per_legal_entity_and_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["receipt", "credit_note"])),
                        name="number_series_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("legal_entity", ""), _negated=True),
                        name="number_series_names_its_legal_entity",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanStock",
            fields=[
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stock",
                        serialize=False,
                        to="memberships.plan",
                        verbose_name="plan",
                    ),
                ),
                ("capacity", models.PositiveIntegerField(verbose_name="places")),
                ("held", models.IntegerField(db_default=0, default=0, verbose_name="held")),
                ("sold", models.IntegerField(db_default=0, default=0, verbose_name="sold")),
            ],
            options={
                "verbose_name": "places of a plan",
                "verbose_name_plural": "places of plans",
            },
        ),
        migrations.AddField(
            model_name="purchase",
            name="plan",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="purchases",
                to="memberships.plan",
                verbose_name="plan",
            ),
        ),
        migrations.RunPython(complete_old_purchases, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="purchase",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="purchases",
                to="memberships.plan",
                verbose_name="plan",
            ),
        ),
        migrations.AlterField(
            model_name="purchase",
            name="amount_total",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="purchase",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(
                condition=models.Q(("state__in", ["created", "open", "processing"])),
                fields=["expires_at"],
                name="purchase_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind", "self"),
                    ("state__in", ["created", "open", "processing"]),
                    ("user__isnull", False),
                ),
                fields=("user",),
                name="one_open_purchase_per_user",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                fields=("checkout_session_id",), name="one_purchase_per_checkout_session"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                fields=("payment_intent_id",), name="one_purchase_per_payment_intent"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                fields=("charge_id",), name="one_purchase_per_charge"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                fields=("legal_entity", "receipt_number"), name="one_purchase_per_receipt_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "created",
                            "open",
                            "processing",
                            "paid",
                            "refund_pending",
                            "refunded",
                            "disputed",
                            "charged_back",
                            "expired",
                            "payment_failed",
                        ],
                    )
                ),
                name="purchase_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["self", "gift"])), name="purchase_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("place", "none"),
                    models.Q(("place", "held"), ("state__in", ["created", "open", "processing"])),
                    models.Q(
                        ("place", "sold"),
                        (
                            "state__in",
                            ["paid", "refund_pending", "refunded", "disputed", "charged_back"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="purchase_place_fits_its_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_total__gt", 0)), name="purchase_costs_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_tax__gte", 0), ("amount_tax__lte", models.F("amount_total"))
                ),
                name="purchase_tax_is_part_of_the_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_refunded__gte", 0), ("amount_refunded__lte", models.F("amount_total"))
                ),
                name="purchase_refunds_never_exceed",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refunded"), _negated=True),
                    ("amount_refunded", models.F("amount_total")),
                    _connector="OR",
                ),
                name="purchase_refunded_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[a-z]{3}$")),
                name="purchase_currency_is_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["open", "processing"]), _negated=True),
                    models.Q(("checkout_session_id__isnull", False), ("expires_at__isnull", False)),
                    _connector="OR",
                ),
                name="purchase_open_has_a_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "state__in",
                            ["paid", "refund_pending", "refunded", "disputed", "charged_back"],
                        ),
                        _negated=True,
                    ),
                    models.Q(
                        ("paid_at__isnull", False),
                        ("payment_intent_id__isnull", False),
                        ("refundable_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="purchase_bought_has_its_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refundable_until__isnull", True),
                    ("refundable_until__gt", models.F("paid_at")),
                    _connector="OR",
                ),
                name="purchase_guarantee_outlasts_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("receipt_number__isnull", True),
                    models.Q(
                        models.Q(("legal_entity", ""), _negated=True), ("paid_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="purchase_receipt_has_seller_and_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(("return_to__regex", "^(/([^/\\\\[:cntrl:]][^[:cntrl:]]*)?)?$")),
                name="purchase_returns_to_this_site",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="purchase",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="refunds",
                to="memberships.purchase",
                verbose_name="purchase",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="requested by",
            ),
        ),
        migrations.AddField(
            model_name="stripeevent",
            name="purchase",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="events",
                to="memberships.purchase",
                verbose_name="purchase",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "warning_needs_response",
                            "warning_under_review",
                            "needs_response",
                            "under_review",
                            "won",
                            "lost",
                            "prevented",
                            "warning_closed",
                        ],
                    )
                ),
                name="dispute_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("status__in", ["won", "lost", "prevented", "warning_closed"]),
                    ),
                    models.Q(
                        models.Q(
                            ("status__in", ["won", "lost", "prevented", "warning_closed"]),
                            _negated=True,
                        ),
                        ("closed_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="dispute_has_end_time_when_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0)), name="dispute_amount_is_a_sum"
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[a-z]{3}$")),
                name="dispute_currency_is_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="planstock",
            constraint=models.CheckConstraint(
                condition=models.Q(("held__gte", 0), ("sold__gte", 0)),
                name="stock_is_never_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="planstock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "capacity__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("held"), "+", models.F("sold")
                        ),
                    )
                ),
                name="stock_is_never_oversold",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("active", True)),
                fields=("active",),
                name="one_plan_on_offer",
                violation_error_message="Another plan is on offer. Succeed that one instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="plan_costs_something",
                violation_error_message="A plan costs something.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[a-z]{3}$")),
                name="plan_currency_is_lower_case",
                violation_error_message="A currency is three letters in lower case, as in usd.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stripe_price_id", ""),
                    ("stripe_price_id__startswith", "price_"),
                    _connector="OR",
                ),
                name="plan_stripe_price_is_one",
                violation_error_message="Stripe's prices begin with price_.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("guarantee_days__gte", 1), ("guarantee_days__lte", 365)),
                name="plan_guarantee_is_a_year_at_most",
                violation_error_message="A guarantee lasts from 1 to 365 days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("succeeds", models.F("id")), _negated=True),
                name="plan_does_not_succeed_itself",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state__in", ["requested", "sending"])),
                fields=["next_try_at"],
                name="refund_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=("stripe_refund_id",), name="one_refund_per_stripe_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=("idempotency_key",), name="one_refund_per_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=("legal_entity", "credit_note_number"),
                name="one_refund_per_credit_note_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["requested", "sending", "pending", "requires_action"]),
                    models.Q(("origin", "dashboard"), _negated=True),
                ),
                fields=("purchase",),
                name="one_inflight_refund",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin", "self_service"), ("state", "succeeded")),
                fields=("purchase",),
                name="one_self_service_success",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "requested",
                            "sending",
                            "pending",
                            "requires_action",
                            "succeeded",
                            "failed",
                            "canceled",
                        ],
                    )
                ),
                name="refund_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "origin__in",
                        [
                            "self_service",
                            "staff",
                            "dashboard",
                            "duplicate",
                            "oversell",
                            "account_deleted",
                            "orphan_payment",
                        ],
                    )
                ),
                name="refund_origin_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="refund_returns_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin", "dashboard"), ("idempotency_key__isnull", False), _connector="OR"
                ),
                name="refund_of_ours_has_a_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["pending", "requires_action", "succeeded"]), _negated=True
                    ),
                    ("stripe_refund_id__isnull", False),
                    _connector="OR",
                ),
                name="refund_at_stripe_has_its_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settled_at__isnull", False),
                        ("state__in", ["succeeded", "failed", "canceled"]),
                    ),
                    models.Q(
                        models.Q(("state__in", ["succeeded", "failed", "canceled"]), _negated=True),
                        ("settled_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="refund_has_end_time_when_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True),
                    ("failure_reason__isnull", False),
                    _connector="OR",
                ),
                name="refund_failed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("leased_until__isnull", False), ("state", "sending")),
                    models.Q(
                        models.Q(("state", "sending"), _negated=True),
                        ("leased_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="refund_has_lease_while_sending",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credit_note_number__isnull", True),
                    models.Q(("legal_entity", ""), _negated=True),
                    _connector="OR",
                ),
                name="refund_credit_note_has_its_seller",
            ),
        ),
        migrations.AddIndex(
            model_name="stripeevent",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "processing", "parked"])),
                fields=["created_at", "event_id"],
                name="stripe_event_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("event_id__startswith", "evt_")), name="stripe_event_id_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["received", "processing", "parked", "processed", "ignored", "dead"],
                    )
                ),
                name="stripe_event_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["webhook", "reconcile"])),
                name="stripe_event_source_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("leased_until__isnull", False), ("state", "processing")),
                    models.Q(
                        models.Q(("state", "processing"), _negated=True),
                        ("leased_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="stripe_event_has_lease_in_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("processed_at__isnull", False), ("state", "processed")),
                    models.Q(
                        models.Q(("state", "processed"), _negated=True),
                        ("processed_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="stripe_event_has_end_time_when_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="stripeevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["parked", "dead"]), _negated=True),
                    models.Q(("error", ""), _negated=True),
                    _connector="OR",
                ),
                name="stripe_event_in_trouble_says_why",
            ),
        ),
        migrations.RunSQL(KEEP_TERMS, FORGET_TERMS),
    ]
