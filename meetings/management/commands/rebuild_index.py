"""Build the search index anew."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from meetings.search.building import rebuild
from meetings.search.folder import Busy, Folder
from meetings.search.queries import indexable
from meetings.search.writing import NoRoom


class Command(BaseCommand):
    help = (
        "Builds the search index anew from the database, beside the one in use, and swaps the two"
        " when it is whole. Searches go on meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--threads", type=int, default=1, help="how many threads write, 1 unless told"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        with tqdm(total=indexable().count(), unit="meeting", disable=None, leave=False) as bar:
            try:
                built = rebuild(
                    Folder(Path(settings.INDEX_ROOT)),
                    progress=lambda _documents: bar.update(),
                    threads=options["threads"],
                )
            except Busy as error:
                raise CommandError("The index is being built by another process.") from error
            except NoRoom as error:
                raise CommandError(
                    f"The index could not be written: {error}. The old one stays in use."
                ) from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{built.meetings:,} meetings, {built.documents:,} documents in {seconds:,.1f} s."
        )
