"""Front-end packages: the few files that are taken from npm, and hashed names for all."""

import builtins
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PackageFinder(BaseFinder):
    """Finds what `NPM_FILES` names in `node_modules`, and nothing else there."""

    def find(self, path: str, find_all: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's
        source = settings.NPM_FILES.get(path)
        found = str(settings.NPM_ROOT / source) if source else None
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        for path, source in settings.NPM_FILES.items():
            yield path, _OneFile(settings.NPM_ROOT / source)

    def check(self, **kwargs: Any) -> builtins.list[CheckMessage]:
        if not settings.NPM_ROOT.is_dir():
            return []  # a server that only runs collected files has no node_modules
        return [
            Error(f"The npm file {source} is not there. Run make node_modules.", id="site.E001")
            for source in settings.NPM_FILES.values()
            if not (settings.NPM_ROOT / source).is_file()
        ]


class _OneFile(FileSystemStorage):
    """Serves one file of a package under the name it has on the site."""

    def __init__(self, source: Path) -> None:
        super().__init__(location=source.parent)
        self.source = source

    def path(self, name: str) -> str:
        return str(self.source)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed names, for modules that import one another too."""

    support_js_module_import_aggregation = True
