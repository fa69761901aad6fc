"""Print the public keys of clips' manifests, as the setting CLIP_FORMER_KEYS takes them."""

from typing import Any

from django.core.management.base import BaseCommand

from meetings.clips import signing


class Command(BaseCommand):
    help = "Prints the public keys that manifests of clips are checked with, the current one first."

    def handle(self, *args: Any, **options: Any) -> None:
        for key in signing.written():
            self.stdout.write(key)
