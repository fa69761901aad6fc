"""Load the demonstration: meetings with their videos, accounts, a plan."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.site import demonstration


class Command(BaseCommand):
    help = (
        "Loads two meetings of a made-up town, three accounts and something to buy, and prints"
        " them. Running it again changes nothing. It refuses to run in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-videos", action="store_true", help="leave out the videos of the meetings"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for line in demonstration.load(now=timezone.now()):
                self.stdout.write(f"  {line}")
            if not options["no_videos"]:
                for line in demonstration.load_recordings(now=timezone.now()):
                    self.stdout.write(f"  {line}")
        except demonstration.NotHere as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\nDemonstration accounts (e-mail, password):")
        for account in demonstration.ACCOUNTS:
            self.stdout.write(f"  {account.email:<20} {account.password:<24} {account.role}")
