"""Write all that members may have into a folder."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from tqdm import tqdm

from meetings.data.bulk import keeping, making


class Command(BaseCommand):
    help = (
        "Writes a snapshot of all open data into a new folder: Parquet and gzipped NDJSON by table"
        " and month, and a manifest. It is what members download, taken now."
    )

    # It reads, and needs no addresses: looking at them all would take more memory than the rows do.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="a folder that is not there")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        folder: Path = options["folder"]
        with tqdm(unit="month", disable=None, leave=False) as bar:

            def report(done: int, of: int, rows: int) -> None:
                bar.total = of
                bar.set_postfix_str(f"{rows:,} rows", refresh=False)
                bar.update(done - bar.n)

            try:
                manifest = making.by_hand(folder, report=report)
            except making.Taken as error:
                raise CommandError(f"{folder} is there already. Name a new folder.") from error
            except keeping.Busy as error:
                raise CommandError(f"Another process writes {folder} at this moment.") from error
            except (OSError, OperationalError) as error:
                raise CommandError(f"Nothing was written: {error}.") from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{manifest.row_count:,} rows, {manifest.size_bytes / 1e6:,.1f} MB,"
            f" {len(list(manifest.files())):,} files in {seconds:,.1f} s: {folder}"
        )
