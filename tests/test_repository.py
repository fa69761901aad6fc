"""What holds for every file of the repository, whoever wrote it and whatever it is about."""

import ast
import io
import json
import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONG = 300  # lines
LONG_TEST = 600  # lines: tests are looked up, not read through

# A longer file has one subject that loses by being cut in two; say why.
MAY_BE_LONG = {
    "portal/settings.py": "one file by design, read from top to bottom by whoever runs the site",
    ".env.example": "one file by its use: a sentence and an example for each setting",
    "pyproject.toml": "one file by its format, for every tool and contract",
    "requirements.lock": "made by a tool",
    "requirements-speech.lock": "made by a tool",
    "requirements-dev.lock": "made by a tool",
    "portal/site/demo/2026-09-14-city-council/transcript.vtt": "a meeting, as long as it was",
    "portal/site/demo/2026-09-14-city-council/captions.vtt": "a meeting, as long as it was",
    "portal/site/demo/2026-10-05-school-board/transcript.vtt": "a meeting, as long as it was",
    "portal/site/demo/2026-10-05-school-board/captions.vtt": "a meeting, as long as it was",
}

# What is marked safe without being a literal, and why it is.
MAY_BE_SAFE = {
    "meetings/templatetags/words.py: mark_safe": "15,000 on a page; all words are escaped before",
    "portal/post/rendering.py: autoescape": "the plain text of a mail, which is not HTML",
}

# The one door to Stripe, and the tests that hold the sandbox to the SDK's own words.
SPEAK_TO_STRIPE = (
    "memberships/gateway/",
    "tests/memberships/gateway/",
    "tests/memberships/payments/test_webhook.py",  # signs as the SDK signs
    "tests/memberships/sandboxed.py",
    "tests/memberships/stripe_contract.py",
)

REGISTRIES = [  # as patterns, which do not match themselves
    r"pypi\.org", r"pythonhosted\.org", r"npmjs\.(?:org|com)", r"yarnpkg\.com", r"jsr\.io",
    r"docker\.(?:io|com)", r"ghcr\.io", r"quay\.io", r"\bgcr\.io", r"unpkg\.com", r"jsdelivr\.net",
    r"artifactor[y]", r"--(?:extra-)?index[-]url", r"^registry\s*=",
]  # fmt: skip


@cache
def tracked():
    """Every file that git tracks and that is still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def name_of(path):
    return str(path.relative_to(ROOT))


def texts(*suffixes):
    """(name, text) of the tracked text files, or of those that end in one of the suffixes."""
    for path in tracked():
        if suffixes and path.suffix not in suffixes:
            continue
        try:
            yield name_of(path), path.read_text()
        except UnicodeDecodeError:
            assert path.suffix not in {".py", ".html", ".md", ".toml"}, path


def python():
    """(name, text) of the tracked Python files, migrations left out: Django writes those."""
    return ((name, text) for name, text in texts(".py") if "/migrations/" not in name)


def comments(text):
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return ((one.start[0], one.string) for one in tokens if one.type == tokenize.COMMENT)


def test_git_tells_what_is_tracked():
    assert ROOT / "pyproject.toml" in tracked()
    assert len(tracked()) > 100


def test_no_file_names_a_registry():
    found = [
        f"{name}: {hit[0]}"
        for name, text in texts()
        for pattern in REGISTRIES
        if (hit := re.search(pattern, text, re.MULTILINE | re.IGNORECASE))
    ]
    assert found == []


def test_lock_files_have_hashes_and_no_addresses():
    for lock in sorted(ROOT.glob("requirements*.lock")):
        text = lock.read_text()
        assert "://" not in text, lock.name
        for pinned in re.split(r"\n(?=[a-z0-9])", text.strip(), flags=re.IGNORECASE):
            if not pinned.startswith("#"):
                assert re.match(r"[\w.\[\],-]+==\S+ ", pinned), (lock.name, pinned[:60])
                assert "--hash=sha256:" in pinned, (lock.name, pinned[:60])
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert len(packages) > 1
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name


def test_nothing_switches_escaping_off_in_templates():
    found = [
        f"{name}: {hit[0]}"
        for name, text in texts(".html", ".txt", ".xml")
        if (hit := re.search(r"\|\s*safe(?:seq)?\b|\{%-?\s*autoescape\s+off", text))
        and not (name.endswith(".txt") and "autoescape" in hit[0])  # plain mail is not HTML
    ]
    assert found == []


def test_nothing_switches_escaping_off_in_code():
    """`mark_safe` is for a text that stands in the code; what comes in goes through format_html."""
    found = []
    for name, text in python():
        if name.startswith("tests/"):
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func).rpartition(".")[2]
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            literal = all(isinstance(one, ast.Constant) for one in given)
            if called in {"mark_safe", "SafeString", "SafeText"} and not literal:
                found.append(f"{name}: {called}")
            if any(keyword.arg == "autoescape" for keyword in node.keywords):
                found.append(f"{name}: autoescape")
    assert found == list(MAY_BE_SAFE)


def test_stripe_s_sdk_is_imported_by_the_gateway_and_by_tests_that_hold_the_sandbox_to_it():
    found = {
        name
        for name, text in python()
        if re.search(r"^\s*(?:import stripe\b|from stripe\b)", text, re.MULTILINE)
    }
    others = {name for name in found if not name.startswith(SPEAK_TO_STRIPE)}
    assert others == set()
    assert found


def test_every_module_says_its_subject_first():
    """An empty file has none to say."""
    silent = [name for name, text in python() if text.strip() and not _docstring(text)]
    assert silent == []


def _docstring(text):
    first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    return first.endswith((".", ":", "?", "…"))


def test_no_module_is_a_drawer_for_anything():
    drawers = {"utils", "util", "helpers", "helper", "common", "managers", "signals", "misc"}
    assert [name for name, _text in python() if Path(name).stem in drawers] == []
    assert [path for path in tracked() if drawers & set(path.relative_to(ROOT).parts[:-1])] == []


SILENCED = re.compile(
    r"#\s*(?P<what>noqa\b(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore(?:\[[\w, -]+\])?)"
    r"(?P<reason>.*)"
)


def unexplained(text):
    """Comments that silence a check, without a reason beside them, above them, or given before.

    In a run of lines that silence the same check, three apart at most, the first says why.
    """
    lines = text.splitlines()
    explained = {}
    for number, comment in comments(text):
        if not (hit := SILENCED.search(comment)):
            continue
        beside = re.search(r"[a-z]{3}", hit["reason"])
        above = lines[number - 2].lstrip().startswith("#") if number > 1 else False
        before = number - explained.get(hit["what"], -9) <= 3
        if beside or above or before:
            explained[hit["what"]] = number
        else:
            yield f"{number}: {comment}"


def test_whoever_silences_a_check_says_why():
    assert [f"{name}:{found}" for name, text in python() for found in unexplained(text)] == []


def test_a_silenced_check_without_a_reason_is_seen():
    bare = "import os  # no" + "qa: F401\n"
    assert list(unexplained(bare))
    assert not list(unexplained("# registers what it finds\n" + bare))
    assert not list(unexplained(bare.strip() + "  (registers what it finds)\n" + bare))


def test_a_long_file_has_a_reason():
    by_tool = re.compile(r"/migrations/|^package-lock\.json$")
    long = {
        name
        for name, text in texts()
        if text.count("\n") > (LONG_TEST if name.startswith("tests/") else LONG)
        and not by_tool.search(name)
    }
    assert long - set(MAY_BE_LONG) == set()


def test_the_gate_opens_to_nobody_by_being_imported():
    assert (ROOT / "memberships/gate/__init__.py").read_text().strip() == ""


def test_every_migration_can_be_undone():
    found = []
    for name, text in texts(".py"):
        if "/migrations/" not in name:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            back = {"RunPython": "reverse_code", "RunSQL": "reverse_sql"}.get(
                ast.unparse(node.func).rpartition(".")[2]
            )
            named = {keyword.arg for keyword in node.keywords}
            if back and len(node.args) < 2 and back not in named:
                found.append(f"{name}:{node.lineno}: no {back}")
    assert found == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/operating.md"])
def test_every_command_that_a_page_names_is_a_target(page):
    targets = set(re.findall(r"^([\w.-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    command = re.compile(r"(?:`|^\s*(?:\$ )?|&& )make ([a-z.][\w.-]*)", re.MULTILINE)
    named = set(command.findall((ROOT / page).read_text()))
    assert named <= targets
    assert page == "docs/operating.md" or {"run", "test"} <= named


def test_links_between_pages_lead_somewhere():
    dead = [
        f"{name}: {target}"
        for name, text in texts(".md")
        for target in re.findall(r"\]\(([^)#\s]+)", text)
        if not re.match(r"[a-z]+:", target) and not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert dead == []


def test_pages_speak_of_nothing_that_is_not_here():
    """Documentation stands by itself: no path beside the repository, no number of a tracker."""
    found = [
        f"{name}: {hit[0]}"
        for name, text in texts(".md")
        if (hit := re.search(r"\.\./shared/(?!data)|/work/|\bissue #?\d", text))
    ]
    assert found == []
