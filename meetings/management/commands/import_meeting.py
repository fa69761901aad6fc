"""Bring meetings in from caption files, recordings, folders and manifests."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from meetings.intake import services
from meetings.intake.parcels import (
    Defaults,
    Offered,
    bundles,
    in_order,
    of_a_folder,
    open_bundle,
)
from meetings.intake.repairs import Refused
from meetings.records.models import State
from meetings.records.services import IllegalMove


class Command(BaseCommand):
    help = (
        "Takes in caption files (WebVTT, SRT, timed JSON, CTM), folders of them, and folders with"
        " a meeting.json, which may name a recording. Each meeting is stored whole or not at all;"
        " exit status 1 when one was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="+", type=Path, metavar="PATH", help="a file or folder")
        parser.add_argument("--body", default="", metavar="SLUG", help="the body that met")
        parser.add_argument(
            "--held-on", type=_day, metavar="DATE", help="the day, such as 2026-09-14"
        )
        parser.add_argument("--title", default="", help="the title of the meeting")
        parser.add_argument(
            "--language", default="", metavar="TAG", help="the language spoken, such as en"
        )
        parser.add_argument(
            "--recording",
            type=Path,
            metavar="FILE",
            help="the video or audio of the meeting; PATH is one meeting then",
        )
        parser.add_argument("--publish", action="store_true", help="publish what was taken")

    def handle(self, *args: Any, **options: Any) -> None:
        defaults = Defaults(
            body=options["body"],
            held_on=options["held_on"],
            title=options["title"],
            language=options["language"],
        )
        files = in_order(file for path in options["path"] for file in _files(path))
        whole = list(bundles(files))
        recording: Path | None = options["recording"]
        if recording is not None and len(whole) != 1:
            raise CommandError(f"A recording belongs to one meeting, and here are {len(whole)}.")
        refused = 0
        with tqdm(whole, unit="meeting", disable=None, leave=False) as progress:
            for bundle in progress:
                progress.set_postfix_str(bundle.name[:40])
                try:
                    parcel = open_bundle(bundle, defaults)
                    if recording is not None:
                        parcel = replace(parcel, recording=_offered(recording))
                    taken = services.take_in(parcel=parcel, by=None, now=timezone.now())
                    if options["publish"] and taken.meeting.state != State.PUBLISHED:
                        services.publish_meeting(meeting=taken.meeting, now=timezone.now())
                except (Refused, IllegalMove, OSError) as error:
                    refused += 1
                    self._say(f"✗ {bundle.name}: {_sentence(error)}")
                else:
                    self._say(f"✓ {bundle.name}: {_became(taken)}")
                    for sentence in (*taken.notes, *taken.repairs):
                        self._say(f"    {sentence}")
        self._say(f"{len(whole) - refused} of {len(whole)} taken, {refused} refused.")
        if refused:
            raise CommandError(f"{refused} of {len(whole)} refused.", returncode=1)

    def _say(self, line: str) -> None:
        with tqdm.external_write_mode(file=None):
            self.stdout.write(line)


def _files(path: Path) -> Iterator[Offered]:
    """What a path offers. A folder is read to its ground; captions and manifests count, and what
    lies beside a manifest.
    """
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if file.is_file()]
        yield from of_a_folder(_offered(file, within=path.resolve()) for file in found)
    elif path.exists():
        yield _offered(path)
    else:
        raise CommandError(f"There is no file or folder {path}.")


def _offered(file: Path, within: Path | None = None) -> Offered:
    """A file of a folder is one that lies there: a link that leads out of it is not followed."""

    def opened() -> IO[bytes]:
        if within is not None and not file.resolve().is_relative_to(within):
            raise Refused(f"“{file.name}” is a link that leads out of the folder.")
        return file.open("rb")

    def read() -> bytes:
        with opened() as stream:
            return stream.read()

    return Offered(str(file), file.stat().st_size, read, opened)


def _became(taken: services.Taken) -> str:
    if taken.outcome is services.Outcome.UNCHANGED:
        return "known already, nothing changed."
    new = "a new version" if taken.outcome is services.Outcome.NEW_VERSION else "a new meeting"
    cues, segments = f"{taken.cue_count:,} cues", f"{taken.segment_count:,} segments"
    return f"{new}, {cues} became {segments} (meeting {taken.meeting.pk})."


def _sentence(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, OSError):
        return f"The file cannot be read: {error.strerror}."
    return str(error)


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{value}” is not a day such as 2026-09-14.") from error
