"""The house rules, each broken once: a copy of the code gets violations planted, all must be seen.

What is demanded is written down here a second time, from the design and not from pyproject.toml, so
that a contract that was loosened there is noticed. Each rule is broken in every way it names: every
room imports every room above it, and so on. All are planted at once, and `lint-imports` must name
each by contract and by import; then one of each kind is planted alone and must be enough.
"""

import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINT = Path(sys.executable).with_name("lint-imports")
APPS = ("meetings", "memberships")

# Top to bottom. Neighbours on one line do not know each other.
ROOMS = {
    "meetings": [
        ["intake", "data", "front"],
        ["reader"],
        ["alerts"],
        ["search"],
        ["clips"],
        ["articles"],
        ["transcripts"],
        ["media"],
        ["records"],
    ],
    "memberships": [
        ["member"],
        ["payments"],
        ["refunds"],
        ["gate.middleware", "gate.pages"],
        ["gate.entitlement"],
        ["purchases"],
        ["accounts"],
        ["gateway", "sandbox", "gate.audience"],
    ],
}
REGISTERS = [["urls", "admin", "tasks"], ["models"]]  # at an app's root, above all rooms
INSIDE = [
    ["urls"],
    ["views", "admin"],
    ["forms"],
    ["services"],
    ["tasks"],
    ["words"],  # stands for the modules that are named for a room's work
    ["queries"],
    ["models"],
]
PLAIN_ROOMS = [
    f"{app}.{room}"
    for app, lines in ROOMS.items()
    for room in itertools.chain(*lines)
    if not room.startswith("gate.")
]

OF_MEETINGS = "Rooms of meetings: every arrow points down"
OF_MEMBERSHIPS = "Rooms of memberships: every arrow points down"
GATE = "The gate: middleware and pages above entitlement above audience"
PARTS = "The gate's small parts know no room"
INSIDE_A_ROOM = "Inside a room: urls, views, forms, services, tasks, work, queries, models"
DOOR = "The door: meetings know of memberships only the gate"
MEMBERSHIPS = "Memberships know nothing of meetings"
STRIPE = "Stripe's SDK has one door"
SANDBOX = "The sandbox starts without Django and knows no door to Stripe"
SITE = "Apps know nothing of the site but the outbox"
OUTBOX = "The outbox knows neither app"


class Plant(NamedTuple):
    """An import that must not be, and the contract that must say so."""

    contract: str
    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


class Stranger(NamedTuple):
    """A module that nobody gave a place, and the contract that must say so."""

    contract: str
    module: str


def upward(lines: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Every pair (importer, imported) that the lines forbid: upward, and between neighbours."""
    for number, line in enumerate(lines):
        yield from itertools.permutations(line, 2)
        for higher in itertools.chain(*lines[:number]):
            for lower in line:
                yield lower, higher


def between_rooms() -> Iterator[Plant]:
    for app, contract in (("meetings", OF_MEETINGS), ("memberships", OF_MEMBERSHIPS)):
        for lower, higher in upward([*REGISTERS, *ROOMS[app]]):
            if not (lower.startswith("gate.") and higher.startswith("gate.")):
                yield Plant(contract, f"{app}.{lower}", f"{app}.{higher}")
    for room in ("member", "payments", "refunds"):
        yield Plant(OF_MEMBERSHIPS, "memberships.gate.checks", f"memberships.{room}")


def inside_the_gate() -> Iterator[Plant]:
    for lower, higher in upward([["checks", "middleware", "pages"], ["entitlement"], ["audience"]]):
        yield Plant(GATE, f"memberships.gate.{lower}", f"memberships.gate.{higher}")
    parts = ("problems", "routes", "shelf", "audience")
    rooms = ("member", "payments", "refunds", "purchases", "accounts", "gateway", "sandbox")
    for part, room in itertools.product(parts, rooms):
        yield Plant(PARTS, f"memberships.gate.{part}", f"memberships.{room}")


def inside_rooms() -> Iterator[Plant]:
    for room, (lower, higher) in itertools.product(PLAIN_ROOMS, upward(INSIDE)):
        yield Plant(INSIDE_A_ROOM, f"{room}.{lower}", f"{room}.{higher}")


def between_apps() -> Iterator[Plant]:
    for room in itertools.chain(*ROOMS["meetings"]):
        for beyond in ("models", "purchases", "accounts", "payments.services", "gate.middleware"):
            yield Plant(DOOR, f"meetings.{room}", f"memberships.{beyond}")
        yield Plant(SITE, f"meetings.{room}", "portal.site.models")
    for room in itertools.chain(*ROOMS["memberships"]):
        yield Plant(MEMBERSHIPS, f"memberships.{room}", "meetings.records")
        yield Plant(MEMBERSHIPS, f"memberships.{room}", "meetings.models")
        yield Plant(SITE, f"memberships.{room}", "portal.site.models")
    for app in APPS:
        for place in ("settings", "urls", "celery", "site", "embedded"):
            yield Plant(SITE, f"{app}.apps", f"portal.{place}")
        yield Plant(OUTBOX, "portal.post", f"{app}.models")
        yield Plant(OUTBOX, "portal.post", app)


def to_the_outside() -> Iterator[Plant]:
    for room in PLAIN_ROOMS:
        if room != "memberships.gateway":
            yield Plant(STRIPE, f"{room}.queries", "stripe")
    for place in ("settings", "site.views", "post"):
        yield Plant(STRIPE, f"portal.{place}", "stripe")
    for beyond in ("django", "memberships.gateway"):
        yield Plant(SANDBOX, "memberships.sandbox.queries", beyond)


PLANTS = [
    *between_rooms(),
    *inside_the_gate(),
    *inside_rooms(),
    *between_apps(),
    *to_the_outside(),
]
STRANGERS = [
    Stranger(OF_MEETINGS, "meetings.novelty"),
    Stranger(OF_MEMBERSHIPS, "memberships.novelty"),
    Stranger(GATE, "memberships.gate.novelty"),
    *(Stranger(INSIDE_A_ROOM, f"{room}.novelty") for room in PLAIN_ROOMS),
]
ALONE = {plant.contract: plant for plant in PLANTS}  # one of each kind


class Report(NamedTuple):
    status: int
    broken: frozenset[str]
    named: frozenset[tuple[str, ...]]  # (contract, importer, imported), (contract, module)


class House:
    """A copy of the code, with violations planted into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "pyproject.toml", folder)
        for package in ("portal", *APPS):
            for path in (ROOT / package).rglob("*.py"):
                copy = folder / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)

    def module(self, name: str) -> Path:
        """The file of a module; one that is not there is made, with its packages."""
        path = self.folder.joinpath(*name.split("."))
        if path.is_dir():
            return path / "__init__.py"
        if not path.with_suffix(".py").exists():
            path.with_suffix(".py").write_text(f'"""{name}, planted."""\n')
        return path.with_suffix(".py")

    def plant(self, plant: Plant) -> None:
        if plant.imported.partition(".")[0] in {"portal", *APPS}:
            self.module(plant.imported)
        with self.module(plant.importer).open("a") as file:
            file.write(f"\nimport {plant.imported}\n")

    def lint(self) -> Report:
        run = subprocess.run(
            [str(LINT), "--no-logo", "--no-cache"],
            cwd=self.folder,
            env={"COLUMNS": "1000", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.stdout, run.stderr
        broken: set[str] = set()
        named: set[tuple[str, ...]] = set()
        verdicts, _, details = run.stdout.partition("Broken contracts\n")
        for line in verdicts.splitlines():
            if verdict := re.fullmatch(r"(.+) BROKEN(?: \(.*\))?\s*", line):
                broken.add(verdict[1])
        contract = ""
        for line in map(str.rstrip, details.splitlines()):
            if line in broken:
                contract = line
            elif chain := re.fullmatch(r"\s*-\s+([\w.]+) -> ([\w.]+) \(.*\)", line):
                named.add((contract, chain[1], chain[2]))
            elif stranger := re.fullmatch(r"\s*-\s+([\w.]+)", line):
                named.add((contract, stranger[1]))
        return Report(run.returncode, frozenset(broken), frozenset(named))


@pytest.fixture(scope="module")
def all_planted(tmp_path_factory: pytest.TempPathFactory) -> Report:
    house = House(tmp_path_factory.mktemp("house"))
    for plant in PLANTS:
        house.plant(plant)
    for stranger in STRANGERS:
        house.module(stranger.module)
    return house.lint()


def test_the_house_as_it_stands_keeps_its_contracts(tmp_path: Path) -> None:
    assert House(tmp_path).lint() == Report(0, frozenset(), frozenset())


@pytest.mark.parametrize("contract", ALONE)
def test_every_forbidden_import_is_named(contract: str, all_planted: Report) -> None:
    missed = [
        str(plant)
        for plant in PLANTS
        if plant.contract == contract and tuple(plant) not in all_planted.named
    ]
    assert missed == []


def test_every_module_without_a_place_is_named(all_planted: Report) -> None:
    missed = [who.module for who in STRANGERS if tuple(who) not in all_planted.named]
    assert missed == []


@pytest.mark.parametrize("plant", ALONE.values(), ids=str)
def test_one_forbidden_import_alone_is_enough(plant: Plant, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.plant(plant)
    report = house.lint()
    assert report.status == 1
    assert plant.contract in report.broken
    assert tuple(plant) in report.named


def test_what_the_design_allows_breaks_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    for app in APPS:
        house.plant(Plant("", f"{app}.tasks", "portal.post"))
    for part in ("audience", "entitlement", "pages"):
        house.plant(Plant("", "meetings.records", f"memberships.gate.{part}"))
    for app, lines in ROOMS.items():
        for higher, lower in itertools.pairwise(lines):
            house.plant(Plant("", f"{app}.{higher[0]}", f"{app}.{lower[0]}"))
    assert house.lint() == Report(0, frozenset(), frozenset())


def test_rules_inside_a_room_hold_in_every_room() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    inside = next(one for one in contracts["contracts"] if one["name"] == INSIDE_A_ROOM)
    folders = {
        f"{path.parent.name}.{path.name}"
        for app in APPS
        for path in (ROOT / app).iterdir()
        if (path / "__init__.py").exists()
        and path.name not in {"gate", "migrations", "management", "templatetags"}
    }
    assert set(inside["containers"]) == folders == set(PLAIN_ROOMS)
