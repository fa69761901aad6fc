"""Is the database new or behind? Told from files, because asking Django takes a second each time.

The fingerprint covers the migrations of this checkout, byte for byte, and the names and versions of
all installed packages, whose migrations come with them. It is written down when `migrate` has
succeeded, so another branch or a new package brings it about again.
"""

import hashlib
import os
import sys
import sysconfig
from pathlib import Path

from .attention import Attention
from .folders import ROOT
from .terminal import say


def bring_up(home: Path, attention: Attention, environment: dict[str, str]) -> int:
    """Run `manage.py migrate` if the fingerprint kept in `home` is another; return its status.

    Raises Interrupted if a signal arrives meanwhile.
    """
    kept = home / "migrated"
    now = _fingerprint()
    if not (ROOT / "manage.py").exists() or (kept.exists() and kept.read_text() == now):
        return 0
    say("Migrating the database")
    status = attention.run(
        [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--verbosity", "0"],
        os.environ | environment,
    )
    attention.check()
    if status == 0:
        kept.write_text(now)
    else:
        say(f"`manage.py migrate` ended with status {status}; nothing else was run.")
    return status


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in ("*/migrations/*.py", "*/*/migrations/*.py"):
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    digest.update("\0".join(sorted(path.name for path in packages)).encode())
    return digest.hexdigest()
