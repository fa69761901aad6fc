"""Plant each mutant in a copy of the tree, and see whether the tests named for it go red.

`make mutants`, or `python -m portal.embedded --throwaway python tests/mutants/run.py [WORD…]` for
those whose names hold a word. Prints a table; the exit status is 1 where a mutant survives, and 2
where the tests fail without any.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutants import MUTANTS, planted

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".local", ".venv", "node_modules", "__pycache__", ".*_cache", ".hypothesis"
)
SHOWN = 2  # red tests named in the table


def main(words):
    """Plant, test, tell."""
    chosen = [one for one in MUTANTS if not words or any(word in one.name for word in words)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT, symlinks=True)
        if (ROOT / "node_modules").exists():
            (tree / "node_modules").symlink_to(ROOT / "node_modules")
        red, said = tested(tree, sorted({name for one in chosen for name in one.tests}))
        if red or said is None:
            print("Without any mutant these fail:", *red, said, sep="\n")
            return 2
        survivors = 0
        print(
            f"| mutant | red tests | |\n|---|---|---|\n| none | 0 of {said} | lives |", flush=True
        )
        for mutant in chosen:
            survivors += not killed(mutant, tree)
    print(f"\n{len(chosen)} mutants, {survivors} survive.")
    return 1 if survivors else 0


def killed(mutant, tree):
    """Whether a test saw it; tells of it in a line of the table."""
    before = {path: (tree / path).read_text() for path in {one.path for one in mutant.changes}}
    texts = planted(mutant, lambda path: before[path])
    for path, text in texts.items():
        (tree / path).write_text(text)
    began = time.monotonic()
    red, _said = tested(tree, mutant.tests)
    for path, text in before.items():
        (tree / path).write_text(text)
    shown = ", ".join(f"`{name.rpartition('::')[2]}`" for name in red[:SHOWN])
    more = f" and {len(red) - SHOWN} more" if len(red) > SHOWN else ""
    came_of_it = f"dies ({time.monotonic() - began:.0f} s)" if red else "**survives**"
    print(f"| {mutant.name} | {shown}{more} | {came_of_it} |", flush=True)
    return bool(red)


def tested(tree, names):
    """The names of the tests that failed, and pytest's count of the others."""
    shared = (ROOT / ".." / "shared").resolve()
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "--reuse-db"),
            *("-p", "no:cacheprovider", *names),
        ],
        cwd=tree,
        env={
            "SAMPLE_DATA": str(shared / "data"),
            "STRIPE_OPENAPI": str(shared / "stripe" / "stripe-openapi-subset.json"),
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    red = re.findall(r"^FAILED (\S+)", run.stdout, re.MULTILINE)
    if run.returncode > 1 and not red:  # pytest itself could not run: that is no red test
        raise SystemExit(run.stdout[-3_000:] + run.stderr[-3_000:])
    passed = re.search(r"(\d+) passed", run.stdout)
    return red, passed and int(passed[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
