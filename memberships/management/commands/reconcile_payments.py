"""Compare what is sold and refunded here with what Stripe knows, now."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from memberships.gateway.refusals import StripeRefused
from memberships.payments import services


class Command(BaseCommand):
    help = (
        "Asks Stripe for every event, sale, refund and dispute of the last days, and takes in what"
        " was lost. It may run at any time. Exit status 1 when something could not be settled."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=30,
            choices=range(1, 31),
            metavar="DAYS",
            help="how far to look back, 1 to 30; Stripe keeps its events for 30 days",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            found = services.reconcile(since=now - timedelta(days=options["days"]), now=now)
        except StripeRefused as refusal:
            raise CommandError(f"Stripe could not be asked: {refusal}") from refusal
        services.take_up(clock=timezone.now)
        self.stdout.write(
            f"{found.new_events} events were new, {found.settled} purchases were settled."
        )
        if found.troubled:
            names = ", ".join(str(one) for one in found.troubled)
            raise CommandError(f"Not settled: {names}. The log says why.")
